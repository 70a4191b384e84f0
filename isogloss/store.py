"""Artifacts in S3: verified reads, keys that are built and never taken from a caller, manifests written last.

    <kind>/<key>/<attempt>/<file>          the files of one attempt; attempts at one key never mix
    <kind>/<key>/manifest.json             names the attempt's files; written last, in one PUT
    <kind>/<key>/checkpoint/<n>/<file>     saved state of work under way, named by checkpoint/latest.json

Nothing depends on conditional PUT. What no manifest names can be swept (`isogloss/garbage.py`).
"""

import errno
import hashlib
import io
import json
import re
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import urllib3
from minio import Minio
from minio.deleteobjects import DeleteObject
from minio.error import InvalidResponseError, MinioException, S3Error, ServerError

from isogloss.artifacts import JSON, Artifact
from isogloss.errors import DataLoss, Denied, InvalidInput, NotFound, StorageFull, Unavailable
from isogloss.keys import canonical_json
from isogloss.manifests import Manifest
from isogloss.settings import Settings

T = TypeVar("T")
Json = dict[str, Any]

_SEGMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_DENIED = {"AccessDenied", "SignatureDoesNotMatch", "InvalidAccessKeyId", "AuthorizationHeaderMalformed"}
_MISSING = {"NoSuchKey", "NoSuchBucket", "NoSuchObject"}
# MinIO, Ceph and Garage say it; SeaweedFS answers InternalError, as it does to much else (`_answers`).
_FULL = {"XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "QuotaExceeded", "InsufficientStorage"}
_INSUFFICIENT_STORAGE = 507


@dataclass(frozen=True)
class StoredObject:
    """An object as a listing shows it; `modified` has a time zone."""

    name: str
    size: int
    modified: datetime


class Store:
    """One bucket of an S3 server. Thread-safe.

    Every method raises `Denied` for wrong credentials, and `Unavailable` when the server has not answered for
    `patience_s` seconds: a restart of the server is waited out. What writes raises `StorageFull` when the
    server says that it is full, or has refused to write for `patience_s` seconds while it answers.
    """

    def __init__(self, client: Minio, bucket: str, patience_s: float) -> None:
        self._client = client
        self.bucket = bucket
        self._patience_s = patience_s

    @classmethod
    def from_settings(cls, settings: Settings) -> "Store":
        """Connect as the settings say; `Denied` when a credential is missing."""
        if settings.s3_access_key is None or settings.s3_secret_key is None:
            raise Denied("S3 credentials are missing: set ISOGLOSS_S3_ACCESS_KEY and ISOGLOSS_S3_SECRET_KEY")
        pool = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=3, read=60),
            retries=False,
            maxsize=16,
            cert_reqs="CERT_REQUIRED",
            ca_certs=settings.s3_ca,
        )
        client = Minio(
            settings.s3_endpoint,
            access_key=settings.s3_access_key.get_secret_value(),
            secret_key=settings.s3_secret_key.get_secret_value(),
            secure=settings.s3_secure,
            region=settings.s3_region,
            http_client=pool,
        )
        return cls(client, settings.bucket, settings.s3_patience_s)

    def ensure_bucket(self) -> None:
        """Create the bucket if it does not exist."""

        def ensure() -> None:
            if not self._client.bucket_exists(bucket_name=self.bucket):
                self._client.make_bucket(bucket_name=self.bucket)

        self._patiently(ensure)

    # --- Files

    def put(self, kind: str, key: str, attempt: str, name: str, data: bytes, media_type: str) -> Artifact:
        """Store bytes as a file of an attempt and return the reference to them."""
        return self._put(f"{_path(kind, key, attempt, name)}", data, media_type)

    def put_file(self, kind: str, key: str, attempt: str, name: str, path: Path, media_type: str) -> Artifact:
        """Store a local file as a file of an attempt, in constant memory."""
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        target = _path(kind, key, attempt, name)
        self._patiently(
            lambda: self._client.fput_object(
                bucket_name=self.bucket, object_name=target, file_path=str(path), content_type=media_type
            ),
            writes=True,
        )
        return Artifact(self.uri(target), digest, path.stat().st_size, media_type)

    def get(self, artifact: Artifact) -> bytes:
        """Read an artifact whole; `DataLoss` when its bytes are not the promised ones, `NotFound` when it is
        gone.
        """
        data = self._get(self._object_name(artifact))
        _verify(artifact, len(data), hashlib.sha256(data).hexdigest())
        return data

    def fetch(self, artifact: Artifact, path: Path) -> Path:
        """Read an artifact into a local file in constant memory, checked like `get`; nothing is left on
        failure.
        """
        name = self._object_name(artifact)
        partial = path.with_name(path.name + ".partial")

        def download() -> None:
            digest, size = hashlib.sha256(), 0
            response = self._client.get_object(bucket_name=self.bucket, object_name=name)
            with response, partial.open("wb") as stream:
                for block in response.stream(2**20):
                    size += len(block)
                    digest.update(block)
                    stream.write(block)
            _verify(artifact, size, digest.hexdigest())

        try:
            self._patiently(download)
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
        name = _path(kind, key, "manifest.json")
        try:
            data = self._get(name)
        except NotFound:
            return None
        try:
            manifest = Manifest.from_json(json.loads(data))
        except (ValueError, KeyError, TypeError) as error:
            raise DataLoss(f"{self.uri(name)} is not a manifest: {error}") from error
        return manifest, self._reference(name, data, JSON)

    def commit(self, manifest: Manifest) -> Artifact:
        """Write the manifest, after all of its files."""
        name = _path(manifest.kind, manifest.key, "manifest.json")
        return self._put(name, canonical_json(manifest.to_json()), JSON)

    # --- Checkpoints

    def save_checkpoint(self, kind: str, key: str, number: int, files: Mapping[str, bytes]) -> None:
        """Replace the checkpoint of a key: the files first, then `latest.json`, then the older ones are
        removed. A file that is as it was in the last checkpoint is not sent again.
        """
        prefix = _path(kind, key, "checkpoint", f"{number}-{uuid.uuid4().hex[:8]}")
        before = self._latest_checkpoint(kind, key)
        known_files = before["files"] if before else {}

        def put(name: str, data: bytes) -> Json:
            known = known_files.get(name)
            if known is not None and known["sha256"] == hashlib.sha256(data).hexdigest():
                return dict(known)
            return self._put(f"{prefix}/{_segment(name)}", data, "application/octet-stream").to_json()

        stored = {name: put(name, data) for name, data in files.items()}
        latest = {"number": number, "files": stored}
        self._put(_path(kind, key, "checkpoint", "latest.json"), canonical_json(latest), JSON)
        kept = {Artifact.from_json(item).uri for item in stored.values()}
        self._remove_below(_path(kind, key, "checkpoint"), kept)

    def load_checkpoint(self, kind: str, key: str) -> tuple[int, dict[str, bytes]] | None:
        """The newest checkpoint of a key as (number, files), or None. One that cannot be read is removed, so
        that no later one refers to its files, and is as none.
        """
        latest = self._latest_checkpoint(kind, key)
        if latest is None:
            return None
        try:
            files = {name: self.get(Artifact.from_json(item)) for name, item in latest["files"].items()}
            return int(latest["number"]), files
        except (NotFound, DataLoss, ValueError, KeyError):
            self.drop_checkpoint(kind, key)
            return None

    def drop_checkpoint(self, kind: str, key: str) -> None:
        """Remove the checkpoint of a key whose work is finished."""
        self._remove_below(_path(kind, key, "checkpoint"), keep_uris=set(), latest_too=True)

    # --- Plain access, for the flow's worker and the command line

    def objects(self, prefix: str) -> Iterator[StoredObject]:
        """Everything below a prefix."""
        found = self._patiently(
            lambda: list(self._client.list_objects(bucket_name=self.bucket, prefix=prefix, recursive=True))
        )
        for item in found:
            modified = item.last_modified
            if modified is None:
                raise Unavailable(f"S3 lists {item.object_name!r} without the time of its last change")
            yield StoredObject(str(item.object_name), int(item.size or 0), modified)

    def uri(self, name: str) -> str:
        """The URI of an object by name, as artifacts have it."""
        return f"s3://{self.bucket}/{name}"

    def read(self, name: str) -> bytes:
        """The bytes of an object by name, unchecked: for people who look, never for work. `NotFound` if it is
        gone.
        """
        if not all(_SEGMENT.fullmatch(segment) for segment in name.split("/")):
            raise InvalidInput(
                "uri", f"not an artifact of Isogloss: {name!r}", "Send what the report prints."
            )
        return self._get(name)

    def remove(self, names: list[str]) -> None:
        """Remove objects by name; those that are not there are no error."""
        if not names:
            return
        targets = [DeleteObject(name) for name in names]
        self._patiently(
            lambda: list(self._client.remove_objects(bucket_name=self.bucket, delete_object_list=targets))
        )

    # --- Inside

    def _latest_checkpoint(self, kind: str, key: str) -> Json | None:
        """What `latest.json` says: the checkpoint's number, and its files as artifacts by name."""
        try:
            latest = json.loads(self._get(_path(kind, key, "checkpoint", "latest.json")))
            return {"number": latest["number"], "files": dict(latest["files"])}
        except (NotFound, ValueError, KeyError, TypeError):
            return None

    def _remove_below(self, prefix: str, keep_uris: set[str], latest_too: bool = False) -> None:
        kept = {uri.removeprefix(f"s3://{self.bucket}/") for uri in keep_uris}
        if not latest_too:
            kept.add(f"{prefix}/latest.json")
        self.remove([item.name for item in self.objects(prefix + "/") if item.name not in kept])

    def _object_name(self, artifact: Artifact) -> str:
        bucket, _, name = artifact.uri.removeprefix("s3://").partition("/")
        if bucket != self.bucket:
            raise InvalidInput(
                "uri", f"bucket {bucket!r} is not ours", f"Use artifacts of bucket {self.bucket!r}."
            )
        if not all(_SEGMENT.fullmatch(segment) for segment in name.split("/")):
            raise InvalidInput(
                "uri", f"not an artifact of Isogloss: {artifact.uri!r}", "Send what a service returned."
            )
        return name

    def _put(self, name: str, data: bytes, media_type: str) -> Artifact:
        self._patiently(
            lambda: self._client.put_object(
                bucket_name=self.bucket,
                object_name=name,
                data=io.BytesIO(data),
                length=len(data),
                content_type=media_type,
            ),
            writes=True,
        )
        return self._reference(name, data, media_type)

    def _get(self, name: str) -> bytes:
        def read() -> bytes:
            with self._client.get_object(bucket_name=self.bucket, object_name=name) as response:
                return bytes(response.read())

        return self._patiently(read)

    def _reference(self, name: str, data: bytes, media_type: str) -> Artifact:
        return Artifact(self.uri(name), hashlib.sha256(data).hexdigest(), len(data), media_type)

    def _patiently(self, call: Callable[[], T], writes: bool = False) -> T:
        """Run a call; wait out a server that is away, translate what it answers into our errors."""
        give_up = time.monotonic() + self._patience_s
        pause = 0.1
        while True:
            try:
                return call()
            except S3Error as error:
                problem: Exception = error
                _raise_what_waiting_cannot_mend(error, self.bucket)
            except (
                urllib3.exceptions.HTTPError,
                ServerError,
                InvalidResponseError,
                ConnectionError,
            ) as error:
                problem = error
            if time.monotonic() + pause > give_up:
                if writes and self._answers():
                    raise _full(problem) from problem
                raise Unavailable(f"S3 does not answer ({type(problem).__name__}): {problem}", 5) from problem
            time.sleep(pause)
            pause = min(2 * pause, 2.0)

    def _answers(self) -> bool:
        """Whether the server reads: one that does, and has not written for long, has no room."""
        try:
            return self._client.bucket_exists(bucket_name=self.bucket)
        except (urllib3.exceptions.HTTPError, MinioException, ConnectionError):
            return False


