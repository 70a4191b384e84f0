"""One stop for a whole run: nothing begins after it, and every call that is under way is canceled.

Pulled by a signal (Ctrl-C, a drained node), by a cancel in Prefect, or by a supervisor that has died. A
service whose caller goes away saves its checkpoint by itself.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import grpc

from isogloss.errors import Stopped


class Stop:
    """Thread-safe. `why` says who pulled it, "" while nobody has."""

    def __init__(self) -> None:
        self.why = ""
        self._lock = threading.Lock()
        self._calls: set[Any] = set()

    def pull(self, why: str) -> None:
        """Stop. The first reason stays."""
        with self._lock:
            self.why = self.why or why
            calls = list(self._calls)
        for call in calls:
            call.cancel()

    def check(self) -> None:
        """Raise `Stopped` once it has been pulled."""
        if self.why:
            raise Stopped(self.why)

    def streaming(self, method: Callable[..., Any]) -> Callable[..., Iterator[Any]]:
        """A method of a stub whose answers are a stream, so that its calls end with the run."""

        def started(request: Any, **options: Any) -> Iterator[Any]:
            with self._watched(lambda: method(request, **options)) as call:
                yield from call

        return started

    def unary(self, method: Any) -> Callable[..., Any]:
        """The same for a method with one answer."""

        def called(request: Any, **options: Any) -> Any:
            with self._watched(lambda: method.future(request, **options)) as call:
                try:
                    return call.result()
                except grpc.FutureCancelledError:
                    raise Stopped(self.why) from None

        return called

    @contextmanager
    def _watched(self, start: Callable[[], Any]) -> Iterator[Any]:
        with self._lock:
            self.check()
            call = start()
            self._calls.add(call)
        try:
            yield call
        finally:
            with self._lock:
                self._calls.discard(call)


@contextmanager
def on_signals(stop: Stop) -> Iterator[None]:
    """Pull on SIGTERM and SIGINT; outside of the main thread, where Python handles no signals, nothing
    changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def pulled(number: int, _: object) -> None:
        # In a thread: the lock may be held by the very code that the signal interrupted.
        threading.Thread(target=stop.pull, args=(signal.Signals(number).name,), daemon=True).start()

    before = {number: signal.signal(number, pulled) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def on_condition(stop: Stop, looks: Callable[[], str], every_s: float) -> Iterator[None]:
    """Pull when `looks()`, asked every so many seconds in a thread, gives a reason."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(every_s):
            reason = looks()
            if reason:
                stop.pull(reason)
                return

    thread = threading.Thread(target=watch, name="stop-watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
