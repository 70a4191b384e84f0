"""The errors of Isogloss, without gRPC: what went wrong, in which field, and what to do about it.

`isogloss.status` maps them to status codes and back, so that a client raises what the server raised.
"""


class IsoglossError(Exception):
    """Base of all errors that a caller is meant to read.

    `reason` is an UPPER_SNAKE constant for programs, `message` a sentence for people, `metadata` flat text
    facts.
    """

    reason = "INTERNAL"

    def __init__(self, message: str, **metadata: str) -> None:
        super().__init__(message)
        self.message = message
        self.metadata = metadata


class InvalidInput(IsoglossError):
    """The caller sent something that cannot be used: names the field and the fix."""

    reason = "INVALID_INPUT"

    def __init__(self, field: str, problem: str, fix: str) -> None:
        super().__init__(f"{field}: {problem}. {fix}", field=field, problem=problem, fix=fix)
        self.field = field
        self.problem = problem
        self.fix = fix


class NotFound(IsoglossError):
    """Something that was named does not exist."""

    reason = "NOT_FOUND"


class Failed(IsoglossError):
    """The work itself came to a bad end that trying again would repeat: a NaN loss, a metric that did not
    converge.
    """

    reason = "FAILED"


class StorageFull(IsoglossError):
    """S3, or a service's own disk, takes no more bytes: only an operator who makes room can help."""

    reason = "STORAGE_FULL"


class Denied(IsoglossError):
    """Credentials are missing or wrong."""

    reason = "DENIED"


class DataLoss(IsoglossError):
    """Stored bytes are not the bytes that were promised (sha256 or size differs)."""

    reason = "DATA_LOSS"


class Unimplemented(IsoglossError):
    """The contract has it, this build does not."""

    reason = "UNIMPLEMENTED"


class Retryable(IsoglossError):
    """Trying again after `retry_after_s` seconds can succeed."""

    reason = "UNAVAILABLE"

    def __init__(self, message: str, retry_after_s: float = 1.0, **metadata: str) -> None:
        super().__init__(message, **metadata)
        self.retry_after_s = retry_after_s


class Unavailable(Retryable):
    """A part is down, starting, or draining."""


class Busy(Retryable):
    """All slots are taken; another replica, or the same one later, can take the call."""

    reason = "BUSY"


class DeadlineExceeded(IsoglossError):
    """The call's time ran out."""

    reason = "DEADLINE_EXCEEDED"


class Stopped(Exception):
    """Control flow, never shown to a caller: the work was told to stop, and did so at a safe point."""
