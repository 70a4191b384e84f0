"""Where a mirror lies: a local directory, or a prefix of an S3 bucket. Both answer the same questions."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Protocol, TypeVar

import urllib3
from minio import Minio
from minio.error import InvalidResponseError, S3Error, ServerError

from isogloss.errors import Denied, Unavailable
from isogloss.s3 import connect
from isogloss.settings import Settings, settings
from sources.decode import MAX_STORED_BYTES
from sources.errors import BadLocation, MalformedFile

T = TypeVar("T")

_MISSING = {"NoSuchKey", "NoSuchObject"}
_DENIED = {"AccessDenied", "SignatureDoesNotMatch", "InvalidAccessKeyId", "AuthorizationHeaderMalformed"}


class Place(Protocol):
    """A tree of files. Paths are relative, with `/`; ones that leave the tree are a `BadLocation`."""

    location: str

    def label(self, path: str) -> str:
        """The path as a person finds it."""

    def exists(self, path: str) -> bool:
        """Is there such a file?"""

    def read(self, path: str) -> bytes:
        """The whole file, at most `MAX_STORED_BYTES`."""

    def copy(self, path: str, target: Path) -> None:
        """The file as a local one, in constant memory."""

    def write(self, path: str, origin: Path) -> None:
        """Put a local file there, whole or not at all."""


def open_place(location: str) -> Place:
    """A directory, or `s3://bucket/prefix` with endpoint and credentials of the `ISOGLOSS_S3_…` settings."""
    if location.startswith("s3://"):
        bucket, _, prefix = location.removeprefix("s3://").partition("/")
        return Bucket(s3_client(settings()), bucket, prefix.strip("/"))
    if "://" in location:
        raise BadLocation("data", f"cannot read from {location!r}", "Give a directory or s3://bucket/prefix.")
    return Directory(Path(location))


class Directory:
    """A local directory."""

    def __init__(self, root: Path, label: str | None = None) -> None:
        if not root.is_dir():
            raise BadLocation(
                "data", f"no directory {str(root)!r}", "Give the directory that holds ud/, wikiann/ …"
            )
        self._root = root
        self.location = label or str(root)

    def label(self, path: str) -> str:
        """See `Place`."""
        return f"{self.location}/{path}"

    def exists(self, path: str) -> bool:
        """See `Place`."""
        return (self._root / _inside(path)).is_file()

    def read(self, path: str) -> bytes:
        """See `Place`."""
        try:
            with (self._root / _inside(path)).open("rb") as stream:
                return _bounded(stream.read(MAX_STORED_BYTES + 1), self.label(path))
        except PermissionError:
            raise Denied(f"{self.label(path)} may not be read: check the file's permissions") from None

    def copy(self, path: str, target: Path) -> None:
        """See `Place`; a hard link where the file system allows it."""
        origin = self._root / _inside(path)
        try:
            os.link(origin.resolve(), target)
        except OSError:
            shutil.copyfile(origin, target)

    def write(self, path: str, origin: Path) -> None:
        """See `Place`."""
        target = self._root / _inside(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name}.partial")
        try:
            shutil.copyfile(origin, partial)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)


class Bucket:
    """A prefix of an S3 bucket, through the `minio` client."""

    def __init__(self, client: Minio, bucket: str, prefix: str) -> None:
        if not bucket:
            raise BadLocation("data", "an S3 location without a bucket", "Write s3://bucket/prefix.")
        self._client = client
        self._bucket = bucket
        self._prefix = f"{_inside(prefix)}/" if prefix else ""
        self.location = f"s3://{bucket}/{self._prefix}".rstrip("/")
        if not self._call(lambda: client.bucket_exists(bucket_name=bucket)):
            raise BadLocation("data", f"S3 has no bucket {bucket!r}", "Create it, or name another one.")

    def label(self, path: str) -> str:
        """See `Place`."""
        return f"{self.location}/{path}"

    def exists(self, path: str) -> bool:
        """See `Place`."""
        try:
            self._call(
                lambda: self._client.stat_object(bucket_name=self._bucket, object_name=self._name(path))
            )
        except FileNotFoundError:
            return False
        return True

    def read(self, path: str) -> bytes:
        """See `Place`."""

        def get() -> bytes:
            with self._client.get_object(bucket_name=self._bucket, object_name=self._name(path)) as response:
                return bytes(response.read(MAX_STORED_BYTES + 1))

        return _bounded(self._call(get), self.label(path))

    def copy(self, path: str, target: Path) -> None:
        """See `Place`."""
        name = self._name(path)
        self._call(
            lambda: self._client.fget_object(
                bucket_name=self._bucket, object_name=name, file_path=str(target)
            )
        )

    def write(self, path: str, origin: Path) -> None:
        """See `Place`."""
        name = self._name(path)
        self._call(
            lambda: self._client.fput_object(
                bucket_name=self._bucket, object_name=name, file_path=str(origin)
            )
        )

    def _name(self, path: str) -> str:
        return self._prefix + _inside(path)

    def _call(self, call: Callable[[], T]) -> T:
        try:
            return call()
        except S3Error as error:
            if error.code in _MISSING:
                raise FileNotFoundError(error.object_name) from None
            if error.code in _DENIED:
                fix = "check ISOGLOSS_S3_ACCESS_KEY, ISOGLOSS_S3_SECRET_KEY and what the key may read"
                raise Denied(f"S3 refuses to read {self.location} ({error.code}): {fix}") from None
            raise Unavailable(f"S3 cannot read {self.location} ({error.code}): {error.message}", 5) from error
        except (urllib3.exceptions.HTTPError, ServerError, InvalidResponseError, ConnectionError) as error:
            raise Unavailable(
                f"S3 does not answer for {self.location}: check ISOGLOSS_S3_ENDPOINT", 5
            ) from error


def s3_client(settings: Settings) -> Minio:
    """A client that gives up in seconds: the flow's task retries."""
    return connect(settings, urllib3.Retry(2, backoff_factor=0.2))


def _inside(path: str) -> str:
    """The path itself, once it is sure not to leave the tree."""
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\\" in path or "\x00" in path:
        raise BadLocation("path", f"{path!r} leaves the data directory", "Use names below it, without `..`.")
    return path


def _bounded(data: bytes, label: str) -> bytes:
    if len(data) > MAX_STORED_BYTES:
        raise MalformedFile(label, None, f"more than {MAX_STORED_BYTES >> 20} MiB", "Give a smaller file.")
    return data
