"""The manifest: written last, in one PUT; an artifact whose manifest can be read is whole."""

import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from isogloss.artifacts import Artifact

FORMAT = 1


@dataclass(frozen=True)
class Manifest:
    """What was made, from what, by what, where and when. `result` holds what the service answers besides
    files.
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
    format: int = field(default=FORMAT)

    def to_json(self) -> dict[str, Any]:
        """The whole manifest as plain JSON."""
        plain = dict(vars(self))
        plain["inputs"] = {name: item.to_json() for name, item in self.inputs.items()}
        plain["files"] = {name: item.to_json() for name, item in self.files.items()}
        return plain

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> "Manifest":
        """Read what `to_json` wrote; `ValueError` when it is of another format."""
        if record.get("format") != FORMAT:
            raise ValueError(f"manifest format {record.get('format')!r}, expected {FORMAT}")
        plain = dict(record)
        plain["inputs"] = {name: Artifact.from_json(item) for name, item in record["inputs"].items()}
        plain["files"] = {name: Artifact.from_json(item) for name, item in record["files"].items()}
        return cls(**plain)


def this_hardware() -> dict[str, str]:
    """What can be known of this machine without heavy imports; engines add their accelerator."""
    return {"machine": platform.machine(), "system": platform.platform(), "python": sys.version.split()[0]}
