"""What the parts are told: only loopback, only their own stack, nothing of the user's Prefect."""

import json
import stat
from collections.abc import Iterator

import pytest

from stack.checkout import Checkout
from stack.errors import StackError
from stack.parts import Plan, plan, with_loopback
from stack.ports import Ports
from tests.conftest import free_ports
from tests.contract.stack.standin import make_checkout


@pytest.fixture
def checkout(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    root = make_checkout(tmp_path_factory.mktemp("checkout"))
    monkeypatch.setenv("ISOGLOSS_PREFECT_PORT", str(free_ports(1)[0]))
    monkeypatch.delenv("ISOGLOSS_STATE_DIR", raising=False)
    found = Checkout.find(root / "services")
    found.prepare()
    return found


@pytest.fixture
def ports() -> Iterator[Ports]:
    with Ports() as claimed:
        yield claimed


def _environment(chosen: Plan, part: str) -> dict[str, str]:
    return next(item.environment for item in chosen.parts if item.name == part)


def test_every_part_listens_on_loopback_only(checkout: Checkout, ports: Ports) -> None:
    chosen = plan(checkout, trainers=3, token="t", ports=ports)
    addresses = [part.address.removeprefix("http://") for part in chosen.parts if part.name != "worker"]
    assert len(addresses) == 8
    assert len(set(addresses)) == 8
    assert all(address.startswith("127.0.0.1:") for address in addresses)
    assert not any("0.0.0.0" in argument for part in chosen.parts for argument in part.command)


def test_clients_find_every_trainer(checkout: Checkout, ports: Ports) -> None:
    chosen = plan(checkout, trainers=2, token="t", ports=ports)
    listening = [_environment(chosen, f"trainer-{n}")["ISOGLOSS_LISTEN"] for n in range(2)]
    assert chosen.shared["ISOGLOSS_TRAINER_TARGET"] == "ipv4:" + ",".join(listening)
    assert chosen.shared["ISOGLOSS_TRAINERS"] == "2"


def test_the_users_own_prefect_and_proxies_are_kept_out(
    checkout: Checkout, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "https://prefect.example/api")
    monkeypatch.setenv("PREFECT_API_KEY", "secret")
    monkeypatch.setenv("ISOGLOSS_LISTEN", "0.0.0.0:1")
    monkeypatch.setenv("NO_PROXY", "example.org")
    chosen = plan(checkout, trainers=1, token="t", ports=ports)
    for part in chosen.parts:
        assert "PREFECT_API_KEY" not in part.environment
        assert part.environment["PREFECT_API_URL"].startswith("http://127.0.0.1:")
        assert part.environment.get("ISOGLOSS_LISTEN") != "0.0.0.0:1"
        assert part.environment["NO_PROXY"] == "example.org,127.0.0.1,localhost"


def test_loopback_is_not_added_twice() -> None:
    assert with_loopback("localhost,127.0.0.1") == "localhost,127.0.0.1"


def test_credentials_are_made_once_per_checkout_and_are_private(checkout: Checkout, ports: Ports) -> None:
    first = plan(checkout, trainers=1, token="t", ports=ports).shared
    ports.close()
    second = plan(checkout, trainers=1, token="u", ports=ports).shared
    assert first["ISOGLOSS_S3_SECRET_KEY"] == second["ISOGLOSS_S3_SECRET_KEY"]
    assert len(first["ISOGLOSS_S3_SECRET_KEY"]) == 64
    assert stat.S_IMODE(checkout.credentials.stat().st_mode) == 0o600
    assert stat.S_IMODE(checkout.state.stat().st_mode) == 0o700


def test_spoilt_credentials_are_named_with_the_fix(checkout: Checkout, ports: Ports) -> None:
    checkout.credentials.write_text(json.dumps({"access_key": "a"}))
    with pytest.raises(StackError, match=r"credentials\.json"):
        plan(checkout, trainers=1, token="t", ports=ports)


@pytest.mark.parametrize("port", ["", "four", "0", "70000"])
def test_a_port_that_is_none_is_refused(
    checkout: Checkout, ports: Ports, monkeypatch: pytest.MonkeyPatch, port: str
) -> None:
    monkeypatch.setenv("ISOGLOSS_PREFECT_PORT", port)
    with pytest.raises(StackError, match="ISOGLOSS_PREFECT_PORT"):
        plan(checkout, trainers=1, token="t", ports=ports)
