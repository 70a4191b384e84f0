"""What every call of every service goes through: errors become statuses, calls are counted, timed and
logged.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import grpc
from grpc_status import rpc_status
from prometheus_client import Counter, Gauge, Histogram

from isogloss import telemetry
from isogloss.errors import Busy, InvalidInput, IsoglossError, Retryable, Stopped
from isogloss.settings import Settings
from isogloss.status import incident, to_status

log = logging.getLogger(__name__)

_CALLS = Counter("isogloss_calls_total", "Finished calls", ["method", "code"])
_SECONDS = Histogram(
    "isogloss_call_seconds",
    "Duration of calls",
    ["method"],
    buckets=(0.001, 0.01, 0.1, 0.5, 2, 10, 60, 600, 3600),
)
_IN_FLIGHT = Gauge("isogloss_calls_in_flight", "Calls under way", ["method"])

_LAST_EVENT = Gauge(
    "isogloss_last_event_timestamp_seconds", "When long work last said how far it is, Unix time", ["method"]
)

_RETRY_AFTER_S = 0.2  # a short call is over by then
_REFLECTIONS = 4  # at once


class CallInterceptor(grpc.ServerInterceptor):
    """Wraps each handler, unary or streaming.

    More than `config.max_calls` at once are refused with the time to wait, which gRPC's own limit
    (`maximum_concurrent_rpcs`) does not tell. Of unary calls `at_once` run (0: all); one that would wait
    longer than `config.turn_wait_s` for its turn is refused, too. A stream of requests that says nothing for
    `config.idle_s` is ended; an answer of more than `config.max_message_bytes` is an error that says so.
    """

    def __init__(self, config: Settings, at_once: int = 0) -> None:
        self._config = config
        self._slots = threading.BoundedSemaphore(config.max_calls)
        self._reflections = threading.BoundedSemaphore(_REFLECTIONS)
        self._turns = threading.BoundedSemaphore(at_once or config.max_calls)
        self._idle = IdleWatch(config.idle_s)

    def intercept_service(self, continuation: Callable[[Any], Any], handler_call_details: Any) -> Any:
        """Wrap our own methods, and reflection, whose streams hold a thread each; health passes as it is."""
        handler = continuation(handler_call_details)
        method: str = handler_call_details.method
        if handler is None or method.startswith("/grpc.health."):
            return handler
        streams = (handler.request_streaming, handler.response_streaming)
        shape = "_".join("stream" if item else "unary" for item in streams)
        wrap = self._streaming if handler.response_streaming else self._unary
        behavior = wrap(method, getattr(handler, shape), handler.request_streaming)
        make = getattr(grpc, f"{shape}_rpc_method_handler")
        return make(behavior, handler.request_deserializer, handler.response_serializer)

    def _unary(self, method: str, inner: Callable[..., Any], requests_stream: bool) -> Callable[..., Any]:
        def behavior(request: Any, context: grpc.ServicerContext) -> Any:
            with self._call(method, context), self._admitted(method), self._turn(requests_stream):
                if requests_stream:
                    request = self._idle.watched(request, context)
                return self._bounded(inner(request, context))

        return behavior

    def _streaming(self, method: str, inner: Callable[..., Any], requests_stream: bool) -> Callable[..., Any]:
        def behavior(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
            with self._call(method, context), self._admitted(method):
                if requests_stream:
                    request = self._idle.watched(request, context)
                for event in inner(request, context):
                    _LAST_EVENT.labels(method).set_to_current_time()
                    yield self._bounded(event)

        return behavior

    @contextmanager
    def _call(self, method: str, context: grpc.ServicerContext) -> Iterator[None]:
        with telemetry.span(method, dict(context.invocation_metadata())), _Call(method, context):
            yield

    def _bounded(self, response: Any) -> Any:
        size, most = response.ByteSize(), self._config.max_message_bytes
        if size > most:
            problem = f"its answer would have {size} bytes, and a message {most} at most"
            raise InvalidInput("request", problem, "Ask for less in one call.")
        return response

    @contextmanager
    def _admitted(self, method: str) -> Iterator[None]:
        slots = self._reflections if method.startswith("/grpc.") else self._slots
        if not slots.acquire(blocking=False):
            raise Busy("all calls that this server takes at once are under way", _RETRY_AFTER_S)
        try:
            yield
        finally:
            slots.release()

    @contextmanager
    def _turn(self, requests_stream: bool) -> Iterator[None]:
        if requests_stream:  # which may be slow to come
            yield
            return
        if not self._turns.acquire(timeout=self._config.turn_wait_s):
            raise Busy(f"calls before this one take more than {self._config.turn_wait_s:g} s", _RETRY_AFTER_S)
        try:
            yield
        finally:
            self._turns.release()


class IdleWatch:
    """Ends calls whose stream of requests has said nothing for `limit_s`: each holds a thread."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._lock = threading.Lock()
        self._waiting: dict[int, tuple[float, grpc.ServicerContext]] = {}
        self._started = False

    def watched(self, requests: Iterator[Any], context: grpc.ServicerContext) -> Iterator[Any]:
        """The same requests."""
        while True:
            with self._lock:
                self._waiting[id(context)] = (time.monotonic() + self._limit_s, context)
                if not self._started:
                    self._started = True
                    threading.Thread(target=self._watch, name="idle", daemon=True).start()
            try:
                request = next(requests)
            except StopIteration:
                return
            finally:
                with self._lock:
                    del self._waiting[id(context)]
            yield request

    def _watch(self) -> None:
        while True:
            time.sleep(min(1.0, self._limit_s / 4))
            now = time.monotonic()
            with self._lock:
                late = [context for ends_at, context in self._waiting.values() if ends_at < now]
            for context in late:
                context.cancel()


