"""Work in a child process: the server stays small and alive whatever the work does to the process that
carries it.

A server that fine-tunes models must not die of an out-of-memory, and must answer cached keys in the first
second of its life; so it never imports torch. The work runs in one child, `python -m <module>`, which is kept
between jobs (imports cost seconds) and spoken to in JSON lines: jobs and stop requests on its stdin, events
on its stdout. No pickle, no shared memory, nothing that a crash can leave locked.

    parent                                             child
    Child("services.trainer.worker").run(job, …)  ──▶  serve({"train": handler}) → handler(request, Reporter)

If the child dies, the job fails with `Unavailable` (trying again can succeed) and the next job gets a new
child. If the parent dies, the child reads the end of its stdin and leaves at once.
"""

import json
import logging
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import IO, Any

from isogloss.artifacts import Artifact
from isogloss.disk import when_full
from isogloss.errors import (
    DataLoss,
    Denied,
    Failed,
    InvalidInput,
    IsoglossError,
    NotFound,
    Stopped,
    StorageFull,
    Unavailable,
    Unimplemented,
)
from isogloss.work import Attempt, Compute, Progress

log = logging.getLogger(__name__)

Json = dict[str, Any]
Handler = Callable[[Json, "Reporter"], Json]

_STOP_POLL_S = 0.1  # how soon a caller's leaving is noticed while the child is silent
_PLAIN_ERRORS: dict[str, type[IsoglossError]] = {
    error.reason: error
    for error in (DataLoss, Denied, Failed, NotFound, StorageFull, Unavailable, Unimplemented)
}


class Child:
    """The parent's side: at most one child process, one job at a time. Thread-safe; jobs queue on a lock."""

    def __init__(self, module: str, environment: Mapping[str, str] | None = None) -> None:
        """`environment` replaces the child's whole environment when given; otherwise it inherits the
        parent's.
        """
        self._module = module
        self._environment = dict(environment) if environment is not None else None
        self._busy = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._events: queue.Queue[Json | None] = queue.Queue()

    @property
    def pid(self) -> int | None:
        """Process id of the living child, None when there is none."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def warm(self) -> None:
        """Start the child, so that its imports are done before the first job."""
        with self._busy:
            self._ensure()

    def run(
        self,
        job: str,
        request: Json,
        on_progress: Callable[[Json], None],
        stop: Callable[[], bool],
    ) -> Json:
        """Run one job and return its result.

        `stop` is polled: once it returns True the child is told, and finishes at its next safe point.

        Raises:
            Stopped: the job was stopped.
            Unavailable: the child died (killed, out of memory).
            IsoglossError: what the handler raised.
        """
        with self._busy:
            process = self._ensure()
            self._send(process, {"job": job, "request": request})
            told = False
            while True:
                if not told and stop():
                    self._send(process, {"stop": True})
                    told = True
                try:
                    event = self._events.get(timeout=_STOP_POLL_S)
                except queue.Empty:
                    continue
                if event is None:
                    raise self._died(process)
                match event["event"]:
                    case "progress":
                        on_progress(event["progress"])
                    case "result":
                        return dict(event["result"])
                    case "stopped":
                        raise Stopped
                    case "error":
                        raise _error_from_json(event["error"])

    def close(self, patience_s: float = 5) -> None:
        """End the child: the end of its stdin tells it to leave, and a kill follows if it does not."""
        process = self._process
        if process is None:
            return
        self._process = None
        if process.stdin is not None:
            with suppress(OSError):  # the pipe of a dead child
                process.stdin.close()
        try:
            process.wait(patience_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _ensure(self) -> "subprocess.Popen[str]":
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._events = queue.Queue()
        self._process = subprocess.Popen(
            [sys.executable, "-m", self._module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=self._environment,
        )
        assert self._process.stdout is not None
        threading.Thread(target=_read_events, args=(self._process.stdout, self._events), daemon=True).start()
        log.info("child started", extra={"child_module": self._module, "child_pid": self._process.pid})
        return self._process

    def _send(self, process: "subprocess.Popen[str]", message: Json) -> None:
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(message, ensure_ascii=False) + "\n")
            process.stdin.flush()
        except OSError:
            raise self._died(process) from None

    def _died(self, process: "subprocess.Popen[str]") -> Unavailable:
        code = process.wait()
        self._process = None
        log.warning("child died", extra={"child_module": self._module, "exit_code": code})
        return Unavailable(
            f"the worker process ended with code {code}; the next attempt starts a new one",
            exit_code=str(code),
        )


def _read_events(stream: IO[str], events: "queue.Queue[Json | None]") -> None:
    """Pass the child's events on; None at the end of its stdout, which is its death."""
    for line in stream:
        events.put(json.loads(line))
    events.put(None)


