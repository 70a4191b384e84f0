"""The manifest: written last, in one PUT; an artifact whose manifest can be read is whole.

It carries its own sha256, and its key follows from what it says: a flipped bit anywhere in it is found at
each read, and it cannot stand for another request than its own.
"""

import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from isogloss.artifacts import Artifact
from isogloss.keys import make_key, sealed, unsealed

FORMAT = 2


@dataclass(frozen=True)
class Manifest:
    """What was made, from what, by what, where and when. `result` holds what the service answers besides
    files; `release` is for people, since the key goes by `code_version`.
    """

    kind: str
    key: str
    attempt: str
    request: Mapping[str, Any]
    inputs: Mapping[str, Artifact]
    code_version: str
    libraries: Mapping[str, str]
    hardware: Mapping[str, str]
    started: str
    finished: str
    files: Mapping[str, Artifact]
    result: Mapping[str, Any]
    seed: int | None = None
    release: str = ""
    format: int = field(default=FORMAT)

    def to_json(self) -> dict[str, Any]:
        """The whole manifest as plain JSON, with the sha256 of all the rest."""
        plain = dict(vars(self))
        plain["inputs"] = {name: item.to_json() for name, item in self.inputs.items()}
        plain["files"] = {name: item.to_json() for name, item in self.files.items()}
        return sealed(plain)

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> "Manifest":
        """Read what `to_json` wrote; fields of later versions are left out.

        `ValueError`, `KeyError` or `TypeError` when it is of another format, was changed, or has a key that
        does not follow from its request.
        """
        if record.get("format") != FORMAT:
            raise ValueError(f"format {record.get('format')!r}, expected {FORMAT}")
        unsealed(record)
        if make_key(record["kind"], record["request"], record["code_version"]) != record["key"]:
            raise ValueError("its key is not that of its request")
        plain = {item.name: record[item.name] for item in fields(cls) if item.name in record}
        plain["inputs"] = {name: Artifact.from_json(item) for name, item in record["inputs"].items()}
        plain["files"] = {name: Artifact.from_json(item) for name, item in record["files"].items()}
        return cls(**plain)


def this_hardware() -> dict[str, str]:
    """What can be known of this machine without heavy imports; engines add their accelerator."""
    return {"machine": platform.machine(), "system": platform.platform(), "python": sys.version.split()[0]}
