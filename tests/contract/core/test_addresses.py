"""Whatever URI a caller sends: nothing but our own bucket is read, and nobody else is spoken to."""

import sys
from collections.abc import Iterator
from typing import Any

import pytest

from isogloss.artifacts import JSON, Artifact
from isogloss.errors import InvalidInput
from isogloss.store import Store
from tests.conftest import S3Server

ADDRESSES = [
    "http://169.254.169.254/latest/meta-data/iam/security-credentials/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://metadata.google.internal/computeMetadata/v1/",
    "http://127.0.0.1:22/",
    "http://localhost:6379/",
    "http://[::1]:9000/",
    "http://0.0.0.0:8080/",
    "http://2130706433/",
    "http://0x7f.1/",
    "https://kubernetes.default.svc/api/v1/secrets",
    "file:///etc/passwd",
    "file://localhost/etc/passwd",
    "ftp://127.0.0.1/x",
    "gopher://127.0.0.1:6379/_INFO",
    "dict://127.0.0.1:11211/stat",
    "data:application/json,0",
    "//169.254.169.254/x",
    "/etc/passwd",
    "s3://other-bucket/train/key/attempt/file",
    "s3://{bucket}@169.254.169.254/x",
    "s3://169.254.169.254/{bucket}/x",
    "s3://{bucket}/../other-bucket/x",
    "s3://{bucket}/%2e%2e/other-bucket/x",
    "s3://{bucket}/train/key/?prefix=x",
    "s3://{bucket}#/x",
    "S3://{bucket}/train/key/file",
    "s3:/{bucket}/train/key/file",
    "s3://{bucket}/\r\nHost: 169.254.169.254/x",
]
_CONNECTED: list[Any] = []
_LISTENING: list[bool] = [False]


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if _LISTENING[0] and event in ("socket.connect", "socket.getaddrinfo"):
        _CONNECTED.append(arguments[1:])


@pytest.fixture
def connections() -> Iterator[list[Any]]:
    """Every address that this process asks for or connects to. An audit hook cannot be taken away again."""
    if not hasattr(sys, "_isogloss_hears"):
        sys.addaudithook(_hear)
        sys._isogloss_hears = True  # type: ignore[attr-defined]
    _CONNECTED.clear()
    _LISTENING[0] = True
    yield _CONNECTED
    _LISTENING[0] = False


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_that_is_not_in_our_bucket_is_refused_unseen(
    address: str, store: Store, connections: list[Any]
) -> None:
    foreign = Artifact(address.format(bucket=store.bucket), "0" * 64, 1, JSON)
    with pytest.raises(InvalidInput, match="uri"):
        store.get(foreign)
    with pytest.raises(InvalidInput, match="uri"):
        store.is_whole(foreign)
    assert connections == []


def test_a_connection_would_be_heard(s3: S3Server, connections: list[Any]) -> None:
    assert Store.from_settings(s3.settings).manifest("test", "0" * 64) is None
    assert connections