class Reporter:
    """The child's side of a job: send progress, learn of a stop."""

    def __init__(self, write: Callable[[Json], None]) -> None:
        self._write = write
        self._stop = threading.Event()

    def progress(self, **measures: Any) -> None:
        """Send one progress event; any JSON."""
        self._write({"event": "progress", "progress": measures})

    def stopping(self) -> bool:
        """Has the parent asked to stop? Handlers look at every step and raise `Stopped` at a safe point."""
        return self._stop.is_set()

    def request_stop(self) -> None:
        """Called by the thread that reads stdin."""
        self._stop.set()


def serve(handlers: Mapping[str, Handler]) -> None:
    """The child's main loop: run jobs one after the other until stdin ends. Call it from `__main__`."""
    write = _take_over_stdout()
    jobs: queue.Queue[tuple[Json, Reporter]] = queue.Queue()
    threading.Thread(target=_read_jobs, args=(jobs, write), daemon=True).start()
    while True:
        message, reporter = jobs.get()
        try:
            result = handlers[message["job"]](message["request"], reporter)
            write({"event": "result", "result": result})
        except Stopped:
            write({"event": "stopped"})
        except IsoglossError as error:
            write({"event": "error", "error": _error_to_json(error)})
        except Exception as error:
            log.exception("job failed")
            known = when_full(error) or IsoglossError("internal error; see the worker's log")
            write({"event": "error", "error": _error_to_json(known)})


def _take_over_stdout() -> Callable[[Json], None]:
    """Keep the real stdout for events and send whatever libraries print to stderr."""
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    lock = threading.Lock()

    def write(message: Json) -> None:
        with lock:
            channel.write(json.dumps(message, ensure_ascii=False) + "\n")
            channel.flush()

    return write


def _read_jobs(jobs: "queue.Queue[tuple[Json, Reporter]]", write: Callable[[Json], None]) -> None:
    current: Reporter | None = None
    for line in sys.stdin:
        message = json.loads(line)
        if "stop" in message:
            if current is not None:
                current.request_stop()
            continue
        current = Reporter(write)
        jobs.put((message, current))
    os._exit(0)  # the parent is gone: nobody wants the result, and an accelerator must not work for nobody


def _error_to_json(error: IsoglossError) -> Json:
    return {"reason": error.reason, "message": error.message, "metadata": error.metadata}


def _error_from_json(error: Json) -> IsoglossError:
    reason, metadata = error["reason"], error["metadata"]
    if reason == InvalidInput.reason:
        return InvalidInput(metadata["field"], metadata["problem"], metadata["fix"])
    kind = _PLAIN_ERRORS.get(reason)
    return (
        kind(error["message"], **metadata)
        if kind is not None
        else IsoglossError(error["message"], **metadata)
    )


def carried_by(child: Child, name: str, request: Json) -> Compute:
    """A computation for `isogloss.work` that a child carries out.

    The child's handler gets `request` with the `attempt` to store files under, and answers `files` (artifacts
    by name), `result` (what the manifest keeps beside them) and `hardware`.
    """

    def compute(attempt: Attempt) -> Json:
        answer = child.run(
            name,
            {**request, "attempt": attempt.id},
            lambda measures: attempt.report(Progress(**measures)),
            attempt.stop.is_set,
        )
        for file_name, item in answer["files"].items():
            attempt.add(file_name, Artifact.from_json(item))
        attempt.hardware.update(answer["hardware"])
        return dict(answer["result"])

    return compute
