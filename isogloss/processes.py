"""Several processes of one service behind one port, for work that the interpreter's lock keeps to one core.

The parent takes the port, starts the processes, passes SIGTERM on to them and ends when all have ended
well; it serves nothing but their metrics, added up. Each process is a whole service: it binds the same port
(SO_REUSEPORT), the kernel gives each new connection to one of them, and health is that of whoever is asked.
One that dies is started again; when they die again and again, all end, since their settings are wrong.

A client's connection stays with the process that took it: to use N processes, open several connections.
"""

import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from queue import Empty, SimpleQueue

from isogloss.settings import Settings

log = logging.getLogger(__name__)

SHARED_PORT = "ISOGLOSS_SHARED_PORT"  # told to each process, with its number: the port is not its own alone
_LOOK_EVERY_S = 0.5
_MOST_DEATHS, _WITHIN_S = 3, 60.0  # more of them in so short a time are no accident


def number() -> int | None:
    """Which of several processes this is; None for a service of one."""
    told = os.environ.get(SHARED_PORT)
    return int(told) if told else None


def run(module: str, count: int, address: str, config: Settings) -> int:
    """Run `count` processes of `python -m module` on one address until SIGTERM or SIGINT; the exit code.

    Raises `OSError` when the address is taken.
    """
    with ExitStack() as kept:
        held, address = _take(address)
        kept.enter_context(held)
        metrics = kept.enter_context(tempfile.TemporaryDirectory(prefix="isogloss-metrics-"))
        if config.metrics_port:
            _serve_metrics(config, address, metrics)
        signals: SimpleQueue[int] = SimpleQueue()
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, lambda received, _: signals.put(received))
        environment = {
            "ISOGLOSS_LISTEN": address,
            "PROMETHEUS_MULTIPROC_DIR": metrics,
            "ISOGLOSS_METRICS_PORT": "0",
        }
        started = [_Process(module, each, environment) for each in range(count)]
        log.info("processes started", extra={"address": address, "processes": count})
        failed = _watch(started, signals)
        for process in started:
            process.popen.terminate()
        give_up = time.monotonic() + config.drain_s + 10
        codes = [process.end(give_up - time.monotonic()) for process in started]
        # One that had not come to install its handler ends by the signal itself.
        return failed or max(0 if code == -signal.SIGTERM else abs(code) for code in codes)


class _Process:
    """One of the processes; `restart` puts another in its place."""

    def __init__(self, module: str, each: int, environment: dict[str, str]) -> None:
        self._command = [sys.executable, "-m", module]
        self._environment = os.environ | environment | {SHARED_PORT: str(each)}
        self.restart()

    def restart(self) -> None:
        self.popen = subprocess.Popen(self._command, env=self._environment, stdin=subprocess.PIPE)

    def end(self, patience_s: float) -> int:
        """Its exit code; it is killed where patience ends."""
        try:
            return self.popen.wait(max(0.0, patience_s))
        except subprocess.TimeoutExpired:
            self.popen.kill()
            return self.popen.wait()


def _watch(started: list[_Process], signals: "SimpleQueue[int]") -> int:
    """Until a signal comes: 0; or the exit code of a process when they die again and again."""
    deaths: list[float] = []
    while True:
        try:
            signals.get(timeout=_LOOK_EVERY_S)
            return 0
        except Empty:
            pass
        for process in started:
            code = process.popen.poll()
            if code is None:
                continue
            log.error("a process ended", extra={"exit_code": code})
            deaths = [*(at for at in deaths if time.monotonic() - at < _WITHIN_S), time.monotonic()]
            if len(deaths) > _MOST_DEATHS:
                return abs(code) or 1
            process.restart()


def _take(address: str) -> tuple[socket.socket, str]:
    """A socket that holds the address without listening, so that it can be shared, and is nobody else's."""
    host, _, port = address.rpartition(":")
    family, kind, protocol, _, place = socket.getaddrinfo(
        host.strip("[]"), int(port), type=socket.SOCK_STREAM
    )[0]
    with socket.socket(family, kind, protocol) as alone:
        try:
            alone.bind(place)  # fails where anybody listens, sharing or not
        except OSError as error:
            raise OSError(f"cannot listen on {address}: set ISOGLOSS_LISTEN to a free port") from error
        place = alone.getsockname()
    held = socket.socket(family, kind, protocol)
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    held.bind(place)
    return held, f"{host}:{place[1]}"


def shared_socket(host: str, port: int) -> socket.socket:
    """A listening socket on a port that several processes share."""
    family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    shared = socket.socket(family, kind, protocol)
    shared.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    shared.bind(place)
    shared.listen(1024)
    return shared


def _serve_metrics(config: Settings, address: str, folder: str) -> None:
    """All processes' metrics, from the files that they write them to."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
    from prometheus_client import CollectorRegistry, start_http_server
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    host = address.rpartition(":")[0].strip("[]")
    start_http_server(config.metrics_port, addr=host, registry=registry)
