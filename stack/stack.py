"""Starting, asking and stopping the stack of a checkout, for the command line and for tests."""

import importlib.util
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from stack import seaweed
from stack.checkout import Checkout
from stack.errors import StackError
from stack.processes import sweep, tail
from stack.state import StackStatus, is_running, read_status, starting

MAX_TRAINERS = 64
STOP_LIMIT_S = 45.0
"""Seconds that an orderly stop may take; the graces of the stages add up to less."""

_POLL_S = 0.1

OnStatus = Callable[[StackStatus], None]


@dataclass
class Attached:
    """A stack that this process keeps: it stops when the process ends, however that happens."""

    checkout: Checkout
    supervisor: "subprocess.Popen[bytes]"
    status: StackStatus

    def stop(self) -> None:
        """Take the stack down and wait for it."""
        _let_go(self.supervisor)
        down(self.checkout)


def default_trainers() -> int:
    """One trainer per core, at most two: more of them share caches and memory bandwidth, not work."""
    return min(2, os.cpu_count() or 1)


def up(checkout: Checkout, trainers: int, on_status: OnStatus = lambda status: None) -> StackStatus:
    """Start a stack that goes on after this process, or return the one that runs.

    Raises:
        StackError: a prerequisite is missing, Prefect's port is taken, or a part does not start (with its
        log's tail).
    """
    checkout.prepare()
    with starting(checkout):
        running = _once_stopped(checkout)
        # One that is not ready yet has lost the command that started it: wait in its place.
        process = _start_supervisor(checkout, trainers, attached=False) if running is None else None
        try:
            return _await_ready(checkout, process, on_status)
        except KeyboardInterrupt:
            down(checkout)
            raise


def up_attached(checkout: Checkout, trainers: int, on_status: OnStatus = lambda status: None) -> Attached:
    """Start a stack that ends with this process. Raises like `up`, and when a stack runs already."""
    checkout.prepare()
    with starting(checkout):
        _once_stopped(checkout)
        if is_running(checkout):
            raise StackError("a stack runs in this checkout already.", "Use it, or stop it: isogloss down")
        supervisor = _start_supervisor(checkout, trainers, attached=True)
        try:
            return Attached(checkout, supervisor, _await_ready(checkout, supervisor, on_status))
        except BaseException:
            _let_go(supervisor)
            down(checkout)
            raise


def status(checkout: Checkout) -> StackStatus | None:
    """The running stack's status; None when none runs."""
    return read_status(checkout) if is_running(checkout) else None


def down(checkout: Checkout) -> bool:
    """Stop the stack and whatever a killed one has left. Returns whether there was anything to stop.

    Raises:
        StackError: something is still there; says what.
    """
    was_running = is_running(checkout)
    last = _await_status(checkout) if was_running else read_status(checkout)
    if was_running and last is not None:
        _signal(last.pid, signal.SIGTERM)
        if not _await_end(checkout, STOP_LIMIT_S):
            _signal(last.pid, signal.SIGKILL)
            _await_end(checkout, 5)
    swept = sweep(last.token) if last is not None else 0
    if is_running(checkout):
        raise StackError(
            f"the supervisor (pid {last.pid if last else '?'}) does not end.", "Kill it by hand."
        )
    for file in (checkout.status, checkout.environment):
        file.unlink(missing_ok=True)
    return was_running or swept > 0


def _once_stopped(checkout: Checkout) -> StackStatus | None:
    """The running stack's status; one that is stopping is waited for, and then none runs."""
    running = status(checkout)
    if running is not None and running.phase == "stopping":
        _await_end(checkout, STOP_LIMIT_S)
        return None
    return running


def failure(checkout: Checkout, status: StackStatus) -> StackError:
    """The error that a failed status stands for, with the tail of the part's log."""
    log = checkout.log(status.failed_part or "supervisor")
    return StackError(status.problem or "the stack ended unexpectedly.", status.fix, tail(log))


def _start_supervisor(checkout: Checkout, trainers: int, attached: bool) -> "subprocess.Popen[bytes]":
    if not 1 <= trainers <= MAX_TRAINERS:
        raise StackError(f"{trainers} trainers cannot be started.", f"Choose from 1 to {MAX_TRAINERS}.")
    _check_prerequisites(checkout.root)
    down(checkout)  # what a killed stack has left
    for old in checkout.logs.glob("*.log"):
        old.replace(old.with_suffix(".previous"))
    command = [sys.executable, "-m", "stack.supervisor", f"--trainers={trainers}"]
    with checkout.log("supervisor").open("ab") as output:
        return subprocess.Popen(
            [*command, "--attached"] if attached else command,
            cwd=checkout.root,
            env=os.environ | {"ISOGLOSS_STATE_DIR": str(checkout.state)},
            stdin=subprocess.PIPE if attached else subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for the foreground command, which then stops the stack
        )


def _let_go(supervisor: "subprocess.Popen[bytes]") -> None:
    """Close the pipe whose end tells an attached supervisor to stop."""
    assert supervisor.stdin is not None
    supervisor.stdin.close()


def _check_prerequisites(root: Path) -> None:
    seaweed.binary()
    for package, extra in (("prefect", "flows"), ("torch", "trainer"), ("epitran", "g2p"), ("ot", "metrics")):
        if importlib.util.find_spec(package) is None:
            raise StackError(
                f"the Python package {package!r} is not installed in {sys.prefix}.",
                f"Install it: make install, or pip install '.[{extra}]'",
            )
    for service in ("g2p", "trainer", "embedder", "metrics"):
        if not (root / "services" / service / "__main__.py").is_file():
            raise StackError(
                f"{root / 'services' / service} is not there.", "Is the checkout complete? See git status."
            )


def _await_ready(
    checkout: Checkout, supervisor: "subprocess.Popen[bytes] | None", on_status: OnStatus
) -> StackStatus:
    while True:
        ended = supervisor.poll() is not None if supervisor is not None else not is_running(checkout)
        current = read_status(checkout)
        if current is not None and (supervisor is None or current.pid == supervisor.pid):
            on_status(current)
            if current.phase == "ready":
                return current
            if ended and current.phase == "failed":
                checkout.status.unlink(missing_ok=True)
                raise failure(checkout, current)
        if ended:
            raise StackError("the supervisor ended.", "Its log tells why.", tail(checkout.log("supervisor")))
        time.sleep(_POLL_S)


def _await_status(checkout: Checkout) -> StackStatus | None:
    """The status of a running supervisor, which may not have written it yet."""
    ends_at = time.monotonic() + 5
    while (current := read_status(checkout)) is None and is_running(checkout) and time.monotonic() < ends_at:
        time.sleep(_POLL_S)
    return current


def _await_end(checkout: Checkout, limit_s: float) -> bool:
    ends_at = time.monotonic() + limit_s
    while is_running(checkout):
        if time.monotonic() > ends_at:
            return False
        time.sleep(_POLL_S)
    return True


def _signal(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
