"""Mutual TLS: a client with the installation's certificate is served, one without is not."""

import asyncio
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from isogloss import channel, client, tls
from isogloss.errors import InvalidInput, Unavailable
from isogloss.settings import Settings
from isogloss.store import Store
from tests.conftest import S3Server


def make_certificate(folder: Path) -> Settings:
    """Settings with a certificate for this machine, which is its own authority."""
    certificate, key = folder / "made.crt", folder / "made.key"
    subject = ["-subj", "/CN=isogloss", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", *subject]
    subprocess.run([*command, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    return Settings(tls_cert=certificate, tls_key=key, tls_ca=certificate)


@pytest.fixture(scope="module")
def configured(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings with such a certificate."""
    return make_certificate(tmp_path_factory.mktemp("tls"))


def ask(connection: grpc.Channel) -> int:
    """Health's answer."""
    stub = health_pb2_grpc.HealthStub(connection)
    return int(stub.Check(health_pb2.HealthCheckRequest(), timeout=10).status)


async def ask_async(address: str, config: Settings) -> int:
    """Health's answer to an asyncio program."""
    async with client.connect_async(address, config) as connection:
        stub = health_pb2_grpc.HealthStub(connection)
        return int((await stub.Check(health_pb2.HealthCheckRequest(), timeout=10)).status)


def test_only_a_certificate_of_the_installation_is_served(configured: Settings) -> None:
    server = grpc.server(ThreadPoolExecutor(2))
    health_pb2_grpc.add_HealthServicer_to_server(health.HealthServicer(), server)
    port = server.add_secure_port("localhost:0", tls.server_credentials(configured))
    server.start()
    address = f"localhost:{port}"
    try:
        with client.connect(address, configured) as connection:
            assert ask(connection) == health_pb2.HealthCheckResponse.SERVING
        assert asyncio.run(ask_async(address, configured)) == health_pb2.HealthCheckResponse.SERVING
        one_sided = grpc.ssl_channel_credentials(Path(str(configured.tls_ca)).read_bytes())
        for stranger in (grpc.insecure_channel(address), grpc.secure_channel(address, one_sided)):
            with stranger, pytest.raises(grpc.RpcError):
                ask(stranger)
    finally:
        server.stop(None).wait()


def test_s3_serves_a_certificate_of_the_installation_alone(configured: Settings, tmp_path: Path) -> None:
    server = S3Server(tmp_path, configured)
    server.start()
    try:
        assert list(Store.from_settings(server.settings).objects("")) == []
        impatient = server.settings.model_copy(update={"s3_patience_s": 0.5})
        without = {"tls_cert": None, "tls_key": None, "tls_ca": None}
        for stranger in (without, without | {"s3_secure": False}, {"s3_ca": None}):
            store = Store.from_settings(impatient.model_copy(update=stranger))
            with pytest.raises(Unavailable):
                list(store.objects(""))
    finally:
        server.kill()


def test_a_missing_file_is_named(configured: Settings, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="ISOGLOSS_TLS_KEY"):
        tls.channel_credentials(configured.model_copy(update={"tls_key": tmp_path / "gone"}))
    with pytest.raises(InvalidInput, match="ISOGLOSS_TLS_CA"):
        tls.channel_credentials(configured.model_copy(update={"tls_ca": None}))


def test_a_renewed_certificate_is_shown_without_a_restart(
    configured: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel, "_RENEWED_AFTER_S", 0.5)
    files = {"tls_cert": tmp_path / "tls.crt", "tls_key": tmp_path / "tls.key", "tls_ca": tmp_path / "ca.crt"}
    expired = make_certificate(tmp_path)
    for name, path in files.items():
        path.write_bytes(getattr(expired, name).read_bytes())
    server = grpc.server(ThreadPoolExecutor(2))
    health_pb2_grpc.add_HealthServicer_to_server(health.HealthServicer(), server)
    port = server.add_secure_port("localhost:0", tls.server_credentials(configured))
    server.start()
    with client.connect(f"localhost:{port}", configured.model_copy(update=files)) as connection:
        method = health_pb2_grpc.HealthStub(connection).Check
        with pytest.raises(Unavailable):
            client.call(method, health_pb2.HealthCheckRequest(), patience_s=1)
        for name, path in files.items():
            path.write_bytes(getattr(configured, name).read_bytes())
        assert client.call(method, health_pb2.HealthCheckRequest(), patience_s=20).status
    server.stop(None).wait()
