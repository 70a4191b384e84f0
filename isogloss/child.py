"""The child's side of work in a process of its own: `python -m isogloss.child services.trainer.worker`.

The parent (`isogloss.parent`) says jobs, stop requests and pings on stdin, in JSON lines; events go back on a
pipe that is nothing else's, so that what a library prints cannot get between them. The module that is named
is loaded while stdin is being read: when the parent dies, the child leaves at once, in mid-import too.

    def main() -> None:
        child.serve({"train": train}, version_of("services.trainer.worker", libraries=("torch",)))
"""

import json
import logging
import os
import queue
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from importlib import import_module
from typing import Any

from isogloss import scratch, telemetry
from isogloss.code_version import CodeVersion
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
from isogloss.settings import settings

log = logging.getLogger(__name__)

Json = dict[str, Any]
Handler = Callable[[Json, "Reporter"], Json]

_PLAIN_ERRORS: dict[str, type[IsoglossError]] = {
    error.reason: error
    for error in (DataLoss, Denied, Failed, NotFound, StorageFull, Unavailable, Unimplemented)
}


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


_channel: "_Channel | None" = None


class _Channel:
    """The child's side of both pipes, from its first moment on, while the libraries load."""

    def __init__(self, events: int) -> None:
        os.set_inheritable(events, False)  # programs that the work starts must not hold it open
        self._events = os.fdopen(events, "w", encoding="utf-8")
        self._lock = threading.Lock()
        self.jobs: queue.Queue[tuple[Json, Reporter]] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def write(self, message: Json) -> None:
        """Tell the parent."""
        with self._lock, suppress(BrokenPipeError):  # the parent is gone, which `_read` sees, too
            self._events.write(json.dumps(message, ensure_ascii=False) + "\n")
            self._events.flush()

    def _read(self) -> None:
        current: Reporter | None = None
        for line in sys.stdin:
            message = json.loads(line)
            if "ping" in message:
                self.write({"event": "pong"})
            elif "stop" in message:
                if current is not None:
                    current.request_stop()
            else:
                current = Reporter(self.write)
                self.jobs.put((message, current))
        # The parent is gone: nobody wants the result, and an accelerator must not work for nobody.
        os._exit(0)


def serve(handlers: Mapping[str, Handler], version: CodeVersion) -> None:
    """The child's main loop: say what is loaded, then run jobs one after the other until stdin ends. The
    module's `main` calls it.
    """
    channel = _channel
    if channel is None:
        raise RuntimeError("not a child: start it with `python -m isogloss.child`")
    channel.write({"event": "hello", "version": asdict(version)})
    while True:
        message, reporter = channel.jobs.get()
        try:
            with telemetry.span(message["job"], message["trace"], key=message["request"].get("key", "")):
                result = handlers[message["job"]](message["request"], reporter)
            channel.write({"event": "result", "result": result})
        except Stopped:
            channel.write({"event": "stopped"})
        except IsoglossError as error:
            channel.write({"event": "error", "error": error_to_json(error)})
        except Exception as error:
            log.exception("job failed")
            known = when_full(error) or IsoglossError("internal error; see the worker's log")
            channel.write({"event": "error", "error": error_to_json(known)})


def main(module: str, events: int) -> None:
    """Be a child: listen to the parent, then load and run `module`."""
    global _channel
    _channel = _Channel(events)
    scratch.sweep()
    telemetry.configure(module, settings().otlp_endpoint)
    import_module(module).main()


def error_to_json(error: IsoglossError) -> Json:
    """An error as it crosses the pipe."""
    return {"reason": error.reason, "message": error.message, "metadata": error.metadata}


def error_from_json(error: Json) -> IsoglossError:
    """The same error again."""
    reason, metadata = error["reason"], error["metadata"]
    if reason == InvalidInput.reason:
        return InvalidInput(metadata["field"], metadata["problem"], metadata["fix"])
    kind = _PLAIN_ERRORS.get(reason)
    return (
        kind(error["message"], **metadata)
        if kind is not None
        else IsoglossError(error["message"], **metadata)
    )


if __name__ == "__main__":
    from isogloss import child  # not `__main__`: the module that is loaded asks this one for its channel

    child.main(sys.argv[1], int(sys.argv[2]))
