"""S3's disk fills up in the middle of work: the caller is told, before its patience has run out, and the same
call goes on once there is room.

The disk is a tmpfs of a few megabytes, grown by a remount as an operator grows a volume.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from isogloss import client
from isogloss.artifact.v1.artifact_pb2 import Artifact as ArtifactMessage
from isogloss.artifacts import Artifact
from isogloss.embedder.v1 import embedder_pb2 as pb
from isogloss.embedder.v1 import embedder_pb2_grpc
from isogloss.errors import StorageFull, Unavailable
from isogloss.store import Store
from tests.conftest import ROOT, S3Server, free_ports

KEY = "ab" * 32
BYTES = "application/octet-stream"


class Disk:
    """A small disk; mounting it takes root."""

    def __init__(self, path: Path, megabytes: int) -> None:
        self.path = path
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(path)], check=True)

    def grow(self, megabytes: int) -> None:
        subprocess.run(["mount", "-o", f"remount,size={megabytes}m", str(self.path)], check=True)

    def unmount(self) -> None:
        subprocess.run(["umount", "--lazy", str(self.path)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    if os.geteuid() != 0:
        pytest.skip("mounting a disk of limited size takes root")
    small = Disk(tmp_path, 24)
    yield small
    small.unmount()


@pytest.fixture
def server(disk: Disk) -> Iterator[S3Server]:
    running = S3Server(disk.path)
    running.start()
    yield running
    running.kill()


@pytest.fixture
def embedder(server: S3Server) -> Iterator[embedder_pb2_grpc.EmbedderServiceStub]:
    """The toy service of the contract tests, on this S3."""
    address = f"127.0.0.1:{free_ports(1)[0]}"
    environment = server.environment | {"ISOGLOSS_LISTEN": address, "ISOGLOSS_S3_PATIENCE_S": "2"}
    command = [sys.executable, "-m", "tests.contract.core.toy_service"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    with client.connect(address, server.settings) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        health.Check(health_pb2.HealthCheckRequest(), wait_for_ready=True, timeout=20)
        yield embedder_pb2_grpc.EmbedderServiceStub(channel)
    process.kill()
    process.wait()


def fill(store: Store, written: list[Artifact]) -> None:
    """Write more than the disk can hold."""
    for number in range(40):
        written.append(store.put("test", KEY, "attempt", f"ballast-{number}", os.urandom(2**20), BYTES))


def test_work_stops_with_the_reason_and_goes_on_when_there_is_room(
    server: S3Server, disk: Disk, embedder: embedder_pb2_grpc.EmbedderServiceStub
) -> None:
    store = Store.from_settings(server.settings.model_copy(update={"s3_patience_s": 2}))
    kept: list[Artifact] = []
    with pytest.raises(StorageFull, match="Enlarge its volume"):
        fill(store, kept)
    request = pb.EmbedRequest(language="big", corpus=ArtifactMessage(uri="s3://x/y", sha256=KEY, size=20))
    with pytest.raises(StorageFull, match="Enlarge its volume"):
        client.work(embedder.Embed, request, patience_s=600)
    assert [len(store.get(artifact)) for artifact in kept] == [2**20] * len(kept), "what was there is whole"
    disk.grow(200)
    assert client.work(embedder.Embed, request, patience_s=60).sentences == 20


def test_a_server_that_is_away_is_not_called_full(server: S3Server) -> None:
    store = Store.from_settings(server.settings.model_copy(update={"s3_patience_s": 1}))
    server.kill()
    with pytest.raises(Unavailable, match="S3 does not answer"):
        store.put("test", KEY, "attempt", "file", b"x", BYTES)
