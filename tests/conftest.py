"""Fixtures shared by all tests: a real S3 server, and where the real data are."""

import os
import secrets
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings as hypothesis_settings
from pydantic import SecretStr

from isogloss.errors import IsoglossError
from isogloss.settings import Settings
from isogloss.store import Store
from stack import seaweed
from stack.ports import Ports

if TYPE_CHECKING:
    from tests.local_stack import LocalStack

ROOT = Path(__file__).resolve().parent.parent

# As in the parts of the local stack: threads that wait for each other while another worker has the core spin,
# and a test of one second takes twenty.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# No test is timed: an example that a busy machine makes late is no failure.
hypothesis_settings.register_profile("untimed", deadline=None)
hypothesis_settings.load_profile("untimed")


# Folders whose tests share something that takes long to start, the longest first: the local stack, and the
# stand-in checkout. A worker of pytest-xdist runs such a folder as one, and of the others a file.
_SHARING = ("tests/e2e", "tests/contract/stack")


def _scope(nodeid: str) -> str:
    file = nodeid.partition("::")[0]
    folder = file.rpartition("/")[0]
    return folder if folder in _SHARING else file


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest is begun first."""
    items.sort(key=lambda item: (*_SHARING, _scope(item.nodeid)).index(_scope(item.nodeid)))


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Marks of groups would do, but for pytest 9.2, under which xdist 3.8 does not see them."""
    from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

    class Scheduling(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return _scope(nodeid)

    return Scheduling(config, log)


def free_ports(count: int) -> list[int]:
    """Ports of loopback that are free now, drawn at random: test runs beside each other draw others."""
    with Ports() as ports:
        return [ports.any() for _ in range(count)]


class S3Server:
    """SeaweedFS on loopback, from its PyPI wheel; can be killed and started again on the same data.

    With the files of `mutual_tls`, it serves clients alone that show a certificate of that authority.
    """

    def __init__(self, directory: Path, mutual_tls: Settings | None = None) -> None:
        self.directory = directory
        self._tls = mutual_tls
        self.access_key, self.secret_key = secrets.token_hex(8), secrets.token_hex(16)
        self._claims = Ports()  # for as long as the server may be started again
        self._port = self._claims.any()
        self._inner = {name: self._claims.any() for name in seaweed.INNER_PORTS}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def settings(self) -> Settings:
        """Settings that reach this server."""
        secured = {}
        if self._tls is not None:
            files = self._tls.model_dump(include={"tls_cert", "tls_key", "tls_ca"})
            secured = files | {"s3_secure": True, "s3_ca": self._tls.tls_ca}
        return Settings(
            s3_endpoint=f"127.0.0.1:{self._port}",
            s3_access_key=SecretStr(self.access_key),
            s3_secret_key=SecretStr(self.secret_key),
            bucket="isogloss-test",
            s3_patience_s=60,
            **secured,
        )

    @property
    def environment(self) -> dict[str, str]:
        """The same for a child process."""
        config = self.settings
        return os.environ | {
            "ISOGLOSS_S3_ENDPOINT": config.s3_endpoint,
            "ISOGLOSS_S3_ACCESS_KEY": self.access_key,
            "ISOGLOSS_S3_SECRET_KEY": self.secret_key,
            "ISOGLOSS_BUCKET": config.bucket,
        }

    def start(self) -> None:
        """Start the server and wait until the bucket can be written."""
        command = seaweed.command(self.directory, self._port, self._inner)
        if self._tls is not None:
            command += [
                f"-s3.cert.file={self._tls.tls_cert}",
                f"-s3.key.file={self._tls.tls_key}",
                f"-s3.cacert.file={self._tls.tls_ca}",
                "-s3.tlsVerifyClientCert=true",
            ]
        credentials = {"AWS_ACCESS_KEY_ID": self.access_key, "AWS_SECRET_ACCESS_KEY": self.secret_key}
        log = (self.directory / "weed.log").open("ab")
        self._process = subprocess.Popen(
            command, env=os.environ | credentials, stdout=log, stderr=log, cwd=self.directory
        )
        config = self.settings.model_copy(update={"s3_patience_s": 1.0})
        deadline = time.monotonic() + 60
        while True:
            try:
                return Store.from_settings(config).ensure_bucket()
            except IsoglossError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise
                time.sleep(0.2)

    def kill(self) -> None:
        """kill -9: what was acknowledged must survive."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
            seaweed.remove_sockets([self._port, *self._inner.values()])


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A running S3 server for the whole session."""
    server = S3Server(tmp_path_factory.mktemp("s3"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def store(s3: S3Server) -> Store:
    """A bucket on that server."""
    return Store.from_settings(s3.settings)


@pytest.fixture(scope="session")
def local_stack(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[LocalStack]":
    """All parts of the local stack, running, for the whole session."""
    from tests.contract.sources.local_hub import LocalHub
    from tests.local_stack import LocalStack

    with LocalHub().serve() as hub:
        local = LocalStack(tmp_path_factory.mktemp("stack"), hub)
        local.finish(local.command("up", "--trainers", "2"))
        yield local
        local.finish(local.command("down"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real data beside the checkout; tests that need it are skipped where it is absent."""
    path = Path(os.environ.get("ISOGLOSS_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not (path / "counts.json").is_file():
        pytest.skip(f"no real data at {path}: set ISOGLOSS_SHARED_DATA to a mirror directory")
    return path
