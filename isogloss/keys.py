"""Keys: the same request on the same inputs by the same code has the same key.

A key is the SHA-256 of canonical JSON of the request, in which every artifact stands as its sha256 alone (so
a copy of a file elsewhere is the same input), and of the version of the code that matters.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from isogloss.artifacts import Artifact

_ARTIFACT_FIELDS = {"uri", "sha256", "size", "media_type"}

ONLY_EXISTING = "isogloss-only-existing"
"""Metadata of a call that asks for what is there already: nothing is computed, `NotFound` names the key."""


def canonical_request(request: Message) -> dict[str, Any]:
    """The request as plain JSON: enums by name, unset fields included, so that nothing about it is
    implicit.
    """
    plain = MessageToDict(
        request, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    return dict(plain)


def make_key(kind: str, request: dict[str, Any], code_version: str) -> str:
    """64 hex digits; `request` as `canonical_request` gave it."""
    identity = {"kind": kind, "request": _without_places(request), "code": code_version}
    return hashlib.sha256(canonical_json(identity)).hexdigest()


def canonical_json(value: Any) -> bytes:
    """JSON with sorted keys and no spaces, UTF-8; NaN is refused, since it equals nothing."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def sealed(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record, as it will be read from JSON, with the sha256 of all the rest of it."""
    as_read: dict[str, Any] = json.loads(canonical_json(record))
    return as_read | {"sha256": hashlib.sha256(canonical_json(as_read)).hexdigest()}


def unsealed(record: Mapping[str, Any]) -> dict[str, Any]:
    """What was sealed; `ValueError` when a bit of it has changed since."""
    content = {name: value for name, value in record.items() if name != "sha256"}
    if hashlib.sha256(canonical_json(content)).hexdigest() != record.get("sha256"):
        raise ValueError("it is not as it was written")
    return content


def _without_places(value: Any) -> Any:
    """Artifacts reduced to their sha256, whatever the depth."""
    if _is_artifact(value):
        return {"sha256": value["sha256"]}
    if isinstance(value, dict):
        return {name: _without_places(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_without_places(item) for item in value]
    return value


def _is_artifact(value: Any) -> bool:
    return isinstance(value, dict) and "sha256" in value and set(value) <= _ARTIFACT_FIELDS


def inputs_of(value: Any, name: str = "") -> dict[str, Artifact]:
    """All artifacts in a canonical request by their path in it, such as `evaluations[0].corpus`."""
    if _is_artifact(value):
        return {name: Artifact.from_json(value)}
    inputs: dict[str, Artifact] = {}
    if isinstance(value, dict):
        for field, item in value.items():
            inputs |= inputs_of(item, f"{name}.{field}" if name else field)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            inputs |= inputs_of(item, f"{name}[{index}]")
    return inputs
