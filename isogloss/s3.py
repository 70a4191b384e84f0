"""One bucket of an S3 server, as names and bytes. A server that is away is waited out; what it answers is
told in our errors.

Nothing depends on conditional PUT, which not every server has.
"""

import hashlib
import io
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import urllib3
from minio import Minio
from minio.deleteobjects import DeleteObject
from minio.error import InvalidResponseError, MinioException, S3Error, ServerError

from isogloss import tls
from isogloss.artifacts import Artifact
from isogloss.errors import Denied, NotFound, StorageFull, Unavailable
from isogloss.settings import Settings

T = TypeVar("T")

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


def connect(settings: Settings, retries: urllib3.Retry | bool) -> Minio:
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
    return Minio(
        settings.s3_endpoint,
        access_key=settings.s3_access_key.get_secret_value(),
        secret_key=settings.s3_secret_key.get_secret_value(),
        secure=settings.s3_secure,
        region=settings.s3_region,
        http_client=pool,
    )


class Bucket:
    """Objects by name. Thread-safe.

    Every method raises `Denied` for wrong credentials, and `Unavailable` when the server has not answered for
    `patience_s` seconds: a restart of the server is waited out. What reads raises `NotFound`; what writes
    raises `StorageFull` when the server says that it is full, or has refused to write for `patience_s`
    seconds while it answers.
    """

    def __init__(self, client: Minio, name: str, patience_s: float) -> None:
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
        self._patiently(
            lambda: self._client.put_object(
                bucket_name=self.name,
                object_name=name,
                data=io.BytesIO(data),
                length=len(data),
                content_type=media_type,
            ),
            writes=True,
        )
        return self.reference(name, data, media_type)

    def put_file(self, name: str, path: Path, media_type: str) -> Artifact:
        """Store a local file, in constant memory."""
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        self._patiently(
            lambda: self._client.fput_object(
                bucket_name=self.name, object_name=name, file_path=str(path), content_type=media_type
            ),
            writes=True,
        )
        return Artifact(self.uri(name), digest, path.stat().st_size, media_type)

    def get(self, name: str) -> bytes:
        """Read an object whole."""

        def read() -> bytes:
            with self._client.get_object(bucket_name=self.name, object_name=name) as response:
                return bytes(response.read())

        return self._patiently(read)

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

        return self._patiently(download)

    def objects(self, prefix: str) -> list[StoredObject]:
        """Everything below a prefix."""
        found = self._patiently(
            lambda: list(self._client.list_objects(bucket_name=self.name, prefix=prefix, recursive=True))
        )
        if any(item.last_modified is None for item in found):
            raise Unavailable(f"S3 lists objects below {prefix!r} without the time of their last change")
        return [
            StoredObject(str(item.object_name), int(item.size or 0), item.last_modified)
            for item in found
            if item.last_modified is not None
        ]

    def remove(self, names: list[str]) -> None:
        """Remove objects; those that are not there are no error."""
        if not names:
            return
        targets = [DeleteObject(name) for name in names]
        self._patiently(
            lambda: list(self._client.remove_objects(bucket_name=self.name, delete_object_list=targets))
        )

    def reference(self, name: str, data: bytes, media_type: str) -> Artifact:
        """The reference to an object that holds these bytes."""
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
                _raise_what_waiting_cannot_mend(error, self.name)
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
            return self._client.bucket_exists(bucket_name=self.name)
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
