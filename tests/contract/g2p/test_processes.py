"""Several processes behind one port: shared by connections, one health, one shutdown, one set of metrics."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from isogloss import G2PClient
from tests.conftest import ROOT, free_ports
from tests.contract.g2p.running_service import running_service


@dataclass
class Service:
    address: str
    http: int
    metrics: int


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    http, metrics = free_ports(2)
    ports = {"ISOGLOSS_G2P_HTTP_PORT": str(http), "ISOGLOSS_METRICS_PORT": str(metrics)}
    with running_service(ISOGLOSS_G2P_PROCESSES="2", **ports) as address:
        yield Service(address, http, metrics)


def get(url: str, body: bytes | None = None) -> str:
    for _ in range(300):
        try:
            with urllib.request.urlopen(url, body, timeout=30) as answer:
                return str(answer.read().decode())
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{url} does not answer")


def children() -> list[int]:
    """Processes of the service: they were told their number."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ", "rb") as environ:
                content = environ.read()
        except OSError:
            continue
        if b"ISOGLOSS_SHARED_PORT=" in content:
            found.append(int(pid))
    return found


def test_each_connection_is_answered_and_metrics_are_of_all(service: Service) -> None:
    for _ in range(12):
        with G2PClient(service.address) as g2p:
            assert g2p.convert("Bonjour", "fra").ipa == "bɔ̃ʒuʀ"
    lines = get(f"http://127.0.0.1:{service.metrics}/metrics").splitlines()
    counted = [line for line in lines if line.startswith("isogloss_calls_total") and "/Convert" in line]
    assert sum(float(line.rpartition(" ")[2]) for line in counted) == 12


def test_http_is_on_its_port(service: Service) -> None:
    body = json.dumps({"language": "fr", "texts": ["Bonjour"]}).encode()
    answer = json.loads(get(f"http://127.0.0.1:{service.http}/v1/convert", body))
    assert answer["conversions"][0]["ipa"] == "bɔ̃ʒuʀ"


def test_one_that_dies_is_started_again(service: Service) -> None:
    before = children()
    assert len(before) == 2
    os.kill(before[0], signal.SIGKILL)
    for _ in range(300):
        now = children()
        if len(now) == 2 and before[0] not in now:
            break
        time.sleep(0.1)
    assert len(now) == 2
    with G2PClient(service.address) as g2p:
        assert g2p.convert("Bonjour", "fra").ipa == "bɔ̃ʒuʀ"


def test_a_taken_port_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        environment = os.environ | {"ISOGLOSS_LISTEN": address, "ISOGLOSS_G2P_PROCESSES": "2"}
        command = [sys.executable, "-m", "services.g2p"]
        ended = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, timeout=120, check=False
        )
    assert ended.returncode == 1
    assert b"set ISOGLOSS_LISTEN to a free port" in ended.stderr
