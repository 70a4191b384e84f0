"""A service in a process of its own, which tests call, kill and start again."""

import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from isogloss import client
from isogloss.artifact.v1.artifact_pb2 import Artifact as ArtifactMessage
from isogloss.artifacts import PARQUET
from isogloss.store import Store
from tests.conftest import ROOT, S3Server, free_ports


class Served:
    """`python -m <module>` on a free port."""

    def __init__(self, module: str, s3: S3Server, **environment: str) -> None:
        self.port = free_ports(1)[0]
        self._module = module
        self._environment = s3.environment | {
            "ISOGLOSS_LISTEN": f"127.0.0.1:{self.port}",
            "ISOGLOSS_TORCH_THREADS": "1",
            **environment,
        }
        self.channel: grpc.Channel = client.connect(f"127.0.0.1:{self.port}", s3.settings)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Served":
        """Start it and wait until it serves."""
        self.process = subprocess.Popen([sys.executable, "-m", self._module], cwd=ROOT, env=self._environment)
        health = health_pb2_grpc.HealthStub(self.channel)
        health.Check(health_pb2.HealthCheckRequest(), wait_for_ready=True, timeout=20)
        return self

    def signal(self, number: int) -> int:
        """Send a signal and return the exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(timeout=40)

    def worker_pid(self) -> int:
        """The process that carries the work."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return int(children[0]) if children else self._worker_by_parent()

    def _worker_by_parent(self) -> int:
        """A child started by another thread is not listed under the main one."""
        assert self.process is not None
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            children = (task / "children").read_text().split()
            if children:
                return int(children[0])
        raise LookupError("the service has no worker now")

    def kill_worker(self) -> None:
        """kill -9 of the process that carries the work."""
        os.kill(self.worker_pid(), signal.SIGKILL)

    def __enter__(self) -> "Served":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End it if it is still there."""
        if self.process is not None and self.process.poll() is None:
            self.signal(signal.SIGKILL)
        self.channel.close()


def put(store: Store, path: Path) -> ArtifactMessage:
    """A local file as an artifact."""
    artifact = store.put_file("test", uuid.uuid4().hex, "a", path.name, path, PARQUET)
    return artifact.to_proto()


def work(method: Any, request: Any, progress: list[Any] | None = None, patience_s: float = 60) -> Any:
    """A long call as a flow makes it."""
    seen = progress if progress is not None else []
    return client.work(method, request, seen.append, patience_s=patience_s)
