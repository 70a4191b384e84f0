"""Artifacts in S3: verified reads, keys that are built and never taken from a caller, manifests written last.

    <kind>/<key>/<attempt>/<file>          the files of one attempt; attempts at one key never mix
    <kind>/<key>/manifest.json             names the attempt's files; written last, in one PUT
    <kind>/<key>/checkpoint/…              saved state of work under way (`isogloss/checkpoints.py`)

What no manifest names can be swept (`isogloss/garbage.py`).
"""

import errno
import hashlib
import json
import logging
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from isogloss.artifacts import JSON, Artifact
from isogloss.errors import DataLoss, InvalidInput, NotFound, StorageFull
from isogloss.keys import canonical_json
from isogloss.manifests import Manifest
from isogloss.s3 import Bucket, StoredObject, connect
from isogloss.settings import Settings

log = logging.getLogger(__name__)

T = TypeVar("T")
_Content = tuple[int, str]  # size in bytes, sha256

_SEGMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_READS = 3  # of what is not as promised: an answer may have been cut short


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
        name = self._name_of(artifact)
        read: list[_Content] = []
        while len(read) < _READS:
            data = self._reading(artifact, lambda: self.s3.get(name))
            read.append((len(data), hashlib.sha256(data).hexdigest()))
            if read[-1] == (artifact.size, artifact.sha256):
                return data
        raise self._lost(artifact, read)

    def fetch(self, artifact: Artifact, path: Path) -> Path:
        """Read an artifact into a local file in constant memory, checked like `get`; nothing is left on
        failure.
        """
        name = self._name_of(artifact)
        partial = path.with_name(path.name + ".partial")
        read: list[_Content] = []
        try:
            while len(read) < _READS:
                read.append(self._reading(artifact, lambda: self.s3.download(name, partial)))
                if read[-1] == (artifact.size, artifact.sha256):
                    return partial.replace(path)
            raise self._lost(artifact, read)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            fix = "Make room, or set ISOGLOSS_SCRATCH_DIR to a larger disk."
            raise StorageFull(f"no space left in {path.parent} for {artifact.size} bytes. {fix}") from error
        finally:
            partial.unlink(missing_ok=True)

    def is_whole(self, artifact: Artifact) -> bool:
        """Whether an artifact is there, and what was promised."""
        try:
            return self.s3.digest(self._name_of(artifact)) == (artifact.size, artifact.sha256)
        except (NotFound, DataLoss):
            return False

    # --- Manifests

    def manifest(self, kind: str, key: str) -> Manifest | None:
        """The manifest at a key, or None when the work has not been finished."""
        result = self.manifest_artifact(kind, key)
        return result[0] if result else None

    def manifest_artifact(self, kind: str, key: str) -> tuple[Manifest, Artifact] | None:
        """The manifest at a key with the reference to its file; None, with a warning, when it is damaged or
        names files that are gone: what is damaged is made again.
        """
        try:
            result = self.read_manifest(kind, key)
            if result is None:
                return None
            there = {self.uri(item.name): item.size for item in self.objects(f"{kind}/{key}/")}
            for file in result[0].files.values():
                if there.get(file.uri) != file.size:
                    raise DataLoss(f"{file.uri} is gone, or not of {file.size} bytes")
        except DataLoss as error:
            log.warning("damaged, and taken for absent", extra={"key": f"{kind}/{key}", "why": error.message})
            return None
        return result

    def read_manifest(self, kind: str, key: str) -> tuple[Manifest, Artifact] | None:
        """The same without a look at its files; `DataLoss` when it is damaged."""
        name = object_name(kind, key, "manifest.json")
        try:
            data = self.s3.get(name)
        except NotFound:
            return None
        try:
            manifest = Manifest.from_json(json.loads(data))
            if (manifest.kind, manifest.key) != (kind, key):
                raise ValueError(f"it is that of {manifest.kind}/{manifest.key}")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise DataLoss(f"{self.uri(name)} is not a manifest: {error}") from error
        return manifest, self.s3.reference(name, data, JSON)

    def manifests(self, kind: str, newest: int = 1000) -> Iterator[Manifest]:
        """The youngest manifests of a kind that can be read, so many at most, the newest first."""
        stored = [item for item in self.objects(f"{kind}/") if item.name.endswith("/manifest.json")]
        stored.sort(key=lambda item: item.modified, reverse=True)
        for item in stored[:newest]:
            with suppress(DataLoss):
                manifest = self.read_manifest(kind, item.name.split("/")[1])
                if manifest is not None:
                    yield manifest[0]

    def commit(self, manifest: Manifest) -> tuple[Manifest, Artifact]:
        """Write the manifest, after all of its files. Returns the one that stands then, another's if that was
        first, and the reference to it. A damaged one is replaced.
        """
        name = object_name(manifest.kind, manifest.key, "manifest.json")
        content = canonical_json(manifest.to_json())
        self.s3.put_new(name, content, JSON)
        standing = self.manifest_artifact(manifest.kind, manifest.key)
        return standing or (manifest, self.s3.put(name, content, JSON))

    def forget(self, kind: str, key: str) -> None:
        """Take a result for not made: its manifest goes, its files are swept later."""
        self.s3.remove([object_name(kind, key, "manifest.json")])

    def _reading(self, artifact: Artifact, read: Callable[[], T]) -> T:
        try:
            return read()
        except DataLoss:  # the server cannot read it
            self._forget_maker(artifact)
            raise

    def _lost(self, artifact: Artifact, read: "list[_Content]") -> DataLoss:
        """The error of an artifact that was read several times, and never as promised."""
        size, sha256 = read[-1]
        if len(set(read)) == 1:  # stored so, and not cut or changed on the way
            self._forget_maker(artifact)
        return DataLoss(
            f"{artifact.uri}: expected {artifact.size} bytes with sha256 {artifact.sha256},"
            f" read {size} bytes with {sha256}. If it was made by a call, that call makes it anew."
        )

    def _forget_maker(self, artifact: Artifact) -> None:
        """Forget the result that promises this artifact. A caller who promises something else of it than its
        manifest does, changes nothing.
        """
        kind, key, *rest = self._name_of(artifact).split("/")
        if not rest:
            return
        with suppress(DataLoss):
            result = self.read_manifest(kind, key)
            promised = result[0].files.values() if result else ()
            if any((item.uri, item.sha256) == (artifact.uri, artifact.sha256) for item in promised):
                log.warning("damaged, and forgotten", extra={"key": f"{kind}/{key}", "file": artifact.uri})
                self.forget(kind, key)

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
