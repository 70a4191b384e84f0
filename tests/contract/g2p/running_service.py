"""The G2P service as a process of its own, without S3, as an app developer starts it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.conftest import ROOT, free_ports


@contextmanager
def running_service(**settings: str) -> Iterator[str]:
    """Its address, once it says that it serves."""
    address = f"127.0.0.1:{free_ports(1)[0]}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ISOGLOSS_")}
    environment = kept | {"ISOGLOSS_LISTEN": address, "ISOGLOSS_LOG_LEVEL": "WARNING"} | settings
    process = subprocess.Popen([sys.executable, "-m", "services.g2p"], cwd=ROOT, env=environment)
    try:
        with grpc.insecure_channel(address, options=[("grpc.max_reconnect_backoff_ms", 100)]) as channel:
            check = health_pb2_grpc.HealthStub(channel).Check
            check(health_pb2.HealthCheckRequest(), wait_for_ready=True, timeout=60)
        yield address
    finally:
        process.terminate()
        assert process.wait(30) == 0, "SIGTERM drains, and the process ends well"


def seconds(start: float) -> float:
    """Since `start`, by the clock that does not jump."""
    return time.monotonic() - start
