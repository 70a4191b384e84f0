"""Calling a service: deadlines, patience, progress.

Two shapes, as on the server: `call` for short calls, `work` for long ones. Both try again where the server
says when (`Busy`, by its RetryInfo) and while it is away, since every call is safe to repeat: the same
request has the same key. All else is an error at once, gRPC's own limits included.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import grpc

from isogloss.artifact.v1 import artifact_pb2
from isogloss.channel import connect, connect_async
from isogloss.errors import IsoglossError, NotFound, Unavailable
from isogloss.keys import ONLY_EXISTING
from isogloss.patience import Patience
from isogloss.settings import settings
from isogloss.status import from_rpc_error

__all__ = ["Found", "call", "call_async", "connect", "connect_async", "existing", "work"]

Request = TypeVar("Request")
Response = TypeVar("Response")
OnProgress = Callable[[artifact_pb2.Progress], None]


def call(
    method: Callable[..., Response],
    request: Request,
    *,
    timeout_s: float | None = None,
    patience_s: float | None = None,
    total_s: float | None = None,
) -> Response:
    """A unary call. `timeout_s` bounds each try, `patience_s` the waiting for a service that is down, and
    `total_s` all of it, waiting for a busy one included; without it that is the deadline of long work.
    """
    patience, deadline = _bounds(method, timeout_s, patience_s, total_s)
    while True:
        try:
            response = method(request, timeout=min(deadline, patience.left_s()))
            patience.restart()
            return response
        except grpc.RpcError as error:
            time.sleep(patience.pause_s(from_rpc_error(error)))


async def call_async(
    method: Callable[..., Any],
    request: Request,
    *,
    timeout_s: float | None = None,
    patience_s: float | None = None,
    total_s: float | None = None,
) -> Any:
    """The same without blocking the loop. The call ends with its caller: it is canceled in so many words,
    since grpcio lets one that is only dropped run on (grpcio 1.83 and later, grpc#43360).
    """
    patience, deadline = _bounds(method, timeout_s, patience_s, total_s)
    while True:
        under_way = method(request, timeout=min(deadline, patience.left_s()))
        try:
            response = await under_way
            patience.restart()
            return response
        except grpc.RpcError as error:
            pause_s = patience.pause_s(from_rpc_error(error))
        finally:
            under_way.cancel()
        await asyncio.sleep(pause_s)


def _bounds(
    method: Any, timeout_s: float | None, patience_s: float | None, total_s: float | None
) -> tuple[Patience, float]:
    total = total_s if total_s is not None else settings().work_timeout_s
    deadline = timeout_s if timeout_s is not None else settings().call_timeout_s
    return Patience(method, patience_s, total), deadline


def work(
    method: Callable[..., Iterator[Any]],
    request: Request,
    on_progress: OnProgress = lambda progress: None,
    *,
    timeout_s: float | None = None,
    patience_s: float | None = None,
) -> Any:
    """A long call: feeds `on_progress` and returns the `result` of the stream.

    A stream that breaks is called again and goes on from the work's last checkpoint. Progress restarts the
    patience: only a service that stays away for `patience_s` at a stretch is given up. A busy one is waited
    for.
    """
    patience = Patience(method, patience_s, timeout_s if timeout_s is not None else settings().work_timeout_s)
    result = None
    while True:
        try:
            # Read to the stream's end: to leave at the result is to cancel, and the server would log that.
            for event in method(request, timeout=patience.left_s()):
                patience.restart()
                if event.WhichOneof("event") == "result":
                    result = event.result
                else:
                    on_progress(event.progress)
            problem: IsoglossError = Unavailable("the stream ended without a result")
        except grpc.RpcError as error:
            problem = from_rpc_error(error)
        if result is not None:
            return result
        time.sleep(patience.pause_s(problem))


@dataclass(frozen=True)
class Found:
    """Where work is stored, as `<kind>/<key>`, and its result, None when it has not been computed."""

    key: str
    result: Any


def existing(method: Callable[..., Iterator[Any]], request: Request, *, patience_s: float = 5) -> Found:
    """Ask a long call for what is there already; the service makes the key and computes nothing."""
    try:
        result = work(partial(method, metadata=((ONLY_EXISTING, ""),)), request, patience_s=patience_s)
    except NotFound as error:
        if "key" not in error.metadata:
            raise
        return Found(error.metadata["key"], None)
    return Found("/".join(result.record.manifest.uri.split("/")[-3:-1]), result)