class _Call:
    """One call's book-keeping; an exception inside it becomes the call's status."""

    def __init__(self, method: str, context: grpc.ServicerContext) -> None:
        self._method = method
        self._context = context

    def __enter__(self) -> None:
        self._start = time.monotonic()
        _IN_FLIGHT.labels(self._method).inc()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        seconds = time.monotonic() - self._start
        _IN_FLIGHT.labels(self._method).dec()
        _SECONDS.labels(self._method).observe(seconds)
        gone = None if self._context.is_active() else self._why_gone()
        if error is None or isinstance(error, GeneratorExit):
            self._count(gone or "OK", seconds)
            return
        if isinstance(error, (grpc.RpcError, Stopped)):  # requests broke off, or work ended with its caller
            self._count(gone or "CANCELLED", seconds)
            return
        if isinstance(error, IsoglossError) and gone:
            self._count(gone, seconds)
            return
        if isinstance(error, IsoglossError):
            status = to_status(error)
            # What is said of a field may quote it, and texts that users sent are not logged.
            detail = error.field if isinstance(error, InvalidInput) else error.message
            self._count(error.reason, seconds, detail, quiet=isinstance(error, Retryable))
        else:
            name, status = incident()
            log.error("incident", exc_info=error, extra={"incident": name, "method": self._method})
            self._count("INTERNAL", seconds, name)
        if isinstance(error, Exception):
            self._context.abort_with_status(rpc_status.to_status(status))

    def _why_gone(self) -> str:
        left_s = self._context.time_remaining()
        return "DEADLINE_EXCEEDED" if left_s is not None and left_s <= 0 else "CANCELLED"

    def _count(self, code: str, seconds: float, detail: str = "", quiet: bool = False) -> None:
        _CALLS.labels(self._method, code).inc()
        telemetry.note(code=code)
        level = logging.DEBUG if quiet else logging.INFO
        log.log(
            level,
            "call",
            extra={"method": self._method, "code": code, "s": round(seconds, 3), "detail": detail},
        )
