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

from isogloss.errors import Busy, IsoglossError, Retryable
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


class CallInterceptor(grpc.ServerInterceptor):
    """Wraps each handler, unary or streaming; more than `max_calls` at once are refused with the time to
    wait, which gRPC's own limit (`maximum_concurrent_rpcs`) does not tell.
    """

    def __init__(self, max_calls: int) -> None:
        self._slots = threading.BoundedSemaphore(max_calls)

    def intercept_service(self, continuation: Callable[[Any], Any], handler_call_details: Any) -> Any:
        """Wrap our own methods; health and reflection pass as they are."""
        handler = continuation(handler_call_details)
        method: str = handler_call_details.method
        if handler is None or method.startswith("/grpc."):
            return handler
        wrap = _streaming if handler.response_streaming else _unary
        for shape in ("unary_unary", "unary_stream", "stream_unary", "stream_stream"):
            behavior = getattr(handler, shape)
            if behavior is not None:
                make = getattr(grpc, f"{shape}_rpc_method_handler")
                return make(
                    wrap(method, behavior, self._slots),
                    handler.request_deserializer,
                    handler.response_serializer,
                )
        raise TypeError(f"{method} has no behavior")


def _unary(
    method: str, inner: Callable[[Any, grpc.ServicerContext], Any], slots: threading.BoundedSemaphore
) -> Callable[..., Any]:
    def behavior(request: Any, context: grpc.ServicerContext) -> Any:
        with _Call(method, context), _slot(slots):
            return inner(request, context)

    return behavior


def _streaming(
    method: str,
    inner: Callable[[Any, grpc.ServicerContext], Iterator[Any]],
    slots: threading.BoundedSemaphore,
) -> Callable[..., Any]:
    def behavior(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        with _Call(method, context), _slot(slots):
            for event in inner(request, context):
                _LAST_EVENT.labels(method).set_to_current_time()
                yield event

    return behavior


@contextmanager
def _slot(slots: threading.BoundedSemaphore) -> Iterator[None]:
    if not slots.acquire(blocking=False):
        raise Busy("all calls that this server takes at once are under way", _RETRY_AFTER_S)
    try:
        yield
    finally:
        slots.release()


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
        if error is None or isinstance(error, GeneratorExit):
            self._count("OK" if self._context.is_active() else "CANCELLED", seconds)
            return
        if isinstance(error, grpc.RpcError):  # the caller's stream of requests broke off
            self._count("CANCELLED", seconds)
            return
        if isinstance(error, IsoglossError):
            status = to_status(error)
            self._count(error.reason, seconds, error.message, quiet=isinstance(error, Retryable))
        else:
            name, status = incident()
            log.error("incident", exc_info=error, extra={"incident": name, "method": self._method})
            self._count("INTERNAL", seconds, name)
        if isinstance(error, Exception):
            self._context.abort_with_status(rpc_status.to_status(status))

    def _count(self, code: str, seconds: float, detail: str = "", quiet: bool = False) -> None:
        _CALLS.labels(self._method, code).inc()
        level = logging.DEBUG if quiet else logging.INFO
        log.log(
            level,
            "call",
            extra={"method": self._method, "code": code, "s": round(seconds, 3), "detail": detail},
        )
