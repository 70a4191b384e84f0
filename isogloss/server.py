"""Start-up and shutdown of a service: the same for all four.

Logs come up first, then the servicer is built (heavy imports belong there), then the port opens with
`grpc.health.v1`, reflection and Prometheus metrics. SIGTERM or SIGINT drains: health says NOT_SERVING, work
under way stops at its next safe point with UNAVAILABLE and RetryInfo, short calls finish, and the process
exits 0.
"""

import logging
import signal
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from prometheus_client import start_http_server

from isogloss import logs, processes, telemetry
from isogloss.interceptor import CallInterceptor
from isogloss.settings import Settings, settings
from isogloss.tls import server_credentials

log = logging.getLogger(__name__)

_HEALTH_EVERY_S = 1.0
# How long a thread that computes keeps the interpreter from others, where calls compute in this process.
# gRPC's own thread asks for it several times a call: at Python's 5 ms, calls wait unseen while all turns are
# taken, before admission can refuse them.
_SWITCH_S = 0.0005


@dataclass(frozen=True)
class Mounted:
    """A built servicer: how to add it to a server, and what to do when the server drains and when it has
    closed. `settle` waits, so many seconds at most, for work that stops after its callers have gone;
    `healthy` is asked every second. Of unary calls `at_once` run (0: all), the others wait for a moment.
    """

    add: Callable[[grpc.Server], None]
    drain: Callable[[], None] = field(default=lambda: None)
    settle: Callable[[float], None] = field(default=lambda seconds: None)
    close: Callable[[], None] = field(default=lambda: None)
    healthy: Callable[[], bool] = field(default=lambda: True)
    at_once: int = 0


def serve(name: str, service: str, port: int, build: Callable[[Settings], Mounted]) -> None:
    """Run a service until SIGTERM or SIGINT.

    `name` is the part's name in logs, `service` the full protobuf name, `port` the default port, `build`
    makes the servicer. Raises `OSError` when the address is taken.
    """
    config = settings()
    logs.configure(name, config.log_level)
    telemetry.configure(name, config.otlp_endpoint)
    mounted = build(config)
    server, checks = _make_server(config, service, mounted)
    address = config.listen or f"127.0.0.1:{port}"
    bound = _bind(server, address, server_credentials(config), "ISOGLOSS_LISTEN")
    probed = _serve_health_alone(config, address, checks)
    if config.metrics_port:
        start_http_server(config.metrics_port, addr=address.rpartition(":")[0].strip("[]"))
    # A signal handler may put into a SimpleQueue; an Event could deadlock with the wait that it interrupts.
    signals: SimpleQueue[int] = SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _: signals.put(received))
    if mounted.at_once:
        sys.setswitchinterval(_SWITCH_S)
    server.start()
    log.info("listening", extra={"address": address, "port": bound})
    _tell_health(mounted.healthy, checks, ("", service), signals)
    log.info("draining")
    checks.enter_graceful_shutdown()
    give_up = time.monotonic() + config.drain_s
    mounted.drain()
    server.stop(config.drain_s).wait()
    mounted.settle(give_up - time.monotonic())
    if probed is not None:
        probed.stop(0)
    mounted.close()
    log.info("stopped")


def _tell_health(
    healthy: Callable[[], bool],
    checks: health.HealthServicer,
    names: tuple[str, ...],
    signals: "SimpleQueue[int]",
) -> None:
    """Ask every second whether the servicer can work, and let health say so, until a signal comes."""
    said: bool | None = None
    while True:
        now = healthy()
        if now != said:
            said = now
            status = health_pb2.HealthCheckResponse
            for name in names:
                checks.set(name, status.SERVING if now else status.NOT_SERVING)
            log.info("serving" if now else "not serving")
        with suppress(Empty):
            signals.get(timeout=_HEALTH_EVERY_S)
            return


def _bind(server: grpc.Server, address: str, credentials: grpc.ServerCredentials | None, setting: str) -> int:
    try:
        if credentials is None:
            return server.add_insecure_port(address)
        return server.add_secure_port(address, credentials)
    except RuntimeError as error:
        raise OSError(f"cannot listen on {address}: set {setting} to a free port") from error


def _serve_health_alone(config: Settings, address: str, checks: health.HealthServicer) -> grpc.Server | None:
    """The same health on a port of its own: a kubelet's probes can show no certificate."""
    if not config.health_port:
        return None
    server = grpc.server(ThreadPoolExecutor(2, thread_name_prefix="health"), maximum_concurrent_rpcs=8)
    health_pb2_grpc.add_HealthServicer_to_server(checks, server)
    host = address.rpartition(":")[0]
    _bind(server, f"{host}:{config.health_port}", None, "ISOGLOSS_HEALTH_PORT")
    server.start()
    return server


def _make_server(
    config: Settings, service: str, mounted: Mounted
) -> tuple[grpc.Server, health.HealthServicer]:
    limits = [
        ("grpc.max_receive_message_length", config.max_message_bytes),
        ("grpc.max_send_message_length", config.max_message_bytes),
        # A taken port must be an error, not a silent share; that it is free, the parent has seen.
        ("grpc.so_reuseport", 0 if processes.number() is None else 1),
        ("grpc.keepalive_time_ms", 30_000),
        ("grpc.keepalive_timeout_ms", 10_000),
        ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
        # A client looks its service up anew when a connection is closed: thus it finds pods that came since.
        # Calls that are under way go on for as long as they take.
        ("grpc.max_connection_age_ms", 300_000),
        ("grpc.max_connection_idle_ms", 300_000),
    ]
    # Health checks must be answered, and calls be refused with RetryInfo, while all calls are taken: threads
    # exceed the number of admitted calls. gRPC's own limit, which refuses without, is the last bound.
    pool = ThreadPoolExecutor(config.max_calls + 8, thread_name_prefix="call")
    server = grpc.server(
        pool,
        interceptors=[CallInterceptor(config, mounted.at_once)],
        options=limits,
        maximum_concurrent_rpcs=4 * config.max_calls + 64,
    )
    checks = health.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(checks, server)
    mounted.add(server)
    names = (service, health.SERVICE_NAME, reflection.SERVICE_NAME)
    reflection.enable_server_reflection(names, server)
    return server, checks
