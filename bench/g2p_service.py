"""`python -m services.g2p` as a process of its own, for the benches that call it."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class ServiceProcess:
    """A service on a free port of loopback, started with `settings`; `start_s` is the time until SERVING."""

    def __init__(self, **settings: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        environment = (
            os.environ | {"ISOGLOSS_LISTEN": self.address, "ISOGLOSS_LOG_LEVEL": "WARNING"} | settings
        )
        started = time.perf_counter()
        self._process = subprocess.Popen([sys.executable, "-m", "services.g2p"], cwd=ROOT, env=environment)
        self._wait()
        self.start_s = time.perf_counter() - started

    def cpu_seconds(self) -> float:
        """Used since its start; Linux only, in steps of 10 ms, 0 elsewhere."""
        status = Path(f"/proc/{self._process.pid}/stat")
        if not status.exists():
            return 0.0
        fields = status.read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_bytes(self) -> int:
        """Linux only; 0 elsewhere."""
        status = Path(f"/proc/{self._process.pid}/status")
        if not status.exists():
            return 0
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) * 1024

    def stop(self) -> None:
        """Drain and end."""
        self._process.terminate()
        self._process.wait(30)

    def __enter__(self) -> "ServiceProcess":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _wait(self) -> None:
        import grpc
        from grpc_health.v1 import health_pb2, health_pb2_grpc

        with grpc.insecure_channel(self.address, options=[("grpc.max_reconnect_backoff_ms", 50)]) as channel:
            health_pb2_grpc.HealthStub(channel).Check(
                health_pb2.HealthCheckRequest(), wait_for_ready=True, timeout=60
            )
