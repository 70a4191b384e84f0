"""A server whose calls are all taken says when to come again."""

import threading
import time
from collections.abc import Iterator

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_status import rpc_status

from isogloss import client
from isogloss.g2p.v1 import g2p_pb2 as pb
from isogloss.g2p.v1 import g2p_pb2_grpc
from tests.contract.g2p.running_service import running_service, seconds

REQUEST = pb.ConvertRequest(language="swa", texts=["habari"])


def test_a_call_too_many_is_told_when_to_come_again_and_health_answers_all_the_same() -> None:
    with running_service(ISOGLOSS_MAX_CALLS="1") as address, grpc.insecure_channel(address) as channel:
        stub = g2p_pb2_grpc.G2PServiceStub(channel)
        done = threading.Event()
        stream = stub.ConvertStream(_until(done), timeout=30)
        next(stream)  # the only slot is taken
        with pytest.raises(grpc.RpcError) as refused:
            stub.Convert(REQUEST, timeout=10)
        assert refused.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        retry = error_details_pb2.RetryInfo()
        assert any(detail.Unpack(retry) for detail in rpc_status.from_call(refused.value).details)
        assert 0 < retry.retry_delay.ToMilliseconds() <= 1000
        health = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=10)
        assert health.status == health_pb2.HealthCheckResponse.SERVING
        done.set()
        assert list(stream) == []
        assert stub.Convert(REQUEST, timeout=10).conversions[0].ipa, "the slot is free again"


def test_a_call_whose_deadline_has_passed_frees_its_worker() -> None:
    """The work would go on for seconds; the only slot is free long before, or no further call were taken."""
    numbers = iter(range(10**9))
    texts = [" ".join(f"parola{next(numbers)}" for _ in range(6_000)) for _ in range(25)]
    work = pb.ConvertRequest(language="ita", texts=texts, compact=True)
    with running_service(ISOGLOSS_MAX_CALLS="1") as address, client.connect(address) as channel:
        stub = g2p_pb2_grpc.G2PServiceStub(channel)
        stub.Convert(REQUEST, timeout=10)
        with pytest.raises(grpc.RpcError) as late:
            stub.Convert(work, timeout=0.05)
        assert late.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
        start = time.monotonic()
        assert client.call(stub.Convert, REQUEST, timeout_s=10, patience_s=10).conversions[0].ipa
        until_free = seconds(start)
        start = time.monotonic()
        stub.Convert(work, timeout=120)
        assert until_free < seconds(start) / 2


def _until(done: threading.Event) -> Iterator[pb.ConvertStreamRequest]:
    yield pb.ConvertStreamRequest(request=REQUEST)
    done.wait(30)
