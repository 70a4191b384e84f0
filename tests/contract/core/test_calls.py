"""What every call of every service may rely on: limits that say so, ends that come, and nobody starved."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
import pytest
from grpc_reflection.v1alpha import reflection, reflection_pb2, reflection_pb2_grpc
from prometheus_client import REGISTRY

from isogloss import AsyncG2PClient, G2PClient, channel, client
from isogloss.channel import RenewedChannel
from isogloss.errors import Busy, InvalidInput, IsoglossError, Stopped
from isogloss.g2p.v1 import g2p_pb2 as pb
from isogloss.g2p.v1 import g2p_pb2_grpc
from isogloss.interceptor import CallInterceptor
from isogloss.settings import Settings

Answer = Callable[[pb.ConvertRequest, grpc.ServicerContext], pb.ConvertResponse]


class Servicer(g2p_pb2_grpc.G2PServiceServicer):
    """Does with a call what the test says."""

    def __init__(
        self, convert: Callable[[pb.ConvertRequest, grpc.ServicerContext], pb.ConvertResponse]
    ) -> None:
        self._convert = convert

    def Convert(self, request: pb.ConvertRequest, context: grpc.ServicerContext) -> pb.ConvertResponse:  # noqa: N802
        return self._convert(request, context)

    def ConvertStream(self, requests: Iterator[Any], context: grpc.ServicerContext) -> Iterator[Any]:  # noqa: N802
        for _ in requests:
            yield pb.ConvertStreamResponse()


def answer(request: pb.ConvertRequest, context: grpc.ServicerContext) -> pb.ConvertResponse:
    """One conversion."""
    return pb.ConvertResponse(conversions=[pb.Conversion(ipa="a")])


@contextmanager
def served(convert: Any = answer, at_once: int = 0, **settings: Any) -> Iterator[str]:
    """The servicer behind the interceptor; its address."""
    config = Settings(**({"max_calls": 8} | settings))
    server = grpc.server(
        ThreadPoolExecutor(config.max_calls + 8),
        interceptors=[CallInterceptor(config, at_once)],
        options=[("grpc.max_receive_message_length", config.max_message_bytes)],
    )
    g2p_pb2_grpc.add_G2PServiceServicer_to_server(Servicer(convert), server)
    reflection.enable_server_reflection(("isogloss.g2p.v1.G2PService",), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"127.0.0.1:{port}"
    server.stop(0).wait()


def convert_both(address: str, text: str, **bounds: float) -> list[IsoglossError]:
    """What the sync and the asyncio client raise."""
    raised = []
    with G2PClient(address, **bounds) as sync, pytest.raises(IsoglossError) as error:
        sync.convert(text, "eng")
    raised.append(error.value)

    async def ask() -> None:
        async with AsyncG2PClient(address, **bounds) as g2p:
            await g2p.convert(text, "eng")

    with pytest.raises(IsoglossError) as error:
        asyncio.run(ask())
    return [*raised, error.value]


def test_a_message_that_is_too_large_is_an_error_at_once() -> None:
    with served(max_message_bytes=2**16) as address:
        started = time.monotonic()
        for error in convert_both(address, "x" * 2**17, patience_s=0):
            assert isinstance(error, InvalidInput)
            assert "ISOGLOSS_MAX_MESSAGE_BYTES" in error.fix
        assert time.monotonic() - started < 10


def test_an_answer_that_would_be_too_large_says_so() -> None:
    calls: list[int] = []

    def large(request: pb.ConvertRequest, context: grpc.ServicerContext) -> pb.ConvertResponse:
        calls.append(1)
        return pb.ConvertResponse(conversions=[pb.Conversion(ipa="x" * 2**17)])

    with served(large, max_message_bytes=2**16) as address:
        for error in convert_both(address, "x", patience_s=30):
            assert isinstance(error, InvalidInput)
            assert f"{2**16} at most" in error.problem
    assert len(calls) == 2, "asked again, it would be as large"


def test_waiting_for_a_busy_service_ends_alike_in_both_clients() -> None:
    def busy(request: pb.ConvertRequest, context: grpc.ServicerContext) -> pb.ConvertResponse:
        raise Busy("all slots are taken", 0.1)

    with served(busy) as address:
        started = time.monotonic()
        for error in convert_both(address, "x", timeout_s=5, patience_s=0.5):
            assert isinstance(error, Busy)
        assert 1.5 < time.monotonic() - started < 20


def test_a_refusal_of_grpc_itself_is_waited_out_but_not_for_ever() -> None:
    server = grpc.server(ThreadPoolExecutor(1), maximum_concurrent_rpcs=0)
    g2p_pb2_grpc.add_G2PServiceServicer_to_server(Servicer(answer), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    for error in convert_both(f"127.0.0.1:{port}", "x", patience_s=0.5):
        assert "Concurrent RPC limit" in error.message
    server.stop(0).wait()


def counted(code: str) -> float:
    labels = {"method": "/isogloss.g2p.v1.G2PService/Convert", "code": code}
    return REGISTRY.get_sample_value("isogloss_calls_total", labels) or 0.0


@pytest.mark.parametrize(("timeout_s", "code"), [(2, "DEADLINE_EXCEEDED"), (60, "CANCELLED")])
def test_a_call_whose_caller_is_gone_is_no_incident(
    timeout_s: float, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    begun, over = threading.Event(), threading.Event()

    def until_gone(request: pb.ConvertRequest, context: grpc.ServicerContext) -> pb.ConvertResponse:
        begun.set()
        while context.is_active():
            time.sleep(0.02)
        over.set()
        raise Stopped

    before = counted(code), counted("INTERNAL")
    with served(until_gone) as address, client.connect(address) as connection:
        call = g2p_pb2_grpc.G2PServiceStub(connection).Convert.future(pb.ConvertRequest(), timeout=timeout_s)
        if code == "CANCELLED":
            assert begun.wait(20)
            call.cancel()
        assert over.wait(20)
    assert (counted(code), counted("INTERNAL")) == (before[0] + 1, before[1])
    assert "incident" not in caplog.text


def test_texts_that_users_sent_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    def refuse(request: pb.ConvertRequest, context: grpc.ServicerContext) -> pb.ConvertResponse:
        raise InvalidInput("texts[0]", f"a word of 2,000 characters: {request.texts[0][:20]!r}", "Cut it.")

    caplog.set_level(logging.DEBUG)
    with served(refuse) as address:
        convert_both(address, "confidential" * 200, patience_s=0)
    assert any(getattr(record, "detail", "") == "texts[0]" for record in caplog.records)
    assert not any("confidential" in str(vars(record)) for record in caplog.records)


def hold_open(count: int, method: Any) -> list[Any]:
    """Streams that say nothing."""
    return [method(iter(threading.Event().wait, True)) for _ in range(count)]


def test_idle_streams_are_ended_and_starve_nobody() -> None:
    with served(idle_s=1.0) as address, grpc.insecure_channel(address) as other:
        hold_open(40, g2p_pb2_grpc.G2PServiceStub(other).ConvertStream)
        hold_open(40, reflection_pb2_grpc.ServerReflectionStub(other).ServerReflectionInfo)
        time.sleep(0.5)
        with G2PClient(address, patience_s=15) as g2p:
            assert g2p.convert("x", "eng").ipa == "a"
            time.sleep(2)
            assert [g2p.convert("x", "eng").ipa for _ in range(20)] == ["a"] * 20


def test_reflection_answers_as_before() -> None:
    with served() as address, grpc.insecure_channel(address) as other:
        request = reflection_pb2.ServerReflectionRequest(list_services="")
        stub = reflection_pb2_grpc.ServerReflectionStub(other)
        (found,) = stub.ServerReflectionInfo(iter([request]))
        assert "isogloss.g2p.v1.G2PService" in str(found)


def test_more_short_calls_than_can_run_are_refused_rather_than_late() -> None:
    def slow(request: pb.ConvertRequest, context: grpc.ServicerContext) -> pb.ConvertResponse:
        time.sleep(0.4)
        return answer(request, context)

    def ask(stub: g2p_pb2_grpc.G2PServiceStub) -> tuple[float, bool]:
        started = time.monotonic()
        try:
            stub.Convert(pb.ConvertRequest(), timeout=30)
            return time.monotonic() - started, True
        except grpc.RpcError as error:
            return time.monotonic() - started, error.code() is not grpc.StatusCode.RESOURCE_EXHAUSTED

    with (
        served(slow, at_once=2, max_calls=32, turn_wait_s=0.2) as address,
        client.connect(address) as connection,
    ):
        stub = g2p_pb2_grpc.G2PServiceStub(connection)
        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(lambda _: ask(stub), range(20)))
    assert any(not admitted for _, admitted in answers)
    assert max(took for took, admitted in answers if admitted) < 3


def test_work_ends_with_an_asyncio_caller_that_goes_away() -> None:
    ended = threading.Event()

    def until_gone(request: pb.ConvertRequest, context: grpc.ServicerContext) -> pb.ConvertResponse:
        while context.is_active():
            time.sleep(0.02)
        ended.set()
        raise Stopped

    async def give_up(address: str) -> None:
        async with AsyncG2PClient(address) as g2p:
            asking = asyncio.create_task(g2p.convert("x", "eng"))
            await asyncio.sleep(0.3)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            for _ in range(100):
                if ended.is_set():
                    return
                await asyncio.sleep(0.05)

    with served(until_gone) as address:
        asyncio.run(give_up(address))
        assert ended.is_set(), "while the channel was still open"


def test_a_channel_that_led_nowhere_for_long_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "_RENEWED_AFTER_S", 0.5)
    with served() as address:
        targets = iter(["127.0.0.1:1", address])
        renewed = RenewedChannel(lambda: grpc.insecure_channel(next(targets)))
        method = g2p_pb2_grpc.G2PServiceStub(renewed).Convert
        assert client.call(method, pb.ConvertRequest(), patience_s=20).conversions[0].ipa == "a"
        renewed.close()


@pytest.mark.parametrize(
    ("target", "through_proxy"),
    [
        ("127.0.0.1:1", False),
        ("localhost:1", False),
        ("dns:///localhost:1", False),
        ("ipv4:127.0.0.1:1,127.0.0.1:2", False),
        ("[::1]:1", False),
        ("dns:///g2p:50051", True),
        ("127.0.0.1.example.org:1", True),
    ],
)
def test_only_loopback_goes_past_proxies(target: str, through_proxy: bool) -> None:
    options = dict(channel._options(target, Settings()))
    assert options["grpc.enable_http_proxy"] == through_proxy


def test_a_proxy_in_the_environment_does_not_hide_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "grpc_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nobody listens there
    for name in ("no_proxy", "NO_PROXY", "no_grpc_proxy"):
        monkeypatch.delenv(name, raising=False)
    with served() as address:
        with G2PClient(address, patience_s=0) as sync:
            assert sync.convert("a", "eng").ipa == "a"

        async def ask() -> str:
            async with AsyncG2PClient(address, patience_s=0) as g2p:
                return (await g2p.convert("a", "eng")).ipa

        assert asyncio.run(ask()) == "a"
