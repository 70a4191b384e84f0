"""G2P as a process: stopped with calls in flight, asked for more than it can do, abused on its socket."""

import os
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from isogloss import G2PClient
from isogloss.errors import Busy
from isogloss.g2p.v1 import g2p_pb2
from tests.chaos.g2p_process import G2PProcess

Times = Callable[[int], int]
Say = Callable[[str], None]
TEXTS = ["Habari ya asubuhi, dunia nzima inasoma maneno haya."] * 20
FULL = 4 * (os.cpu_count() or 1)


@pytest.fixture
def g2p() -> Iterator[G2PProcess]:
    service = G2PProcess()
    yield service
    service.close()


def test_sigterm_with_calls_in_flight(g2p: G2PProcess, times: Times, say: Say) -> None:
    callers, failed = times(200), []

    def ask(_: int) -> None:
        try:
            with G2PClient(g2p.address, patience_s=120) as client:
                assert len(list(client.sequences(TEXTS, "swa"))) == len(TEXTS)
        except Exception as error:
            failed.append(error)

    with ThreadPoolExecutor(callers) as pool:
        calls = [pool.submit(ask, number) for number in range(callers)]
        time.sleep(0.5)
        g2p.restart()
        for call in calls:
            call.result(240)
    assert failed == []
    say(f"SIGTERM with {callers} calls in flight, and a start: {len(failed)} failed with our client")


@pytest.fixture
def small_g2p() -> Iterator[G2PProcess]:
    service = G2PProcess(ISOGLOSS_MAX_CALLS=str(FULL))
    yield service
    service.close()


def test_five_times_overload(small_g2p: G2PProcess, times: Times, say: Say) -> None:
    """Full load is as many callers as the server takes calls at once; five times as many overload it. A call
    is so long that the server is what they wait for, and not this process, which asks for all of them.
    """
    long_texts = [" ".join(TEXTS)] * 50
    process = psutil.Process(small_g2p.process.pid)

    def seconds(client: G2PClient) -> float | None:
        started = time.monotonic()
        try:
            list(client.sequences(long_texts, "swa"))
        except Busy as busy:
            time.sleep(busy.retry_after_s or 0)  # as the client does that has patience
            return None
        return time.monotonic() - started

    def load(callers: int, calls: int) -> list[float | None]:
        client = G2PClient(small_g2p.address, patience_s=0, timeout_s=10)
        with client, ThreadPoolExecutor(callers) as pool:
            return list(pool.map(lambda _: seconds(client), range(calls)))

    load(FULL, 5 * FULL)
    usual = sorted(filter(None, load(FULL, times(1000))))
    before = process.memory_info().rss
    overloaded = load(5 * FULL, times(5000))
    admitted = sorted(filter(None, overloaded))
    grown = process.memory_info().rss - before
    assert grown < 2**28, "memory is bounded"
    assert load(1, 1)[0] is not None, "it has recovered"
    p99 = [values[int(0.99 * len(values))] for values in (usual, admitted)]
    refused = len(overloaded) - len(admitted)
    say(
        f"{len(overloaded)} calls at five times the load: {refused} refused, p99 of the admitted"
        f" {p99[1] / p99[0]:.1f} times that of full load, memory {grown / 2**20:+.0f} MiB"
    )


def test_abuse_of_the_socket(g2p: G2PProcess, times: Times, say: Say) -> None:
    host, _, port = g2p.address.partition(":")
    draw, count = random.Random(3), times(1000)
    held: list[socket.socket] = []
    for number in range(count):
        with_us = socket.create_connection((host, int(port)), timeout=10)
        match number % 4:
            case 0:
                with_us.sendall(draw.randbytes(200))
            case 1:
                with_us.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\x08\x06\0\0\0\0\0" + bytes(8))
            case 2:
                with_us.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff\xff\xff\x01\x05\0\0\0\x01")
        held.append(with_us)
        if len(held) > 100:
            held.pop(0).close()
    with G2PClient(g2p.address, patience_s=60) as client:
        assert client.convert("dunia", "swa").ipa
    for item in held:
        item.close()
    say(f"{count} connections with garbage, pings, oversized frames or silence: another client is answered")


def test_canceled_calls_leave_nothing(g2p: G2PProcess, times: Times, say: Say) -> None:
    process, count = psutil.Process(g2p.process.pid), times(2000)
    request = g2p_pb2.ConvertRequest(language="swa", texts=TEXTS)
    with G2PClient(g2p.address, patience_s=60) as client:
        list(client.sequences(TEXTS, "swa"))
        before = process.num_threads(), process.num_fds()
        draw, over = random.Random(4), threading.Event()
        for _ in range(count):
            call = client._stub.Convert.future(request, timeout=60)
            over.wait(0.002 * draw.random())
            call.cancel()
        assert client.convert("dunia", "swa").ipa
        after = process.num_threads(), process.num_fds()
    assert after[1] <= before[1] + 8
    grown = f"threads {before[0]} to {after[0]}, descriptors {before[1]} to {after[1]}"
    say(f"{count} calls canceled at random points: {grown}")
