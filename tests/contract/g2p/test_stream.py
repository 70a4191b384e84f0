"""ConvertStream: an answer a request, in order, and a caller that does not read holds the server back."""

import time
from collections.abc import Iterator

import grpc
import pytest

from isogloss.g2p.v1 import g2p_pb2 as pb
from isogloss.g2p.v1.g2p_pb2_grpc import G2PServiceStub
from isogloss.status import from_rpc_error

_ALL = 2_000


@pytest.fixture
def g2p(g2p_address: str) -> Iterator[G2PServiceStub]:
    with grpc.insecure_channel(g2p_address) as channel:
        yield G2PServiceStub(channel)


def _request(text: str, language: str = "ita") -> pb.ConvertStreamRequest:
    return pb.ConvertStreamRequest(request=pb.ConvertRequest(language=language, texts=[text], compact=True))


def test_answers_come_in_order_and_an_error_ends_the_stream(g2p: G2PServiceStub) -> None:
    requests = [_request("uno"), _request("due"), _request("x", "tlh"), _request("tre")]
    stream = g2p.ConvertStream(iter(requests), timeout=30)
    answers = [next(stream).response.sequences[0] for _ in range(2)]
    with pytest.raises(grpc.RpcError) as caught:
        next(stream)
    assert answers == ["u n o", "d u e"]
    assert "tlh" in from_rpc_error(caught.value).message


def test_a_caller_that_does_not_read_holds_the_server_back(g2p: G2PServiceStub) -> None:
    """Of 2,000 answers of 60 KB, few are made while nobody reads; then the rest comes."""
    sent = 0

    def requests() -> Iterator[pb.ConvertStreamRequest]:
        nonlocal sent
        for number in range(_ALL):
            sent = number + 1
            yield _request("ciao " * 5_000)

    stream = g2p.ConvertStream(requests(), timeout=120)
    assert next(stream).response.sequences
    before = -1
    while before != sent:  # until it has come to rest
        before = sent
        time.sleep(1)
    assert sent < _ALL / 2
    for _ in range(sent):
        assert next(stream).response.sequences
    assert sent > before
    stream.cancel()
