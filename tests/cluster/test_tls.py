"""A run with TLS between all parts, by the manifests; and who is refused. Not in CI: `make cluster-tls`."""

import asyncio
import base64
import http.client
import shutil
import ssl
from collections.abc import Iterator
from typing import Any

import asyncpg
import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.cluster.installation import SERVICES, Installation, build_stand_ins
from tests.cluster.test_containers import SMALL, finish
from tests.k8s.rendering import render

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

_AWAIT_A_LATE_RUN = """
import time
from prefect.client.orchestration import get_client
with get_client(sync_client=True) as client:
    deployment = client.read_deployment_by_name("replicate/full")
    run = client.create_flow_run_from_deployment(deployment.id)  # no worker is there to start it
    ends_at = time.monotonic() + 90
    while client.read_flow_run(run.id).state.name != "Late":
        assert time.monotonic() < ends_at
        time.sleep(1)
"""
PORTS = {"g2p": 50051, "trainer": 50052, "embedder": 50053, "metrics": 50054}


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    if shutil.which("podman") is None:
        pytest.skip("podman is not installed")
    folder = tmp_path_factory.mktemp("tls")
    for parent in (folder, *folder.parents[:2]):  # pods are other users
        parent.chmod(0o755)
    build_stand_ins(folder)
    installation = Installation(folder, render("local", "tls", "tls-stores"), SMALL)
    try:
        installation.start()
        yield installation
    finally:
        installation.remove()


def context(installation: Installation, shown: str | None) -> ssl.SSLContext:
    """Trust in the installation's authority; `shown` is the part whose certificate is shown."""
    files = installation.kubelet.secrets[f"{shown or 'run'}-tls"]
    trusting = ssl.create_default_context(cadata=files["ca.crt"])
    trusting.check_hostname = False  # pods are addressed by number from here; the run addresses them by name
    if shown is not None:
        folder = installation.kubelet.folder / "shown" / shown
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("tls.crt", "tls.key"):
            (folder / name).write_text(files[name])
        trusting.load_cert_chain(folder / "tls.crt", folder / "tls.key")
    return trusting


def status(connection: http.client.HTTPConnection, path: str = "/", password: str | None = None) -> int:
    """The status of an answer to GET."""
    encoded = base64.b64encode((password or "").encode()).decode()
    headers = {"Authorization": f"Basic {encoded}"} if password else {}
    try:
        connection.request("GET", path, headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_a_run_succeeds(installation: Installation) -> None:
    finish(installation.start_run())
    assert installation.numbers()


def test_every_probe_succeeds(installation: Installation) -> None:
    for pod in installation.kubelet.pods.values():
        for kind in ("startupProbe", "readinessProbe", "livenessProbe"):
            if kind in pod.container:
                pod.await_probe(kind)


@pytest.mark.parametrize("part", SERVICES)
def test_services_refuse_who_shows_no_certificate(part: str, installation: Installation) -> None:
    address = f"{installation.pod(part).address}:{PORTS[part]}"
    files = {name: text.encode() for name, text in installation.kubelet.secrets["run-tls"].items()}
    named = [("grpc.ssl_target_name_override", part)]
    with_ours = grpc.ssl_channel_credentials(files["ca.crt"], files["tls.key"], files["tls.crt"])
    without = grpc.ssl_channel_credentials(files["ca.crt"])
    with grpc.secure_channel(address, with_ours, named) as channel:
        answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=10)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
    for stranger in (grpc.insecure_channel(address), grpc.secure_channel(address, without, named)):
        with stranger, pytest.raises(grpc.RpcError):
            health_pb2_grpc.HealthStub(stranger).Check(health_pb2.HealthCheckRequest(), timeout=5)


def test_s3_refuses_who_shows_no_certificate(installation: Installation) -> None:
    address = installation.pod("s3").address
    with_ours = http.client.HTTPSConnection(address, 9000, context=context(installation, "run"))
    assert status(with_ours) == http.HTTPStatus.FORBIDDEN  # it is heard; S3 then asks for the access key
    assert status(http.client.HTTPConnection(address, 9000)) == http.HTTPStatus.BAD_REQUEST
    without = http.client.HTTPSConnection(address, 9000, context=context(installation, None))
    with pytest.raises(ssl.SSLError, match="certificate required"):
        status(without)


def test_prefect_refuses_plain_http_and_who_has_no_password(installation: Installation) -> None:
    """No certificate of the client: Prefect's clients cannot show one."""
    address = installation.pod("prefect").address
    password = installation.kubelet.secrets["isogloss-prefect"]["auth-string"]

    def secure() -> http.client.HTTPConnection:
        return http.client.HTTPSConnection(address, 4200, context=context(installation, None))

    assert status(secure(), "/api/admin/version", password) == http.HTTPStatus.OK
    assert status(secure(), "/api/admin/version") == http.HTTPStatus.UNAUTHORIZED
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        status(http.client.HTTPConnection(address, 4200), "/api/admin/version", password)


def test_postgres_wants_tls_and_its_users_certificate_and_password(installation: Installation) -> None:
    assert query(installation, "SELECT current_user", ssl=context(installation, "prefect")) == "prefect"
    for refused in (False, context(installation, None), context(installation, "g2p")):
        with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
            query(installation, "SELECT 1", ssl=refused)
    with pytest.raises(asyncpg.InvalidPasswordError):
        query(installation, "SELECT 1", ssl=context(installation, "prefect"), password="wrong")


def query(installation: Installation, sql: str, **options: Any) -> Any:
    """One value from Prefect's database."""

    async def fetch() -> Any:
        password = installation.kubelet.secrets["isogloss-postgres"]["password"]
        known = {"host": installation.pod("postgres").address, "user": "prefect", "password": password}
        connection = await asyncpg.connect(database="prefect", **{**known, **options})
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    return asyncio.run(fetch())


def test_prefects_background_services_run(installation: Installation) -> None:
    """Without `prefect server start`, too: what a run's tasks did is written, and late runs are marked."""
    written = "SELECT count(*) FROM task_run WHERE state_type = 'COMPLETED'"
    assert query(installation, written, ssl=context(installation, "prefect")) > 0
    installation.in_flows_image(["-c", _AWAIT_A_LATE_RUN])
