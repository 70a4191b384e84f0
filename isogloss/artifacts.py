"""The artifact reference as the engines see it: an immutable file in S3, without protobuf."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from isogloss.artifact.v1 import artifact_pb2
from isogloss.errors import InvalidInput

PARQUET = "application/vnd.apache.parquet"
SAFETENSORS = "application/vnd.safetensors"
JSON = "application/json"
JSON_LINES = "application/jsonl"
HTML = "text/html"


@dataclass(frozen=True)
class Artifact:
    """A file in S3. Its identity is `sha256`; `uri` only says where a copy is."""

    uri: str
    sha256: str
    size: int
    media_type: str

    @classmethod
    def from_proto(cls, message: artifact_pb2.Artifact, field: str) -> "Artifact":
        """Read a reference out of a request; `InvalidInput` on `field` when it is incomplete."""
        if not message.uri.startswith("s3://"):
            raise InvalidInput(
                f"{field}.uri", f"not an artifact: {message.uri!r}", "Send what a service returned."
            )
        if len(message.sha256) != 64 or set(message.sha256) - set("0123456789abcdef"):
            raise InvalidInput(
                f"{field}.sha256", "not a SHA-256 in lower-case hex", "Send what a service returned."
            )
        if message.size < 0:
            raise InvalidInput(f"{field}.size", "negative", "Send what a service returned.")
        return cls(message.uri, message.sha256, message.size, message.media_type)

    def to_proto(self) -> artifact_pb2.Artifact:
        """The same as a message."""
        return artifact_pb2.Artifact(
            uri=self.uri, sha256=self.sha256, size=self.size, media_type=self.media_type
        )

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> "Artifact":
        """Read what `to_json` wrote."""
        return cls(record["uri"], record["sha256"], int(record["size"]), record["media_type"])

    def to_json(self) -> dict[str, Any]:
        """The same as plain JSON, as manifests hold it."""
        return {"uri": self.uri, "sha256": self.sha256, "size": self.size, "media_type": self.media_type}


def bundle_from_proto(message: artifact_pb2.Bundle, field: str) -> dict[str, Artifact]:
    """The files of a bundle by name."""
    return {name: Artifact.from_proto(item, f"{field}.files[{name}]") for name, item in message.files.items()}


def bundle_to_proto(files: Mapping[str, Artifact]) -> artifact_pb2.Bundle:
    """The same as a message."""
    return artifact_pb2.Bundle(files={name: item.to_proto() for name, item in files.items()})
