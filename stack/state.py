"""What the supervisor tells the rest of the world: `stack.json`, replaced atomically at each change.

Whether a supervisor lives is not asked of a process id, which may have been given to another process: it
holds a lock on `.isogloss/lock`, and the kernel frees that with the process.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Literal

from stack.checkout import Checkout

_LOCK_PATIENCE_S = 1.0  # `is_running` holds the lock too, for microseconds

Phase = Literal["starting", "ready", "failed", "stopping"]
PartPhase = Literal["waiting", "starting", "ready", "failed", "stopped"]


@dataclass
class PartStatus:
    """One part. `pid` is None while no process runs; `started` is the process's start, seconds since the
    epoch.
    """

    name: str
    address: str
    phase: PartPhase = "waiting"
    pid: int | None = None
    started: float | None = None
    restarts: int = 0
    last_exit: str = ""


@dataclass
class StackStatus:
    """The stack. `token` marks all of its processes in their environment; `notes` are things a user should
    know.
    """

    token: str
    pid: int
    phase: Phase = "starting"
    problem: str = ""
    fix: str = ""
    failed_part: str = ""
    ui: str = ""
    notes: list[str] = field(default_factory=list)
    parts: list[PartStatus] = field(default_factory=list)

    def part(self, name: str) -> PartStatus:
        """The part of that name; KeyError if there is none."""
        for part in self.parts:
            if part.name == name:
                return part
        raise KeyError(name)


def write_status(checkout: Checkout, status: StackStatus) -> None:
    """Replace the status file."""
    write_private(checkout.status, json.dumps(asdict(status), indent=2) + "\n")


def read_status(checkout: Checkout) -> StackStatus | None:
    """The status that was written last, by a living or a dead supervisor; None if there is none."""
    try:
        content = json.loads(checkout.status.read_text())
        parts = [PartStatus(**part) for part in content.pop("parts")]
        return StackStatus(**content, parts=parts)
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def is_running(checkout: Checkout) -> bool:
    """Does a supervisor of this checkout live?"""
    try:
        with checkout.lock.open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def hold_lock(checkout: Checkout) -> IO[str] | None:
    """Take the supervisor's lock, held until the returned file is closed; None if another one has it."""
    lock = checkout.lock.open("w")
    give_up = time.monotonic() + _LOCK_PATIENCE_S
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        except BlockingIOError:
            if time.monotonic() > give_up:
                lock.close()
                return None
        time.sleep(0.01)


@contextmanager
def starting(checkout: Checkout) -> Iterator[None]:
    """Held while a stack is started: a second command waits here, and then finds the first one's stack."""
    with checkout.state.joinpath("starting").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, atomically."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    partial.replace(path)
