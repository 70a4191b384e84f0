"""Folders for temporary files of work: gone with the work, or swept when the next process starts.

A process that is killed leaves its folder. Whether its owner lives is told by a lock that dies with it, not
by a process id, which another process, or the same one in another container, may have.
"""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from isogloss.settings import settings

_PREFIX = "isogloss-"
_LOCK = ".lock"


@contextmanager
def folder(purpose: str) -> Iterator[Path]:
    """A folder below ISOGLOSS_SCRATCH_DIR, or the system's place for temporary files."""
    made = tempfile.TemporaryDirectory(dir=settings().scratch_dir, prefix=f"{_PREFIX}{purpose}-")
    with made as name, (Path(name) / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield Path(name)


def sweep() -> int:
    """Remove the folders whose owners are gone; how many there were."""
    removed = 0
    for place in Path(settings().scratch_dir or tempfile.gettempdir()).glob(f"{_PREFIX}*/{_LOCK}"):
        with suppress(OSError), place.open("r") as lock:  # another user's, or gone in this moment
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(place.parent, ignore_errors=True)
            removed += 1
    return removed
