"""A full disk, in whatever words a library says it, as an error that names the place and the fix."""

import errno
import re
import tempfile

from isogloss.errors import Unavailable
from isogloss.settings import settings

_FULL = (errno.ENOSPC, errno.EDQUOT)
_IN_WORDS = re.compile(r"[Nn]o space left on device|os error (28|122)\b")  # libraries written in Rust


def when_full(error: Exception) -> Unavailable | None:
    """What a caller is told when `error` comes of a full disk; None when it does not.

    Trying again can succeed: what the failed work had written is gone by then, and another replica has
    another disk.
    """
    known = isinstance(error, OSError) and error.errno in _FULL
    if not known and not _IN_WORDS.search(str(error)):
        return None
    place = settings().scratch_dir or tempfile.gettempdir()
    fix = "free space there, or set ISOGLOSS_SCRATCH_DIR to a larger disk"
    return Unavailable(f"the disk that holds {place} is full: {fix}", 5)