def _raise_what_waiting_cannot_mend(error: S3Error, bucket: str) -> None:
    code = error.code or ""
    if code in _DENIED:
        fix = "check ISOGLOSS_S3_ACCESS_KEY and ISOGLOSS_S3_SECRET_KEY"
        raise Denied(f"S3 refuses our credentials ({code}): {fix}") from error
    if code in _MISSING:
        raise NotFound(f"S3 has no {error.object_name or bucket!r} ({code})") from error
    if code in _FULL or error.response.status == _INSUFFICIENT_STORAGE:
        raise _full(error) from error


def _full(problem: Exception) -> StorageFull:
    said = problem.code if isinstance(problem, S3Error) else type(problem).__name__
    return StorageFull(
        f"S3 answers but takes no more data ({said}): its disk or quota is full, or it is read-only."
        " Enlarge its volume, or remove what nothing names with `isogloss gc`; then run again:"
        " what is finished is reused."
    )


def new_attempt() -> str:
    """A name for one attempt at a key."""
    return uuid.uuid4().hex[:12]


def _path(*segments: str) -> str:
    return "/".join(_segment(segment) for segment in segments)


def _segment(text: str) -> str:
    if not _SEGMENT.fullmatch(text):
        raise InvalidInput(
            "key", f"not a name: {text!r}", "Names are built of letters, digits, '.', '_' and '-'."
        )
    return text


def _verify(artifact: Artifact, size: int, sha256: str) -> None:
    if size != artifact.size or sha256 != artifact.sha256:
        raise DataLoss(
            f"{artifact.uri}: expected {artifact.size} bytes with sha256 {artifact.sha256},"
            f" read {size} bytes with {sha256}"
        )
