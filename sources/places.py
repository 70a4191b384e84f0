"""Where a mirror lies: a local directory, or a prefix of an S3 bucket. Both answer the same questions."""

import os
import shutil
from pathlib import Path, PurePosixPath
from typing import Protocol

from isogloss.errors import Denied, NotFound
from isogloss.s3 import Bucket, connect
from isogloss.settings import settings
from sources.decode import MAX_STORED_BYTES
from sources.errors import BadLocation, MalformedFile

PATIENCE_S = 2.0
"""Seconds that S3 may be away: the flow's task, which reads from it, tries again by itself."""


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
        return Prefix(Bucket(connect(settings(), retries=False), bucket, PATIENCE_S), prefix.strip("/"))
    if "://" in location:
        raise BadLocation("data", f"cannot read from {location!r}", "Give a directory or s3://bucket/prefix.")
    return Directory(Path(location))


class Directory:
    """A local directory."""

    def __init__(self, root: Path, label: str | None = None) -> None:
        if not root.is_dir():
            fix = "Give the directory that the data lie below, as `location` or --data."
            raise BadLocation("data", f"no directory {str(root)!r}", fix)
        self._root = root
        self.location = label or str(root)

    def label(self, path: str) -> str:
        """See `Place`."""
        return f"{self.location.rstrip('/')}/{path}"

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


class Prefix:
    """A prefix of an S3 bucket."""

    def __init__(self, bucket: Bucket, prefix: str) -> None:
        if not bucket.name:
            raise BadLocation("data", "an S3 location without a bucket", "Write s3://bucket/prefix.")
        self._bucket = bucket
        self._prefix = f"{_inside(prefix)}/" if prefix else ""
        self.location = bucket.uri(self._prefix).rstrip("/")
        if not bucket.is_there():
            problem = f"S3 has no bucket {bucket.name!r}"
            raise BadLocation("data", problem, "Create it, name another one, or check ISOGLOSS_S3_ENDPOINT.")

    def label(self, path: str) -> str:
        """See `Place`."""
        return f"{self.location}/{path}"

    def exists(self, path: str) -> bool:
        """See `Place`."""
        return self._bucket.has(self._name(path))

    def read(self, path: str) -> bytes:
        """See `Place`."""
        try:
            stored = self._bucket.get(self._name(path), MAX_STORED_BYTES + 1)
        except NotFound:
            raise FileNotFoundError(path) from None
        return _bounded(stored, self.label(path))

    def copy(self, path: str, target: Path) -> None:
        """See `Place`."""
        try:
            self._bucket.download(self._name(path), target)
        except NotFound:
            raise FileNotFoundError(path) from None

    def write(self, path: str, origin: Path) -> None:
        """See `Place`."""
        self._bucket.put_file(self._name(path), origin, "application/octet-stream")

    def _name(self, path: str) -> str:
        return self._prefix + _inside(path)


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
