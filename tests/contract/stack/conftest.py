"""One stand-in checkout for all tests of the stack: only its first start pays for Prefect's migrations."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stack import stack
from stack.checkout import Checkout
from stack.state import PartStatus, StackStatus
from tests.conftest import ROOT, free_ports
from tests.contract.stack.standin import make_checkout


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """The stand-in checkout, on a Prefect port of its own; no stack runs in it when a test gets it."""
    root = make_checkout(tmp_path_factory.mktemp("checkout"))
    python_path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ISOGLOSS_PREFECT_PORT", str(free_ports(1)[0]))
        patch.setenv("PYTHONPATH", python_path)
        patch.delenv("ISOGLOSS_STATE_DIR", raising=False)
        found = Checkout.find(root)
        yield found
        stack.down(found)


@pytest.fixture(scope="package")
def running(checkout: Checkout) -> Iterator[StackStatus]:
    """A stack with two trainers, for test_stack, test_stack_heals and test_stack_stops, in this order."""
    yield stack.up(checkout, trainers=2)
    stack.down(checkout)


def part(checkout: Checkout, name: str) -> PartStatus:
    """What the supervisor says about a part now."""
    status = stack.status(checkout)
    assert status is not None
    return status.part(name)


def wait_until(condition: Callable[[], bool], limit_s: float = 30) -> None:
    """Wait for a condition; AssertionError when it does not come true."""
    ends_at = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < ends_at, f"not within {limit_s} s"
        time.sleep(0.1)


def logged(path: Path) -> str:
    """The text of a log, for messages of assertions."""
    return path.read_text(errors="replace") if path.exists() else ""
