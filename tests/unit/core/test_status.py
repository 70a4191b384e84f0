"""Errors cross the wire with their field, their fix and their patience."""

import grpc
import pytest

from isogloss import errors
from isogloss.status import from_rpc_error, to_status


class Answer(grpc.RpcError, grpc.Call):
    """A failed call as gRPC hands it to a client."""

    __abstractmethods__ = frozenset()

    def __init__(self, error: errors.IsoglossError) -> None:
        self._status = to_status(error)

    def code(self) -> grpc.StatusCode:
        return next(code for code in grpc.StatusCode if code.value[0] == self._status.code)

    def details(self) -> str:
        return self._status.message

    def trailing_metadata(self) -> list[tuple[str, bytes]]:
        return [("grpc-status-details-bin", self._status.SerializeToString())]


ERRORS = [
    errors.InvalidInput("language", "unknown language 'xyz'", "Use an ISO 639-3 code."),
    errors.NotFound("no such artifact"),
    errors.Failed("the loss is NaN", step="12"),
    errors.StorageFull("S3 takes no more bytes"),
    errors.Denied("wrong credentials"),
    errors.DataLoss("bytes differ"),
    errors.Unimplemented("not here"),
    errors.Busy("all slots are taken", 2.5),
    errors.Unavailable("draining", 0.5),
    errors.DeadlineExceeded("too long"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_the_client_raises_what_the_server_raised(error: errors.IsoglossError) -> None:
    received = from_rpc_error(Answer(error))
    assert type(received) is type(error)
    assert received.message == error.message
    assert received.metadata == error.metadata


def test_bad_fields_keep_field_problem_and_fix() -> None:
    received = from_rpc_error(Answer(ERRORS[0]))
    assert isinstance(received, errors.InvalidInput)
    assert (received.field, received.problem, received.fix) == (
        "language",
        "unknown language 'xyz'",
        "Use an ISO 639-3 code.",
    )


def test_waiting_time_survives() -> None:
    received = from_rpc_error(Answer(errors.Busy("busy", 2.5)))
    assert isinstance(received, errors.Retryable)
    assert received.retry_after_s == 2.5
