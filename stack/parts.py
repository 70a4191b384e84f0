"""The parts of the local stack: what each one runs, where it listens, how it is known to be ready, how it is
stopped.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from stack import readiness, seaweed
from stack.checkout import Checkout
from stack.errors import StackError
from stack.ports import LOOPBACK, Ports
from stack.prefect_api import AUTH, auth_string
from stack.readiness import Check

POOL = "isogloss"
PREFECT_PORT = "ISOGLOSS_PREFECT_PORT"
TOKEN = "ISOGLOSS_STACK"
"""Every process of a stack carries the stack's token in this variable, and thereby can be found when all else
is lost.
"""

SERVICES = {"g2p": 50051, "embedder": 50053, "metrics": 50054}
TRAINER_PORT, MORE_TRAINERS_PORT = 50052, 50055


def _nothing() -> None:
    return None


@dataclass(frozen=True)
class Part:
    """One process of the stack.

    `stage` orders the stopping: lower ones first, those of one stage together. `grace_s` is the time between
    SIGTERM and SIGKILL, seconds. `nice` is its niceness. `clean` runs when the process is gone.
    """

    name: str
    address: str
    command: list[str]
    environment: dict[str, str]
    ready: Check
    stage: int
    grace_s: float
    nice: int = 0
    clean: Callable[[], None] = field(default=_nothing)


@dataclass(frozen=True)
class Plan:
    """A whole stack: its parts in the order of starting, the settings that reach it, notes for the user."""

    parts: list[Part]
    shared: dict[str, str]
    notes: list[str]
    ui: str


def plan(checkout: Checkout, trainers: int, token: str, ports: Ports) -> Plan:
    """Choose settings for that many trainers, and ports, claimed for as long as `ports` is open.

    `StackError` when Prefect's port is taken.
    """
    prefect_port = ports.exactly(
        "the Prefect server",
        _prefect_port(),
        f"Stop that process, or set {PREFECT_PORT} to a free port; `prefect deployment run` as typed then"
        " needs the same port in pyproject.toml, [tool.prefect.api] url.",
    )
    api = f"http://{LOOPBACK}:{prefect_port}/api"
    s3_port = ports.choose("S3", 9000)
    inner_ports = {name: ports.any() for name in seaweed.INNER_PORTS}
    addresses = {name: f"{LOOPBACK}:{ports.choose(name, port)}" for name, port in SERVICES.items()}
    usual = [TRAINER_PORT, *range(MORE_TRAINERS_PORT, MORE_TRAINERS_PORT + trainers)]
    trainer_addresses = [f"{LOOPBACK}:{ports.choose(f'trainer-{n}', usual[n])}" for n in range(trainers)]

    keys = seaweed.credentials(checkout)
    shared = {
        "ISOGLOSS_STATE_DIR": str(checkout.state),
        "ISOGLOSS_S3_ENDPOINT": f"{LOOPBACK}:{s3_port}",
        "ISOGLOSS_S3_ACCESS_KEY": keys.access_key,
        "ISOGLOSS_S3_SECRET_KEY": keys.secret_key,
        "ISOGLOSS_S3_SECURE": "false",
        "ISOGLOSS_BUCKET": seaweed.BUCKET,
        **{f"ISOGLOSS_{name.upper()}_TARGET": address for name, address in addresses.items()},
        "ISOGLOSS_TRAINER_TARGET": f"ipv4:{','.join(trainer_addresses)}",
        "ISOGLOSS_TRAINERS": str(trainers),
        "PREFECT_API_URL": api,
        AUTH: auth_string(checkout),
    }
    # A run looks whether the supervisor lives, and stops when it does not.
    base = _inherited() | shared | {TOKEN: token, "ISOGLOSS_SUPERVISOR_PID": str(os.getpid())}
    parts = [
        _prefect(checkout, base, prefect_port, api),
        _s3(checkout, base, s3_port, inner_ports),
        _worker(checkout, base, api),
        *(_service(name, f"services.{name}", address, base) for name, address in addresses.items()),
        *(
            _service(f"trainer-{n}", "services.trainer", address, base)
            for n, address in enumerate(trainer_addresses)
        ),
    ]
    return Plan(parts, shared, ports.notes, api.removesuffix("/api"))


def with_loopback(no_proxy: str) -> str:
    """NO_PROXY extended by loopback: a proxy of the environment must not stand between the parts."""
    entries = [entry for entry in no_proxy.split(",") if entry]
    return ",".join(entries + [host for host in (LOOPBACK, "localhost") if host not in entries])


def _prefect_port() -> int:
    text = os.environ.get(PREFECT_PORT, "4200")
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise StackError(
            f"{PREFECT_PORT} is {text!r}, which is not a port.", "Set it to a number from 1 to 65535."
        )
    return int(text)


def _inherited() -> dict[str, str]:
    """The user's environment without what would point a part elsewhere than at this stack."""
    alien = ("ISOGLOSS_LISTEN", "ISOGLOSS_METRICS_PORT")  # one address cannot serve several parts
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PREFECT_") and name not in alien
    }
    proxies = with_loopback(os.environ.get("NO_PROXY") or os.environ.get("no_proxy") or "")
    return kept | {"NO_PROXY": proxies, "no_proxy": proxies, "PYTHONUNBUFFERED": "1"}


