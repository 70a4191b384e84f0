"""HTTP and JSON over a socket: the same answers, errors that name the field, and a page that describes it."""

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import ROOT


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "isogloss.cli", "g2p", "serve", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{address}/healthz", timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def call(url: str, body: bytes | None = None) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(url, body, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_convert(address: str) -> None:
    request = {"language": "fr", "texts": ["Bonjour le monde"], "words": True}
    status, answer = call(f"{address}/v1/convert", json.dumps(request).encode())
    assert status == 200
    assert answer["conversions"][0]["ipa"] == "bɔ̃ʒuʀ lə mɔ̃d"
    assert answer["conversions"][0]["words"][1]["start"] == 8


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"language": "xq", "texts": ["a"]}', "language"),
        (b'{"language": "fr", "texts": []}', "texts"),
        (b'{"language": "fr", "texts": ["a"], "colour": 1}', "body"),
        (b"{", "body"),
        (b"\xff", "body"),
        (b"[" * 100_000, "body"),
        (b'{"language": "fr", "texts": [null]}', "body"),
    ],
)
def test_an_error_names_the_field(address: str, body: bytes, field: str) -> None:
    status, answer = call(f"{address}/v1/convert", body)
    assert (status, answer["error"]["code"], answer["error"]["field"]) == (400, "INVALID_ARGUMENT", field)


def test_languages_and_description(address: str) -> None:
    assert call(f"{address}/v1/languages/French")[1]["code"] == "fra-Latn"
    assert any(item["code"] == "ukr-Cyrl" for item in call(f"{address}/v1/languages")[1]["languages"])
    described = call(f"{address}/openapi.json")[1]
    assert "texts" in described["components"]["schemas"]["ConvertRequest"]["properties"]
