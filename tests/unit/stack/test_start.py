"""A command that comes while a stack is stopping waits for its end, and keeps the one that it then starts."""

import threading
from pathlib import Path
from typing import Any

import pytest

from stack import stack
from stack.checkout import Checkout
from stack.cli.replicate import _running_stack
from stack.state import StackStatus, hold_lock, write_status


class Started(Exception):
    """A supervisor would be started now."""


@pytest.fixture
def stopping(tmp_path: Path) -> Checkout:
    """A checkout whose supervisor is stopping, and gone in half a second."""
    checkout = Checkout(tmp_path, tmp_path / ".isogloss")
    checkout.prepare()
    lock = hold_lock(checkout)
    assert lock is not None
    write_status(checkout, StackStatus("token", pid=2**22 + 1, phase="stopping"))
    threading.Timer(0.5, lock.close).start()
    return checkout


@pytest.mark.parametrize(("keep_up", "attached"), [(False, True), (True, False)])
def test_replicate_starts_a_stack_of_its_own(
    stopping: Checkout, monkeypatch: pytest.MonkeyPatch, keep_up: bool, attached: bool
) -> None:
    def start(checkout: Checkout, trainers: int, **how: Any) -> None:
        assert not stack.is_running(checkout)
        raise Started(how["attached"])

    monkeypatch.setattr(stack, "_start_supervisor", start)
    with pytest.raises(Started, match=str(attached)), _running_stack(stopping, 1, keep_up):
        pass
