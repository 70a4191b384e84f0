"""A full disk, in whatever words a library says it, as an error that names the place and the fix."""

import errno
import re
import tempfile

from isogloss.errors import StorageFull
from isogloss.settings import settings

_FULL = (errno.ENOSPC, errno.EDQUOT)
_IN_WORDS = re.compile(r"[Nn]o space left on device|os error (28|122)\b")  # libraries written in Rust


def when_full(error: Exception) -> StorageFull | None:
    """What a caller is told when `error` comes of a full disk; None when it does not.

    Trying again by itself would do the same work again and again, and fill the disk each time at its end.
    """
    known = isinstance(error, OSError) and error.errno in _FULL
    if not known and not _IN_WORDS.search(str(error)):
        return None
    place = settings().scratch_dir or tempfile.gettempdir()
    fix = "free space there, or set ISOGLOSS_SCRATCH_DIR to a larger disk"
    return StorageFull(f"the disk that holds {place} is full: {fix}")
