"""Artifacts in S3: verified reads, keys that are built and never taken from a caller, manifests written last.

    <kind>/<key>/<attempt>/<file>          the files of one attempt; attempts at one key never mix
    <kind>/<key>/manifest.json             names the attempt's files; written last, in one PUT
    <kind>/<key>/checkpoint/…              saved state of work under way (`isogloss/checkpoints.py`)

What no manifest names can be swept (`isogloss/garbage.py`).
"""

import errno
import hashlib
import json
import re
import uuid
from collections.abc import Iterator
from pathlib import Path

from isogloss.artifacts import JSON, Artifact
from isogloss.errors import DataLoss, InvalidInput, NotFound, StorageFull
from isogloss.keys import canonical_json
from isogloss.manifests import Manifest
from isogloss.s3 import Bucket, StoredObject, connect
from isogloss.settings import Settings

_SEGMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


class Store:
    """Artifacts and manifests in one bucket. Thread-safe; raises what `Bucket` raises."""

    def __init__(self, s3: Bucket) -> None:
        self.s3 = s3
        self.bucket = s3.name

    @classmethod
    def from_settings(cls, settings: Settings) -> "Store":
        """Connect as the settings say; `Denied` when a credential is missing."""
        return cls(Bucket(connect(settings, retries=False), settings.bucket, settings.s3_patience_s))

    def ensure_bucket(self) -> None:
        """Create the bucket if it does not exist."""
        self.s3.ensure()

    # --- Files

    def put(self, kind: str, key: str, attempt: str, name: str, data: bytes, media_type: str) -> Artifact:
        """Store bytes as a file of an attempt and return the reference to them."""
        return self.s3.put(object_name(kind, key, attempt, name), data, media_type)

    def put_file(self, kind: str, key: str, attempt: str, name: str, path: Path, media_type: str) -> Artifact:
        """Store a local file as a file of an attempt, in constant memory."""
        return self.s3.put_file(object_name(kind, key, attempt, name), path, media_type)

    def get(self, artifact: Artifact) -> bytes:
        """Read an artifact whole; `DataLoss` when its bytes are not the promised ones, `NotFound` when it is
        gone.
        """
        data = self.s3.get(self._name_of(artifact))
        _verify(artifact, len(data), hashlib.sha256(data).hexdigest())
        return data

    def fetch(self, artifact: Artifact, path: Path) -> Path:
        """Read an artifact into a local file in constant memory, checked like `get`; nothing is left on
        failure.
        """
        name = self._name_of(artifact)
        partial = path.with_name(path.name + ".partial")
        try:
            _verify(artifact, *self.s3.download(name, partial))
            return partial.replace(path)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            fix = "Make room, or set ISOGLOSS_SCRATCH_DIR to a larger disk."
            raise StorageFull(f"no space left in {path.parent} for {artifact.size} bytes. {fix}") from error
        finally:
            partial.unlink(missing_ok=True)

    # --- Manifests

    def manifest(self, kind: str, key: str) -> Manifest | None:
        """The manifest at a key, or None when the work has not been finished."""
        found = self.manifest_artifact(kind, key)
        return found[0] if found else None

    def manifest_artifact(self, kind: str, key: str) -> tuple[Manifest, Artifact] | None:
        """The manifest at a key with the reference to its file."""
        name = object_name(kind, key, "manifest.json")
        try:
            data = self.s3.get(name)
        except NotFound:
            return None
        try:
            manifest = Manifest.from_json(json.loads(data))
        except (ValueError, KeyError, TypeError) as error:
            raise DataLoss(f"{self.uri(name)} is not a manifest: {error}") from error
        return manifest, self.s3.reference(name, data, JSON)

    def manifests(self, kind: str, newest: int = 1000) -> Iterator[Manifest]:
        """The youngest manifests of a kind, so many at most, the newest first."""
        found = [item for item in self.objects(f"{kind}/") if item.name.endswith("/manifest.json")]
        found.sort(key=lambda item: item.modified, reverse=True)
        for item in found[:newest]:
            manifest = self.manifest(kind, item.name.split("/")[1])
            if manifest is not None:
                yield manifest

    def commit(self, manifest: Manifest) -> Artifact:
        """Write the manifest, after all of its files."""
        name = object_name(manifest.kind, manifest.key, "manifest.json")
        return self.s3.put(name, canonical_json(manifest.to_json()), JSON)

    # --- Plain access, for the flow's worker and the command line

    def objects(self, prefix: str) -> Iterator[StoredObject]:
        """Everything below a prefix."""
        yield from self.s3.objects(prefix)

    def uri(self, name: str) -> str:
        """The URI of an object by name, as artifacts have it."""
        return self.s3.uri(name)

    def read(self, name: str) -> bytes:
        """The bytes of an object by name, unchecked: for people who look, never for work. `NotFound` if it is
        gone.
        """
        return self.s3.get(_checked(name, name, "Send what the report prints."))

    def remove(self, names: list[str]) -> None:
        """Remove objects by name; those that are not there are no error."""
        self.s3.remove(names)

    def _name_of(self, artifact: Artifact) -> str:
        bucket, _, name = artifact.uri.removeprefix("s3://").partition("/")
        if bucket != self.bucket:
            raise InvalidInput(
                "uri", f"bucket {bucket!r} is not ours", f"Use artifacts of bucket {self.bucket!r}."
            )
        return _checked(name, artifact.uri, "Send what a service returned.")


def new_attempt() -> str:
    """A name for one attempt at a key."""
    return uuid.uuid4().hex[:12]


def object_name(*segments: str) -> str:
    """The name of an object, built of segments that cannot leave their place; `InvalidInput` for others."""
    for segment in segments:
        if not _SEGMENT.fullmatch(segment):
            raise InvalidInput(
                "key", f"not a name: {segment!r}", "Names are built of letters, digits, '.', '_' and '-'."
            )
    return "/".join(segments)


def _checked(name: str, said: str, fix: str) -> str:
    """A name that came from outside, once it is one of ours."""
    if not all(_SEGMENT.fullmatch(segment) for segment in name.split("/")):
        raise InvalidInput("uri", f"not an artifact of Isogloss: {said!r}", fix)
    return name


def _verify(artifact: Artifact, size: int, sha256: str) -> None:
    if size != artifact.size or sha256 != artifact.sha256:
        raise DataLoss(
            f"{artifact.uri}: expected {artifact.size} bytes with sha256 {artifact.sha256},"
            f" read {size} bytes with {sha256}"
        )
