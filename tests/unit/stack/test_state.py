"""The lock says whether a supervisor lives, and the status file what it last said."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from stack import environment
from stack.checkout import Checkout
from stack.errors import StackError
from stack.state import (
    PartStatus,
    StackStatus,
    hold_lock,
    is_running,
    read_status,
    write_private,
    write_status,
)

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    found = Checkout(tmp_path, tmp_path / ".isogloss")
    found.prepare()
    return found


def test_a_status_reads_back_as_it_was_written(checkout: Checkout) -> None:
    part = PartStatus(
        "g2p", "127.0.0.1:50051", "ready", pid=7, started=1.5, restarts=2, last_exit="exit code 1"
    )
    written = StackStatus("token", pid=5, phase="ready", notes=["port 9000 is taken"], parts=[part])
    write_status(checkout, written)
    assert read_status(checkout) == written


def test_a_spoilt_status_is_none(checkout: Checkout) -> None:
    checkout.status.write_text('{"token": ')
    assert read_status(checkout) is None


def test_the_lock_is_seen_by_others_and_ends_with_its_process(checkout: Checkout) -> None:
    assert not is_running(checkout)
    hold = (
        "import sys, time; from pathlib import Path; from stack.checkout import Checkout;"
        "from stack.state import hold_lock; root = Path(sys.argv[1]);"
        "lock = hold_lock(Checkout(root, root / '.isogloss')); print('held', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", hold, str(checkout.root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert is_running(checkout)
        assert hold_lock(checkout) is None
        holder.kill()
        holder.wait()
    assert not is_running(checkout)


def test_settings_of_a_stack_that_is_gone_are_not_used(tmp_path: Path) -> None:
    (tmp_path / "services").mkdir()
    (tmp_path / "prefect.yaml").touch()
    checkout = Checkout.find(tmp_path)
    checkout.prepare()
    write_private(checkout.environment, "PREFECT_API_URL=http://127.0.0.1:4200/api?a=b\n")
    assert stat.S_IMODE(checkout.environment.stat().st_mode) == 0o600
    assert environment(tmp_path) == {}
    lock = hold_lock(checkout)
    assert lock is not None
    with lock:
        assert environment(tmp_path) == {"PREFECT_API_URL": "http://127.0.0.1:4200/api?a=b"}


def test_outside_of_a_checkout_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="not inside a checkout"):
        Checkout.find(tmp_path)
    assert environment(tmp_path) == {}


def test_a_state_directory_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StackError, match="cannot keep the stack's state") as caught:
        Checkout(tmp_path, tmp_path / "file" / "state").prepare()
    assert "ISOGLOSS_STATE_DIR" in caught.value.fix