def _prefect_settings(checkout: Checkout, api: str) -> dict[str, str]:
    return {
        "PREFECT_HOME": str(checkout.prefect),
        "PREFECT_API_URL": api,
        # A server that is away must not be replaced in silence by one inside of the client.
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }


def _prefect(checkout: Checkout, base: dict[str, str], port: int, api: str) -> Part:
    environment = _prefect_settings(checkout, api) | {
        "PREFECT_SERVER_API_HOST": LOOPBACK,
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_SERVER_API_AUTH_STRING": auth_string(checkout),
        "PREFECT_SERVER_UI_API_URL": api,
        # By default any web page in the user's browser may start flow runs here.
        "PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS": f"http://{LOOPBACK}:{port},http://localhost:{port}",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
    }
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", LOOPBACK, "--port", str(port)]
    ready = readiness.prefect_server(api, auth_string(checkout))
    return Part("prefect", api.removesuffix("/api"), command, base | environment, ready, stage=2, grace_s=5)


def _s3(checkout: Checkout, base: dict[str, str], port: int, inner_ports: dict[str, int]) -> Part:
    address = f"{LOOPBACK}:{port}"
    keys = seaweed.credentials(checkout)
    environment = {
        "AWS_ACCESS_KEY_ID": keys.access_key,
        "AWS_SECRET_ACCESS_KEY": keys.secret_key,
    }
    all_ports = (port, *inner_ports.values())
    return Part(
        "s3",
        address,
        seaweed.command(checkout.s3, port, inner_ports),
        base | environment,
        readiness.s3_bucket(address, seaweed.BUCKET, keys.access_key, keys.secret_key),
        stage=2,
        # An orderly end takes 2 s, and more while connections are open. It need not be waited for: what S3
        # has acknowledged survives even kill -9 (tests/contract/stack/test_stack_heals.py).
        grace_s=4,
        clean=lambda: seaweed.remove_sockets(all_ports),
    )


def _worker(checkout: Checkout, base: dict[str, str], api: str) -> Part:
    environment = _prefect_settings(checkout, api) | {
        # Prefect asks for work every 10 s by default: half of the time that a small flow would take.
        "PREFECT_WORKER_QUERY_SECONDS": "1",
    }
    command = [sys.executable, "-m", "stack.worker"]
    ready = readiness.prefect_worker(api, auth_string(checkout), POOL)
    return Part("worker", f"pool {POOL}", command, base | environment, ready, stage=0, grace_s=6)


def _service(name: str, module: str, address: str, base: dict[str, str]) -> Part:
    environment = {
        "ISOGLOSS_LISTEN": address,
        "ISOGLOSS_TORCH_THREADS": base.get("ISOGLOSS_TORCH_THREADS", "1"),
        # The parts share the cores; more threads than that would only fight for them.
        "OMP_NUM_THREADS": base.get("OMP_NUM_THREADS", "1"),
        # Callers are gone before the services are stopped: nobody waits for an answer.
        "ISOGLOSS_DRAIN_S": base.get("ISOGLOSS_DRAIN_S", "2"),
    }
    ready = readiness.grpc_health(address)
    command = [sys.executable, "-m", module]
    # What trains or embeds fills every core from its imports on; those on which it waits go first.
    nice = 5 if module in ("services.trainer", "services.embedder") else 0
    inherited = {name: value for name, value in base.items() if name != AUTH}  # a service starts no runs
    return Part(name, address, command, inherited | environment, ready, stage=1, grace_s=8, nice=nice)
