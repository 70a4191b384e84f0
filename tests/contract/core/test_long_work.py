"""The one shape of long work, through a real server in a process of its own: what a caller can rely on."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from isogloss import client
from isogloss.artifact.v1.artifact_pb2 import Artifact as ArtifactMessage
from isogloss.artifacts import Artifact
from isogloss.checkpoints import Checkpoints
from isogloss.embedder.v1 import embedder_pb2 as pb
from isogloss.embedder.v1 import embedder_pb2_grpc
from isogloss.errors import InvalidInput, IsoglossError, Unavailable
from isogloss.store import Store
from tests.conftest import ROOT, S3Server, free_ports


class Toy:
    """The toy service in a process that can be killed."""

    def __init__(self, s3: S3Server) -> None:
        self.port = free_ports(1)[0]
        self._environment = s3.environment | {"ISOGLOSS_LISTEN": f"127.0.0.1:{self.port}"}
        self.channel = client.connect(f"127.0.0.1:{self.port}", s3.settings)
        self.stub = embedder_pb2_grpc.EmbedderServiceStub(self.channel)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.contract.core.toy_service"]
        self.process = subprocess.Popen(command, cwd=ROOT, env=self._environment)
        health = health_pb2_grpc.HealthStub(self.channel)
        health.Check(health_pb2.HealthCheckRequest(), wait_for_ready=True, timeout=20)

    def signal(self, number: int) -> int:
        assert self.process is not None
        os.kill(self.process.pid, number)
        return self.process.wait(timeout=30)

    def work(self, request: pb.EmbedRequest, progress: list[float] | None = None) -> pb.EmbedResult:
        seen = progress if progress is not None else []
        return client.work(self.stub.Embed, request, lambda event: seen.append(event.done), patience_s=30)


@pytest.fixture
def toy(s3: S3Server) -> Iterator[Toy]:
    service = Toy(s3)
    service.start()
    yield service
    if service.process is not None and service.process.poll() is None:
        service.signal(signal.SIGKILL)
    service.channel.close()


def counting(goal: int, language: str = "eng") -> pb.EmbedRequest:
    """A request that no other test has made."""
    unique = ArtifactMessage(uri="s3://x/y", sha256=uuid.uuid4().hex, size=goal)
    return pb.EmbedRequest(language=language, corpus=unique)


def counted(store: Store, result: pb.EmbedResult) -> list[int]:
    return list(json.loads(store.get(Artifact.from_proto(result.vectors, "vectors"))))


def test_the_result_comes_last_and_the_same_request_answers_at_once(toy: Toy, store: Store) -> None:
    request, progress, again = counting(5), [], []
    first = toy.work(request, progress)
    second = toy.work(request, again)
    assert counted(store, first) == [0, 1, 2, 3, 4]
    assert progress == sorted(progress)
    assert progress, "work of many steps tells how far it is"
    assert not first.record.reused
    assert second.record.reused
    assert again == [], "nothing was computed again"
    assert first.vectors == second.vectors


def test_a_second_caller_joins_work_under_way(toy: Toy) -> None:
    request = counting(20)
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda _: toy.work(request), range(2)))
    assert results[0].record == results[1].record
    assert not results[0].record.reused


def test_a_busy_server_says_when_to_come_back_and_a_patient_client_waits(toy: Toy) -> None:
    long, short = counting(30), counting(1)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(toy.work, long)
        time.sleep(0.5)
        with pytest.raises(grpc.RpcError) as refused:
            next(toy.stub.Embed(short, timeout=10))
        assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert toy.work(short).sentences == 1
        assert running.result().sentences == 30


def test_the_caller_going_away_stops_the_work(toy: Toy, store: Store) -> None:
    request = counting(200)
    stream = toy.stub.Embed(request, timeout=60)
    key = next(stream).progress.key
    stream.cancel()
    time.sleep(1.5)
    stopped_at = Checkpoints(store, "toy", key).load()
    time.sleep(0.5)
    assert stopped_at is not None
    assert Checkpoints(store, "toy", key).load() == stopped_at, "nothing runs on when nobody waits"
    assert store.manifest("toy", key) is None


def test_killed_work_resumes_from_its_checkpoint(toy: Toy, store: Store) -> None:
    request, progress = counting(40), []
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(toy.work, request, progress)
        while not progress or progress[-1] < 10:
            time.sleep(0.02)
        toy.signal(signal.SIGKILL)
        toy.start()
        result = running.result(timeout=60)
    assert counted(store, result) == list(range(40)), "no number is counted twice, none is lost"
    assert sorted(progress).count(5.0) == 1, "what stood in the checkpoint was not done again"


def test_sigterm_drains_and_the_client_goes_on_elsewhere(toy: Toy, store: Store) -> None:
    request, progress = counting(40), []
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(toy.work, request, progress)
        while not progress:
            time.sleep(0.02)
        assert toy.signal(signal.SIGTERM) == 0
        toy.start()
        assert counted(store, running.result(timeout=60)) == list(range(40))


def test_a_bad_field_is_named_with_its_fix(toy: Toy) -> None:
    with pytest.raises(InvalidInput) as raised:
        toy.work(counting(1, "bad"))
    assert raised.value.field == "language"
    assert "ISO 639-3" in raised.value.fix


def test_a_bug_shows_an_incident_and_not_its_detail(toy: Toy) -> None:
    with pytest.raises(IsoglossError, match="incident") as raised:
        toy.work(counting(1, "bug"))
    assert "secret" not in str(raised.value)


def test_a_service_that_stays_away_is_given_up_with_a_clear_error(s3: S3Server) -> None:
    absent = Toy(s3)
    started = time.monotonic()
    with pytest.raises(Unavailable, match="no answer within 1 s"):
        client.work(absent.stub.Embed, counting(1), patience_s=1)
    assert time.monotonic() - started < 10


def test_two_callers_leaving_one_by_one(toy: Toy) -> None:
    request = counting(60)
    leaver = toy.stub.Embed(request, timeout=60)
    next(leaver)
    with ThreadPoolExecutor(1) as pool:
        stayer = pool.submit(toy.work, request)
        time.sleep(0.5)
        threading.Timer(0.1, leaver.cancel).start()
        assert stayer.result(timeout=60).sentences == 60, "work goes on while one caller waits"


def test_asking_for_what_exists_computes_nothing_and_names_the_key(toy: Toy) -> None:
    request = counting(2)
    missing = client.existing(toy.stub.Embed, request)
    assert missing.result is None
    assert client.existing(toy.stub.Embed, request) == missing, "asking made nothing"
    made = toy.work(request)
    found = client.existing(toy.stub.Embed, request)
    assert found.result.record.manifest == made.record.manifest
    assert found.key == missing.key == f"toy/{made.record.key}"
