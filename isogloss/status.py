"""Errors on the wire: `google.rpc.Status` with ErrorInfo, BadRequest for bad fields, RetryInfo where waiting
helps.

The one place that knows both our errors and gRPC's codes (AIP-193). A client gets back the exception that the
server raised.
"""

import uuid
from typing import cast

import grpc
from google.protobuf import any_pb2
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status

from isogloss import errors

DOMAIN = "isogloss"

_CODES: dict[type[errors.IsoglossError], int] = {
    errors.InvalidInput: code_pb2.INVALID_ARGUMENT,
    errors.NotFound: code_pb2.NOT_FOUND,
    errors.Failed: code_pb2.FAILED_PRECONDITION,
    errors.StorageFull: code_pb2.FAILED_PRECONDITION,
    errors.Denied: code_pb2.PERMISSION_DENIED,
    errors.DataLoss: code_pb2.DATA_LOSS,
    errors.Unimplemented: code_pb2.UNIMPLEMENTED,
    errors.Busy: code_pb2.RESOURCE_EXHAUSTED,
    errors.Unavailable: code_pb2.UNAVAILABLE,
    errors.DeadlineExceeded: code_pb2.DEADLINE_EXCEEDED,
}
_CLASSES = {code: cls for cls, code in _CODES.items() if cls is not errors.StorageFull}
# Two of ours share a code; their reason tells them apart.
_BY_REASON = {errors.StorageFull.reason: errors.StorageFull}
# A server that shuts down cancels the calls that it has received but not begun. Nobody else cancels ours.
_CLASSES[code_pb2.CANCELLED] = errors.Unavailable


def to_status(error: errors.IsoglossError) -> status_pb2.Status:
    """Our error as a status with its details."""
    code = next((code for cls, code in _CODES.items() if isinstance(error, cls)), code_pb2.INTERNAL)
    details: list[Message] = [
        error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN, metadata=error.metadata)
    ]
    if isinstance(error, errors.InvalidInput):
        violation = error_details_pb2.BadRequest.FieldViolation(
            field=error.field, description=f"{error.problem}. {error.fix}"
        )
        details.append(error_details_pb2.BadRequest(field_violations=[violation]))
    if isinstance(error, errors.Retryable):
        delay = Duration()
        delay.FromMilliseconds(int(error.retry_after_s * 1000))
        details.append(error_details_pb2.RetryInfo(retry_delay=delay))
    return status_pb2.Status(code=code, message=error.message, details=[_pack(item) for item in details])


def incident() -> tuple[str, status_pb2.Status]:
    """An id for the log and the status that shows it to the caller: what broke stays in the log."""
    name = uuid.uuid4().hex[:12]
    info = error_details_pb2.ErrorInfo(reason="INTERNAL", domain=DOMAIN, metadata={"incident": name})
    message = f"internal error; incident {name} in the service's log"
    return name, status_pb2.Status(code=code_pb2.INTERNAL, message=message, details=[_pack(info)])


def from_rpc_error(error: grpc.RpcError) -> errors.IsoglossError:
    """The exception behind a failed call. Codes that gRPC itself sets become the nearest of ours."""
    if not isinstance(
        error, grpc.Call | grpc.aio.AioRpcError
    ):  # never seen from a stub; gRPC's types allow it
        return errors.IsoglossError(str(error))
    code, details = error.code(), error.details() or ""
    status = rpc_status.from_call(cast(grpc.Call, error))  # asyncio's error has the same methods
    info, retry, violation = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo(), None
    for item in status.details if status else ():
        bad = error_details_pb2.BadRequest()
        if item.Unpack(info) or item.Unpack(retry):
            continue
        if item.Unpack(bad) and bad.field_violations:
            violation = bad.field_violations[0]
    metadata = dict(info.metadata)
    if code is grpc.StatusCode.RESOURCE_EXHAUSTED and not info.reason and not retry.HasField("retry_delay"):
        return _limit_of_grpc(details)
    cls = _BY_REASON.get(info.reason) or _CLASSES.get(code.value[0], errors.IsoglossError)
    if issubclass(cls, errors.InvalidInput):
        field = violation.field if violation else "request"
        return cls(
            field, metadata.get("problem", details), metadata.get("fix", "See the service's documentation.")
        )
    if issubclass(cls, errors.Retryable):
        return cls(details, retry.retry_delay.ToMilliseconds() / 1000 or 1.0, **metadata)
    return cls(details, **metadata)


def _limit_of_grpc(details: str) -> errors.IsoglossError:
    """gRPC itself refused, with a server's last bound on calls or with a bound on messages: only waiting for
    the first can help, and not for ever.
    """
    if details.startswith("Concurrent RPC limit"):
        return errors.Unavailable(details)
    fix = "Send or ask for less at once, or raise ISOGLOSS_MAX_MESSAGE_BYTES on both sides."
    return errors.InvalidInput("request", details or "refused as too large", fix)


def _pack(message: Message) -> any_pb2.Any:
    packed = any_pb2.Any()
    packed.Pack(message)
    return packed
