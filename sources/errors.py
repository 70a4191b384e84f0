"""What can be wrong with data that somebody hands to Isogloss.

All are `InvalidInput` (they name the field and the fix), so that the flow fails at once and does not retry.
Wrong credentials are `isogloss.errors.Denied`, a server that does not answer is `Unavailable`, bytes that
differ from their checksum are `DataLoss`: those three are about access, not about data.
"""

from collections.abc import Sequence

from isogloss.errors import InvalidInput


class SourceError(InvalidInput):
    """Base of the errors of this package."""


class UnknownTask(SourceError):
    """The task is none of `TASKS`."""


class NoSuchResource(SourceError):
    """The language is known, but the resource behind the task does not have it (XNLI has no Italian)."""


class BadLocation(SourceError):
    """The place to read from cannot be one: no such directory, another scheme than s3, `..` in a path."""


class MissingSplit(SourceError):
    """The source has no file for a split. `tried` are the paths that were looked for, in order."""

    def __init__(self, cell: str, tried: Sequence[str], fix: str) -> None:
        super().__init__("data", f"no {cell}: looked for {', '.join(tried)}", fix)
        self.tried = tuple(tried)


class MalformedFile(SourceError):
    """A file breaks its format, in `line` (from 1), or as a whole (None). `path` says where it was read."""

    def __init__(self, path: str, line: int | None, problem: str, fix: str) -> None:
        super().__init__(path if line is None else f"{path}:{line}", problem, fix)
        self.path = path
        self.line = line
