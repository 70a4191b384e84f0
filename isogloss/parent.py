"""Work in a child process: the server stays small and alive whatever the work does to the process that
carries it.

A server that fine-tunes models must not die of an out-of-memory, so it never imports torch. The work runs in
one child, which is kept between jobs (imports cost seconds) and spoken to in JSON lines (`isogloss.child`).
No pickle, no shared memory, nothing that a crash can leave locked.

    parent                                             child: python -m isogloss.child services.trainer.worker
    Child("services.trainer.worker").run(job, …)  ──▶  serve({"train": handler}) → handler(request, Reporter)

The child's first word is the version of what it has loaded. If it dies, or answers no ping, the job fails
with `Unavailable` (trying again can succeed) and the next job gets a new child.
"""

import json
import logging
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import IO

from isogloss import telemetry
from isogloss.artifacts import Artifact
from isogloss.attempt import Attempt, Compute, Progress
from isogloss.child import Json, error_from_json
from isogloss.code_version import CodeVersion, sources
from isogloss.errors import Stopped, Unavailable

log = logging.getLogger(__name__)

_STOP_POLL_S = 0.1  # how soon a caller's leaving is noticed while the child is silent
_STOP_LIMIT_S = 300.0  # a child that was told to stop saves at most a checkpoint
_PING_EVERY_S = 5.0
_SILENT_S = 60.0  # a child that has said nothing for so long, pinged, hangs
_IMPORTS_S = 300.0  # what loading the libraries may take, on a cold and busy disk


class Child:
    """The parent's side: at most one child process, one job at a time. Thread-safe; jobs queue on a lock."""

    def __init__(self, module: str, environment: Mapping[str, str] | None = None) -> None:
        """`environment` replaces the child's whole environment when given; otherwise it inherits the
        parent's.
        """
        self._module = module
        self._environment = dict(environment) if environment is not None else None
        self._busy = threading.Lock()
        self._starting = threading.Lock()
        self._process: _Process | None = None
        self._closed = False

    @property
    def pid(self) -> int | None:
        """Process id of the living child, None when there is none."""
        process = self._process
        return process.pid if process is not None and process.alive else None

    def warm(self) -> None:
        """Start the child, so that its imports are done before the first job."""
        self._living()

    def version(self) -> CodeVersion:
        """What the living child has loaded, once it has; a dead one is started anew. Raises `Unavailable`."""
        return self._living().hello(lambda: False)

    def healthy(self) -> bool:
        """Whether the child has loaded and answers. One that hangs is killed, one that died started again."""
        process = self._living()
        answers = process.look()
        if not answers:
            log.error("child hangs", extra={"child_module": self._module, "child_pid": process.pid})
            process.kill()
        return answers and process.loaded

    def run(
        self,
        job: str,
        request: Json,
        on_progress: Callable[[Json], None],
        stop: Callable[[], bool],
    ) -> Json:
        """Run one job and return its result.

        `stop` is polled: once it returns True the child is told, and finishes at its next safe point; one
        that is not there yet, or does not get there, is ended.

        Raises:
            Stopped: the job was stopped.
            Unavailable: the child died (killed, out of memory).
            IsoglossError: what the handler raised.
        """
        with self._busy:
            process = self._living()
            try:
                process.hello(stop)
                process.send({"job": job, "request": request, "trace": telemetry.carried()})
            except Stopped:
                process.kill()  # it still loads its libraries: nothing is lost
                raise
            told_at: float | None = None
            while True:
                if told_at is None and stop():
                    process.send({"stop": True})
                    told_at = time.monotonic()
                if told_at is not None and time.monotonic() > told_at + _STOP_LIMIT_S:
                    process.kill()
                try:
                    event = process.events.get(timeout=_STOP_POLL_S)
                except queue.Empty:
                    continue
                if event is None:
                    raise process.died()
                match event["event"]:
                    case "progress":
                        on_progress(event["progress"])
                    case "result":
                        return dict(event["result"])
                    case "stopped":
                        raise Stopped
                    case "error":
                        raise error_from_json(event["error"])

    def close(self, patience_s: float = 5) -> None:
        """End the child: the end of its stdin tells it to leave, and a kill follows if it does not."""
        with self._starting:
            self._closed = True
            process = self._process
            self._process = None
        if process is not None:
            process.close(patience_s)

    def _living(self) -> "_Process":
        with self._starting:
            if self._closed:
                raise Unavailable("this server is shutting down", 1)
            if self._process is None or not self._process.alive:
                self._process = _Process(self._module, self._environment)
            return self._process


