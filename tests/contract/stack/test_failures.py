"""A stack that cannot start says why, with the part's own words, and leaves nothing behind."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack import stack
from stack.checkout import Checkout
from stack.errors import StackError
from stack.state import is_running
from tests.conftest import free_ports
from tests.contract.stack.standin import make_checkout


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, checkout: Checkout) -> Iterator[Checkout]:
    """A checkout whose g2p service does not start."""
    monkeypatch.setenv("ISOGLOSS_PREFECT_PORT", str(free_ports(1)[0]))
    root = make_checkout(tmp_path)
    (root / "services" / "g2p" / "__main__.py").write_text("raise SystemExit('no flite here')\n")
    found = Checkout.find(root)
    yield found
    stack.down(found)


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which something else listens."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield int(other.getsockname()[1])


def test_a_part_that_does_not_start_is_named_with_the_tail_of_its_log(broken: Checkout) -> None:
    with pytest.raises(StackError, match="g2p does not start: exit code 1") as caught:
        stack.up(broken, trainers=1)
    assert "no flite here" in caught.value.tail
    assert str(broken.log("g2p")) in caught.value.fix
    assert not is_running(broken)
    assert not stack.down(broken), "nothing is left"


def test_prefects_port_taken_is_an_error_that_names_the_setting(
    broken: Checkout, monkeypatch: pytest.MonkeyPatch, taken: int
) -> None:
    monkeypatch.setenv("ISOGLOSS_PREFECT_PORT", str(taken))
    started = time.monotonic()
    with pytest.raises(StackError, match=f"port {taken}") as caught:
        stack.up(broken, trainers=1)
    assert "ISOGLOSS_PREFECT_PORT" in caught.value.fix
    assert "pyproject.toml" in caught.value.fix
    assert time.monotonic() - started < 10
    assert not is_running(broken)


def test_an_incomplete_checkout_is_said_so(broken: Checkout) -> None:
    (broken.root / "services" / "metrics" / "__main__.py").unlink()
    with pytest.raises(StackError, match=r"services/metrics is not there"):
        stack.up(broken, trainers=1)


def test_senseless_numbers_of_trainers_are_refused(broken: Checkout) -> None:
    with pytest.raises(StackError, match="0 trainers"):
        stack.up(broken, trainers=0)
