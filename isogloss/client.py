"""Calling a service: deadlines, patience, progress.

Two shapes, as on the server: `call` for short calls, `work` for long ones. Both try again on UNAVAILABLE and
RESOURCE_EXHAUSTED, since every call is safe to repeat: the same request has the same key.
"""

import json
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import grpc

from isogloss.artifact.v1 import artifact_pb2
from isogloss.errors import Busy, IsoglossError, NotFound, Retryable, Unavailable
from isogloss.keys import ONLY_EXISTING
from isogloss.settings import Settings, settings
from isogloss.status import from_rpc_error
from isogloss.tls import channel_credentials

Request = TypeVar("Request")
Response = TypeVar("Response")
OnProgress = Callable[[artifact_pb2.Progress], None]

log = logging.getLogger(__name__)

# A restart is not worth a line; a service that stays away for longer is.
_SAY_AFTER_S = 10

# One address at a time would leave the second trainer idle; names that resolve to several addresses are
# balanced.
_SERVICE_CONFIG = json.dumps({"loadBalancingConfig": [{"round_robin": {}}]})


def connect(target: str, config: Settings | None = None) -> grpc.Channel:
    """A channel to one service; `target` is a gRPC name, several addresses as `ipv4:host:port,host:port`."""
    config = config or settings()
    credentials = channel_credentials(config)
    if credentials is None:
        return grpc.insecure_channel(target, options=_options(config))
    return grpc.secure_channel(target, credentials, options=_options(config))


def connect_async(target: str, config: Settings | None = None) -> grpc.aio.Channel:
    """The same for the event loop that it is called in."""
    config = config or settings()
    credentials = channel_credentials(config)
    if credentials is None:
        return grpc.aio.insecure_channel(target, options=_options(config))
    return grpc.aio.secure_channel(target, credentials, options=_options(config))


def _options(config: Settings) -> list[tuple[str, str | int]]:
    return [
        ("grpc.service_config", _SERVICE_CONFIG),
        ("grpc.max_receive_message_length", config.max_message_bytes),
        ("grpc.max_send_message_length", config.max_message_bytes),
        ("grpc.keepalive_time_ms", 30_000),
        ("grpc.initial_reconnect_backoff_ms", 200),
        ("grpc.max_reconnect_backoff_ms", 3_000),
    ]


def call(
    method: Callable[..., Response],
    request: Request,
    *,
    timeout_s: float | None = None,
    patience_s: float | None = None,
) -> Response:
    """A unary call. `timeout_s` bounds each try, `patience_s` the waiting for a service that is down."""
    deadline = timeout_s if timeout_s is not None else settings().call_timeout_s
    patience = _Patience(patience_s)
    while True:
        try:
            return method(request, timeout=deadline)
        except grpc.RpcError as error:
            patience.wait(from_rpc_error(error))


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
    patience = _Patience(patience_s)
    ends_at = time.monotonic() + (timeout_s if timeout_s is not None else settings().work_timeout_s)
    result = None
    while True:
        try:
            # Read to the stream's end: to leave at the result is to cancel, and the server would log that.
            for event in method(request, timeout=max(0.0, ends_at - time.monotonic())):
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
        patience.wait(problem)


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


class _Patience:
    """Waits between tries: as told while the service is busy, ever longer while it is away, and not for
    ever.
    """

    def __init__(self, limit_s: float | None) -> None:
        self._limit_s = limit_s if limit_s is not None else settings().patience_s
        self.restart()

    def restart(self) -> None:
        """The service was there a moment ago."""
        self._away_since: float | None = None
        self._pause_s = 0.2
        self._told = False

    def wait(self, problem: IsoglossError) -> None:
        """Sleep until the next try, or raise `problem` when another try cannot help or has been awaited too
        long.
        """
        if not isinstance(problem, Retryable):
            raise problem
        if isinstance(problem, Busy):
            self.restart()
            time.sleep(min(problem.retry_after_s, 1.0))
            return
        now = time.monotonic()
        self._away_since = self._away_since or now
        if now - self._away_since + self._pause_s > self._limit_s:
            raise Unavailable(f"no answer within {self._limit_s:g} s: {problem.message}") from problem
        if now - self._away_since > _SAY_AFTER_S and not self._told:
            self._told = True
            log.warning("still waiting, for %g s at most: %s", self._limit_s, problem.message)
        time.sleep(self._pause_s)
        self._pause_s = min(self._pause_s * 1.5, 5.0)
