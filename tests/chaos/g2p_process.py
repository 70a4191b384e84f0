"""G2P in a process that can be stopped and started again at the same address."""

import os
import subprocess
import sys

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.conftest import ROOT, free_ports


class G2PProcess:
    """One service."""

    def __init__(self, **settings: str) -> None:
        """With `settings` in its environment."""
        self._settings = settings
        self.address = f"127.0.0.1:{free_ports(1)[0]}"
        self.process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ISOGLOSS_")}
        own = {"ISOGLOSS_LISTEN": self.address, "ISOGLOSS_LOG_LEVEL": "WARNING", **self._settings}
        process = subprocess.Popen([sys.executable, "-m", "services.g2p"], cwd=ROOT, env=kept | own)
        with grpc.insecure_channel(self.address, options=[("grpc.max_reconnect_backoff_ms", 100)]) as channel:
            check = health_pb2_grpc.HealthStub(channel).Check
            check(health_pb2.HealthCheckRequest(), wait_for_ready=True, timeout=120)
        return process

    def restart(self) -> None:
        """SIGTERM, which must end well, and a start."""
        self.close()
        self.process = self._start()

    def close(self) -> None:
        """SIGTERM."""
        self.process.terminate()
        assert self.process.wait(60) == 0, "SIGTERM drains, and the process ends well"
