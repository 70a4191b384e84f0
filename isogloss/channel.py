"""Channels to services: limits, keep-alive, TLS; and one that is made anew when it has long led nowhere.

gRPC asks DNS ever more seldom while a name has no address, up to every two minutes, and reads a certificate
once. A channel whose calls have failed for a while is therefore replaced: the new one asks at once, and shows
the certificate that the file holds now.
"""

import json
import logging
import re
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

import grpc

from isogloss import telemetry
from isogloss.settings import Settings, settings
from isogloss.tls import channel_credentials

log = logging.getLogger(__name__)

_RENEWED_AFTER_S = 20.0
# One address at a time would leave the second trainer idle; names that resolve to several addresses are
# balanced.
_SERVICE_CONFIG = json.dumps({"loadBalancingConfig": [{"round_robin": {}}]})
# In a name's host, or in each of several addresses; a unix socket has no proxy.
_LOOPBACK = re.compile(r"(?:^|[/:,])(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?(?:,|$)")


def connect(target: str, config: Settings | None = None) -> grpc.Channel:
    """A channel to one service; `target` is a gRPC name, several addresses as `ipv4:host:port,host:port`."""
    config = config or settings()

    def make() -> grpc.Channel:
        credentials = channel_credentials(config)
        if credentials is None:
            return grpc.insecure_channel(target, options=_options(target, config))
        return grpc.secure_channel(target, credentials, options=_options(target, config))

    return RenewedChannel(make)


def connect_async(target: str, config: Settings | None = None) -> grpc.aio.Channel:
    """A channel for the event loop that it is called in."""
    config = config or settings()
    credentials = channel_credentials(config)
    if credentials is None:
        return grpc.aio.insecure_channel(target, options=_options(target, config))
    return grpc.aio.secure_channel(target, credentials, options=_options(target, config))


def _options(target: str, config: Settings) -> list[tuple[str, str | int]]:
    return [
        # A proxy that the environment names cannot reach this machine's loopback.
        ("grpc.enable_http_proxy", 0 if _LOOPBACK.search(target) else 1),
        ("grpc.service_config", _SERVICE_CONFIG),
        ("grpc.max_receive_message_length", config.max_message_bytes),
        ("grpc.max_send_message_length", config.max_message_bytes),
        ("grpc.keepalive_time_ms", 30_000),
        ("grpc.initial_reconnect_backoff_ms", 200),
        ("grpc.max_reconnect_backoff_ms", 3_000),
    ]


class RenewedChannel(grpc.Channel):
    """A channel that `worked` and `failed` are told to; calls under way keep the channel that they began
    on.
    """

    def __init__(self, make: Callable[[], grpc.Channel]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._failing_since: float | None = None
        self.inner = make()

    def worked(self) -> None:
        """A call was answered."""
        self._failing_since = None

    def failed(self) -> None:
        """A call found no service."""
        with self._lock:
            now = time.monotonic()
            self._failing_since = self._failing_since or now
            if now - self._failing_since > _RENEWED_AFTER_S:
                log.info("no service found: asking anew where it is")
                self._failing_since = None
                self.inner = self._make()

    def unary_unary(self, *args: Any, **kwargs: Any) -> Any:
        """As of `grpc.Channel`, on the channel of the moment."""
        return Method(self, lambda inner: inner.unary_unary(*args, **kwargs))

    def unary_stream(self, *args: Any, **kwargs: Any) -> Any:
        """The same."""
        return Method(self, lambda inner: inner.unary_stream(*args, **kwargs))

    def stream_unary(self, *args: Any, **kwargs: Any) -> Any:
        """The same."""
        return Method(self, lambda inner: inner.stream_unary(*args, **kwargs))

    def stream_stream(self, *args: Any, **kwargs: Any) -> Any:
        """The same."""
        return Method(self, lambda inner: inner.stream_stream(*args, **kwargs))

    def subscribe(self, callback: Callable[[Any], None], try_to_connect: bool | None = False) -> None:
        """As of `grpc.Channel`."""
        self.inner.subscribe(callback, bool(try_to_connect))

    def unsubscribe(self, callback: Callable[[Any], None]) -> None:
        """As of `grpc.Channel`."""
        self.inner.unsubscribe(callback)

    def close(self) -> None:
        """Close the connection; calls under way end."""
        self.inner.close()

    def __enter__(self) -> "RenewedChannel":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        self.close()
        return None


class Method:
    """A method of a service, called on the channel of the moment."""

    def __init__(self, channel: RenewedChannel, bind: Callable[[grpc.Channel], Any]) -> None:
        self.channel = channel
        self._bind = bind
        self._bound: tuple[grpc.Channel, Any] | None = None

    def _now(self) -> Any:
        bound = self._bound
        if bound is None or bound[0] is not self.channel.inner:
            inner = self.channel.inner
            bound = self._bound = (inner, self._bind(inner))
        return bound[1]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._now()(*args, **_traced(kwargs))

    def future(self, *args: Any, **kwargs: Any) -> Any:
        """A unary call whose answer is waited for later."""
        return self._now().future(*args, **_traced(kwargs))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._now(), name)


def _traced(options: dict[str, Any]) -> dict[str, Any]:
    """A call's options, with the span that it is made in."""
    trace = telemetry.carried()
    return options | {"metadata": (*(options.get("metadata") or ()), *trace.items())} if trace else options


def channel_of(method: Any) -> RenewedChannel | None:
    """The channel that a stub's method, or a partial of it, calls on, if it is one that can be renewed."""
    method = getattr(method, "func", method)
    return method.channel if isinstance(method, Method) else None