class _Process:
    """One child process, from its start to its end."""

    def __init__(self, module: str, environment: Mapping[str, str] | None) -> None:
        self._module = module
        self._sources = sources(module)  # before it reads them: compared with what it says that it has read
        self.events: queue.Queue[Json | None] = queue.Queue()
        self._version: CodeVersion | None = None
        self._loaded = threading.Event()  # set at the end, too
        self._ended = False
        self._started = self._heard = self._pinged = time.monotonic()
        self._writing = threading.Lock()
        reading_end, writing_end = os.pipe()
        try:
            self._popen = subprocess.Popen(
                [sys.executable, "-m", "isogloss.child", module, str(writing_end)],
                stdin=subprocess.PIPE,
                stdout=sys.stderr.fileno(),
                pass_fds=[writing_end],
                text=True,
                env=environment,
            )
        finally:
            os.close(writing_end)
        stream = os.fdopen(reading_end, encoding="utf-8", errors="replace")
        threading.Thread(target=self._read, args=(stream,), daemon=True).start()
        log.info("child started", extra={"child_module": module, "child_pid": self.pid})

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._popen.pid

    @property
    def alive(self) -> bool:
        """Whether it runs and can be heard."""
        return self._popen.poll() is None and not self._ended

    @property
    def loaded(self) -> bool:
        """Whether it has said hello."""
        return self._version is not None

    def hello(self, stop: Callable[[], bool]) -> CodeVersion:
        """What it has loaded, once it has. Raises `Stopped`, or `Unavailable` when it ends before."""
        while not self._loaded.wait(_STOP_POLL_S):
            if stop():
                raise Stopped
            if not self.look():
                self.kill()
        if self._version is None:
            raise self.died()
        return self._version

    def look(self) -> bool:
        """Whether it can still be believed to work; asks it, when it has been silent for a while."""
        now = time.monotonic()
        if self._version is None:
            return now < self._started + _IMPORTS_S
        if now > max(self._heard, self._pinged) + _PING_EVERY_S and self._writing.acquire(blocking=False):
            try:
                self._pinged = now
                self._write({"ping": True})
            finally:
                self._writing.release()
        return now < self._heard + _SILENT_S

    def send(self, message: Json) -> None:
        """Say something to it; `Unavailable` when it is dead."""
        with self._writing:
            if not self._write(message):
                raise self.died()

    def kill(self) -> None:
        """End it at once."""
        self._popen.kill()

    def died(self) -> Unavailable:
        """How it ended, as an error."""
        self._popen.kill()  # one that can no longer be heard, but runs
        code = self._popen.wait()
        log.warning("child died", extra={"child_module": self._module, "exit_code": code})
        return Unavailable(
            f"the worker process ended with code {code}; the next attempt starts a new one",
            exit_code=str(code),
        )

    def close(self, patience_s: float) -> None:
        """Tell it to leave, and kill it if it does not."""
        if self._popen.stdin is not None:
            with suppress(OSError):  # the pipe of a dead child
                self._popen.stdin.close()
        try:
            self._popen.wait(patience_s)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()

    def _write(self, message: Json) -> bool:
        assert self._popen.stdin is not None
        try:
            self._popen.stdin.write(json.dumps(message, ensure_ascii=False) + "\n")
            self._popen.stdin.flush()
        except (OSError, ValueError):  # dead, or closed
            return False
        return True

    def _read(self, stream: IO[str]) -> None:
        """Pass its events on, and None at their end, be it the end of the pipe or a broken line."""
        try:
            with stream:
                for line in stream:
                    event = json.loads(line)
                    self._heard = time.monotonic()
                    if event["event"] == "hello":
                        self._greet(CodeVersion(**event["version"]))
                    elif event["event"] != "pong":
                        self.events.put(event)
        except (ValueError, KeyError, TypeError):
            log.warning("child broke off in mid-line", extra={"child_module": self._module})
            self._popen.kill()
        finally:
            self._ended = True
            self.events.put(None)
            self._loaded.set()

    def _greet(self, version: CodeVersion) -> None:
        if version.sources != self._sources:
            log.warning("sources changed while the child loaded", extra={"child_module": self._module})
            self._popen.kill()  # the next one loads what is there now
            return
        self._version = version
        self._loaded.set()


def carried_by(child: Child, name: str, request: Json) -> Compute:
    """A computation for `isogloss.work` that a child carries out.

    The child's handler gets `request` with `kind`, `key` and `attempt` to store files under, and answers
    `files` (artifacts by name), `result` (what the manifest keeps beside them) and `hardware`.
    """

    def compute(attempt: Attempt) -> Json:
        answer = child.run(
            name,
            {**request, "kind": attempt.job.kind, "key": attempt.job.key, "attempt": attempt.id},
            lambda measures: attempt.report(Progress(**measures)),
            attempt.stop.is_set,
        )
        for file_name, item in answer["files"].items():
            attempt.add(file_name, Artifact.from_json(item))
        attempt.hardware.update(answer["hardware"])
        return dict(answer["result"])

    return compute
