"""One bucket of an S3 server, as names and bytes. A server that is away is waited out; what it answers is
told in our errors; what it took is looked at before it counts as stored.

Conditional PUT, which not every server has, is used in one place: of two replicas that commit one key in the
same moment, one is told so (`Bucket.put_new`).
"""

import hashlib
import io
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, BinaryIO, TypeVar
from xml.etree.ElementTree import ParseError

import urllib3
from minio import Minio
from minio.deleteobjects import DeleteObject
from minio.error import InvalidResponseError, MinioException, S3Error, ServerError

from isogloss import tls
from isogloss.artifacts import Artifact
from isogloss.errors import DataLoss, Denied, NotFound, StorageFull, Unavailable
from isogloss.settings import Settings

T = TypeVar("T")

_DENIED = {"AccessDenied", "SignatureDoesNotMatch", "InvalidAccessKeyId", "AuthorizationHeaderMalformed"}
_MISSING_OBJECT = {"NoSuchKey", "NoSuchObject"}
_MISSING = {"NoSuchBucket", *_MISSING_OBJECT}
# MinIO, Ceph and Garage say it; SeaweedFS answers InternalError, as it does to much else (`_answers`).
_FULL = {"XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "QuotaExceeded", "InsufficientStorage"}
_UNSAID = {"InternalError"}  # what SeaweedFS says of a full disk, of a broken object and of much else
_PART = 16 * 2**20  # bytes of one part of a large object: three are in memory at once
_PROBE = ".probe"  # an object that tells what a server that fails with another one still does


@dataclass(frozen=True)
class StoredObject:
    """An object as a listing shows it; `modified` has a time zone."""

    name: str
    size: int
    modified: datetime


class Client(Minio):
    """minio's, with the one request that it has no method for (7.2.20)."""

    def __init__(self, endpoint: str, http: urllib3.PoolManager, **options: Any) -> None:
        super().__init__(endpoint, http_client=http, **options)
        self._http_of_puts = http

    def put_new(self, bucket: str, name: str, data: bytes, media_type: str) -> None:
        """Put an object unless one of that name is there; where a server cannot be asked that, put it."""
        url = self.get_presigned_url("PUT", bucket, name)
        headers = {"If-None-Match": "*", "Content-Type": media_type}
        answer = self._http_of_puts.urlopen("PUT", url, body=data, headers=headers)
        if answer.status == HTTPStatus.NOT_IMPLEMENTED:
            self.put_object(bucket, name, io.BytesIO(data), len(data), media_type)
        elif answer.status not in (HTTPStatus.OK, HTTPStatus.PRECONDITION_FAILED):
            raise S3Error.fromxml(answer)


def connect(settings: Settings, retries: urllib3.Retry | bool) -> Client:
    """A client as the settings say, which shows this part's certificate to a server that asks for one.

    `Denied` when a credential is missing, `InvalidInput` when a file is.
    """
    if settings.s3_access_key is None or settings.s3_secret_key is None:
        raise Denied("S3 credentials are missing: set ISOGLOSS_S3_ACCESS_KEY and ISOGLOSS_S3_SECRET_KEY")
    certificate, key, _ = tls.files(settings) or (None, None, None)
    pool = urllib3.PoolManager(
        timeout=urllib3.Timeout(connect=3, read=60),
        retries=retries,
        maxsize=16,
        cert_reqs="CERT_REQUIRED",
        ca_certs=settings.s3_ca,
        cert_file=certificate,
        key_file=key,
    )
    return Client(
        settings.s3_endpoint,
        pool,
        access_key=settings.s3_access_key.get_secret_value(),
        secret_key=settings.s3_secret_key.get_secret_value(),
        secure=settings.s3_secure,
        region=settings.s3_region,
    )


class Bucket:
    """Objects by name. Thread-safe.

    Every method raises `Denied` for wrong credentials, and `Unavailable` when the server has not answered for
    `patience_s` seconds: a restart of the server is waited out. What reads raises `NotFound`, and `DataLoss`
    when the server has not read this object for so long but reads others; what writes raises `StorageFull`
    when the server says that it is full, or refuses any object of that size as it refuses this one.
    """

    def __init__(self, client: Client, name: str, patience_s: float) -> None:
        self._client = client
        self.name = name
        self._patience_s = patience_s

    def ensure(self) -> None:
        """Create the bucket if it does not exist."""

        def ensure() -> None:
            if not self._client.bucket_exists(bucket_name=self.name):
                self._client.make_bucket(bucket_name=self.name)

        self._patiently(ensure)

    def uri(self, name: str) -> str:
        """The URI of an object, as artifacts have it."""
        return f"s3://{self.name}/{name}"

    def put(self, name: str, data: bytes, media_type: str) -> Artifact:
        """Store bytes and return the reference to them."""
        reference = self.reference(name, data, media_type)
        self._store(reference, name, lambda: io.BytesIO(data))
        return reference

    def put_new(self, name: str, data: bytes, media_type: str) -> None:
        """Store bytes unless an object of that name is there, which stays then; a server without conditional
        PUT stores them in any case. Whose they are then, and whether as sent, is the caller's to look at.
        """
        self._patiently(lambda: self._client.put_new(self.name, name, data, media_type), writes=len(data))

    def put_file(self, name: str, path: Path, media_type: str) -> Artifact:
        """Store a local file, in constant memory."""
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        reference = Artifact(self.uri(name), digest, path.stat().st_size, media_type)
        self._store(reference, name, lambda: path.open("rb"))
        return reference

    def _store(self, reference: Artifact, name: str, open_data: Callable[[], BinaryIO]) -> None:
        """Send it, and look at what was stored: bytes may be flipped, and answers given, on the way."""

        def store() -> None:
            with open_data() as stream:
                self._client.put_object(
                    bucket_name=self.name,
                    object_name=name,
                    data=stream,
                    length=reference.size,
                    content_type=reference.media_type,
                    part_size=_PART,
                )
            with open_data() as stream:
                expected = _etag(stream, reference.size)
            stored = self._client.stat_object(bucket_name=self.name, object_name=name)
            if stored.size == reference.size and str(stored.etag).strip('"') == expected:
                return
            # Not every server's ETag is made of MD5: what such a one stores is read back.
            if self._digest(name) != (reference.size, reference.sha256):
                raise _NotStoredError(f"{name} is not stored as it was sent")

        self._patiently(store, writes=min(reference.size, _PART))

    def digest(self, name: str) -> tuple[int, str]:
        """Read an object, keep nothing of it, and return (size in bytes, sha256)."""
        return self._patiently(lambda: self._digest(name), reads=name)

    def _digest(self, name: str) -> tuple[int, str]:
        digest, size = hashlib.sha256(), 0
        with self._client.get_object(bucket_name=self.name, object_name=name) as response:
            for block in response.stream(2**20):
                size += len(block)
                digest.update(block)
        return size, digest.hexdigest()

    def is_there(self) -> bool:
        """Whether the server has the bucket."""
        return bool(self._patiently(lambda: self._client.bucket_exists(bucket_name=self.name)))

    def has(self, name: str) -> bool:
        """Whether the bucket has an object."""
        try:
            self._patiently(lambda: self._client.stat_object(bucket_name=self.name, object_name=name))
        except NotFound:
            return False
        return True

    def get(self, name: str, most: int | None = None) -> bytes:
        """Read an object whole, or no more than its first `most` bytes."""

        def read() -> bytes:
            with self._client.get_object(bucket_name=self.name, object_name=name) as response:
                return bytes(response.read(most))

        return self._patiently(read, reads=name)

    def download(self, name: str, path: Path) -> tuple[int, str]:
        """Read an object into a local file, in constant memory; returns (size in bytes, sha256)."""

        def download() -> tuple[int, str]:
            digest, size = hashlib.sha256(), 0
            response = self._client.get_object(bucket_name=self.name, object_name=name)
            with response, path.open("wb") as stream:
                for block in response.stream(2**20):
                    size += len(block)
                    digest.update(block)
                    stream.write(block)
            return size, digest.hexdigest()

        return self._patiently(download, reads=name)

    def objects(self, prefix: str) -> list[StoredObject]:
        """Everything below a prefix."""
        listed = self._patiently(
            lambda: list(self._client.list_objects(bucket_name=self.name, prefix=prefix, recursive=True))
        )
        if any(item.last_modified is None for item in listed):
            raise Unavailable(f"S3 lists objects below {prefix!r} without the time of their last change")
        return [
            StoredObject(str(item.object_name), int(item.size or 0), item.last_modified)
            for item in listed
            if item.last_modified is not None
        ]

    def remove(self, names: list[str]) -> None:
        """Remove objects; those that are not there are no error. `Denied` names one that may not be
        removed.
        """
        if not names:
            return
        targets = [DeleteObject(name) for name in names]
        refused = self._patiently(
            lambda: list(self._client.remove_objects(bucket_name=self.name, delete_object_list=targets))
        )
        kept = [item for item in refused if item.code not in _MISSING]
        if kept:
            raise Denied(
                f"S3 does not remove {len(kept)} of {len(names)} objects, such as {kept[0].name}:"
                f" {kept[0].code} {kept[0].message}"
            )

    def reference(self, name: str, data: bytes, media_type: str) -> Artifact:
        """The reference to an object that holds these bytes."""
        return Artifact(self.uri(name), hashlib.sha256(data).hexdigest(), len(data), media_type)

    def _patiently(self, call: Callable[[], T], *, reads: str = "", writes: int | None = None) -> T:
        """Run a call; wait out a server that is away, translate what it answers into our errors. `reads` is
        the object's name, `writes` its bytes.
        """
        give_up = time.monotonic() + self._patience_s
        pause = 0.1
        while True:
            try:
                return call()
            except S3Error as error:
                problem: Exception = error
                if (
                    writes is not None and error.code in _MISSING_OBJECT
                ):  # it was said to be stored, and is not
                    problem = _NotStoredError(f"{error.object_name} is gone as soon as it is stored")
                else:
                    _raise_what_waiting_cannot_mend(error, self.name)
            except (
                urllib3.exceptions.HTTPError,
                ServerError,
                InvalidResponseError,
                ConnectionError,
                ParseError,  # an answer that was cut: its XML has no end
                _NotStoredError,
            ) as error:
                problem = error
            if time.monotonic() + pause > give_up:
                if writes is not None and _unsaid(problem) and _unsaid(self._probe(writes)):
                    raise _full(problem) from problem
                if reads and self._probe(1) is None:
                    raise DataLoss(f"S3 reads other objects, but not {reads}: {problem}") from problem
                said = f"({type(problem).__name__}): {problem}; check ISOGLOSS_S3_ENDPOINT"
                raise Unavailable(f"S3 does not answer {said}", 5) from problem
            time.sleep(pause)
            pause = min(2 * pause, 2.0)

    def _probe(self, size: int) -> Exception | None:
        """How the server fails with another object of that many bytes; None when it takes it, and gives it
        back.
        """
        try:
            self._client.put_object(
                bucket_name=self.name, object_name=_PROBE, data=io.BytesIO(bytes(size)), length=size
            )
            with self._client.get_object(bucket_name=self.name, object_name=_PROBE) as response:
                response.read()
            self._client.remove_object(bucket_name=self.name, object_name=_PROBE)
        except (urllib3.exceptions.HTTPError, MinioException, ConnectionError, ParseError) as error:
            return error
        return None


class _NotStoredError(Exception):
    """The server said that it stored what it has not."""


def _etag(stream: BinaryIO, size: int) -> str:
    """What S3 answers for an object that `put_object` has stored: MD5, or the MD5 of its parts' MD5s."""
    parts = [hashlib.md5(part, usedforsecurity=False) for part in iter(lambda: stream.read(_PART), b"")]
    if size <= _PART:
        return parts[0].hexdigest() if parts else hashlib.md5(usedforsecurity=False).hexdigest()
    together = hashlib.md5(b"".join(part.digest() for part in parts), usedforsecurity=False)
    return f"{together.hexdigest()}-{len(parts)}"


def _unsaid(problem: Exception | None) -> bool:
    """Whether the server answered that something is wrong, without saying what."""
    return isinstance(problem, S3Error) and problem.code in _UNSAID


def _raise_what_waiting_cannot_mend(error: S3Error, bucket: str) -> None:
    code = error.code or ""
    if code in _DENIED:
        fix = "check ISOGLOSS_S3_ACCESS_KEY and ISOGLOSS_S3_SECRET_KEY"
        raise Denied(f"S3 refuses our credentials ({code}): {fix}") from error
    if code in _MISSING:
        raise NotFound(f"S3 has no {error.object_name or bucket!r} ({code})") from error
    if code in _FULL or error.response.status == HTTPStatus.INSUFFICIENT_STORAGE:
        raise _full(error) from error


def _full(problem: Exception) -> StorageFull:
    said = problem.code if isinstance(problem, S3Error) else type(problem).__name__
    return StorageFull(
        f"S3 answers but takes no more data ({said}): its disk or quota is full, or it is read-only."
        " Enlarge its volume, or remove what nothing names with `isogloss gc`; then run again:"
        " what is finished is reused."
    )
