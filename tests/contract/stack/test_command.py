"""`isogloss replicate` as a user types it: tables and exit code; nothing left however the command ends."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack import stack
from stack.checkout import Checkout
from stack.processes import of_stack
from stack.state import is_running, read_status
from tests.contract.stack.conftest import wait_until


def _command(checkout: Checkout, *arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "isogloss.cli", *arguments]
    folder = checkout.root / "services"  # any folder of the checkout will do
    return subprocess.Popen(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # What a shell starts in the background ignores Ctrl-C, and hands that down.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def _run(checkout: Checkout, *arguments: str) -> tuple[int, str, str]:
    with _command(checkout, *arguments) as process:
        out, err = process.communicate(timeout=600)
    return process.returncode, out, err


@pytest.fixture
def counting(checkout: Checkout) -> Iterator["subprocess.Popen[str]"]:
    """A `replicate` that has started its own stack and is in the middle of a long run."""
    before = set((checkout.state / "runs").glob("*/progress.json"))
    with _command(checkout, "replicate", "--max-gpu-hours", "500") as process:
        wait_until(lambda: set((checkout.state / "runs").glob("*/progress.json")) > before, limit_s=600)
        yield process
        process.kill()
    if is_running(checkout):
        stack.down(checkout)


def _assert_all_gone(checkout: Checkout, token: str) -> None:
    wait_until(lambda: not is_running(checkout))
    assert of_stack(token) == []


def test_replicate_prints_tables_and_stops_what_it_started(checkout: Checkout) -> None:
    """And a run that another command starts on its stack meanwhile does not end with it."""
    asked = ("--data", "sub", "--tasks", "pos,ner", "--max-gpu-hours", "60")
    with _command(checkout, "replicate", *asked) as first:
        wait_until(lambda: bool(list((checkout.state / "runs").glob("*/progress.json"))), limit_s=600)
        code, out, err = _run(checkout, "replicate", "--max-gpu-hours", "90")
        assert code == 0, err
        assert "Table 1: 90 steps" in out
        out, err = first.communicate(timeout=600)
    assert first.returncode == 0, err
    assert "note: the stack goes on for" in err
    data = checkout.root / "services" / "sub"  # relative to where the user is
    assert f"Table 1: 60 steps, data {data}, tasks ['pos', 'ner']" in out
    assert "report: reports/latest/index.html" in out
    assert "\x1b" not in out, "colors only on a terminal"
    assert not is_running(checkout)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_command_that_is_ended_takes_its_stack_with_it(
    checkout: Checkout, counting: "subprocess.Popen[str]", number: signal.Signals
) -> None:
    status = read_status(checkout)
    assert status is not None
    os.kill(counting.pid, number)
    assert counting.wait(timeout=30) != 0
    _assert_all_gone(checkout, status.token)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
def test_a_killed_supervisor_takes_all_but_the_run_with_it(
    checkout: Checkout, counting: "subprocess.Popen[str]"
) -> None:
    status = read_status(checkout)
    assert status is not None
    os.kill(status.pid, signal.SIGKILL)
    _, err = counting.communicate(timeout=60)
    assert counting.returncode == 1
    assert "the stack went away" in err
    _assert_all_gone(checkout, status.token)
    # `status` and `env` name the way on; the next test's `up` starts anew from what is left.
    code, out, _ = _run(checkout, "status")
    assert code == 3
    assert "isogloss up" in out
    code, out, err = _run(checkout, "env")
    assert code == 1
    assert out == "", "no setting of a stack that is gone"
    assert "the stack is not running" in err


def test_two_ups_at_once_share_one_stack_and_replicate_uses_it_and_leaves_it(checkout: Checkout) -> None:
    with _command(checkout, "up") as first, _command(checkout, "up", "--trainers", "1") as second:
        outputs = [process.communicate(timeout=600) for process in (first, second)]
    try:
        assert (first.returncode, second.returncode) == (0, 0), outputs
        status = stack.status(checkout)
        assert status is not None
        children = [process for process in of_stack(status.token) if process.ppid() == status.pid]
        assert len(children) == len(status.parts)
        code, _, err = _run(checkout, "replicate", "--data", "wrong")
        assert code == 1
        assert "error: languages: 'xxx' is unknown. Choose eng." in err
        assert "Traceback" not in err
        current = stack.status(checkout)
        assert current is not None
        assert current.token == status.token
        code, out, _ = _run(checkout, "status")
        assert code == 0
        assert "trainer-0" in out
        code, out, _ = _run(checkout, "env")
        assert "export PREFECT_API_URL=http://127.0.0.1:" in out
        code, out, _ = _run(checkout, "logs", "flow", "-n", "5")
        assert "ValueError" in out
        assert {part.phase for part in current.parts} == {"ready"}
        os.kill(current.pid, signal.SIGKILL)
        wait_until(lambda: not is_running(checkout))
    finally:
        code, out, _ = _run(checkout, "down")  # takes what its supervisor's death left
    assert code == 0
    assert not checkout.status.exists()
    assert not checkout.environment.exists(), "it holds secrets"


def test_status_of_no_stack(checkout: Checkout, tmp_path: Path) -> None:
    code, out, _ = _run(checkout, "status")
    assert code == 3
    assert "isogloss up" in out
    outside = subprocess.run(
        [sys.executable, "-m", "isogloss.cli", "up"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert outside.returncode == 1
    assert "not inside a checkout" in outside.stderr
