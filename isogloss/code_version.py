"""The version of code, as keys hold it: a hash of sources, and versions of libraries. Knows no protobuf."""

import hashlib
from collections.abc import Iterable
from functools import cache
from importlib import metadata
from pathlib import Path


@cache
def code_version(package: str, libraries: tuple[str, ...] = ()) -> str:
    """Hash of the Python sources below a directory and of the installed versions of `libraries`.

    `package` is a path, normally an engine's folder. Any change to these sources makes new keys, a comment
    too: a result recomputed once too often is cheap, a stale one is not.
    """
    digest = hashlib.sha256()
    root = Path(package)
    for path in _sources(root):
        digest.update(f"{path.relative_to(root)}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    for name, version in sorted(library_versions(libraries).items()):
        digest.update(f"{name}=={version}\n".encode())
    return digest.hexdigest()[:16]


def _sources(root: Path) -> Iterable[Path]:
    return sorted(root.rglob("*.py"))


def library_versions(libraries: Iterable[str]) -> dict[str, str]:
    """Installed versions by distribution name, read without importing anything."""
    return {name: metadata.version(name) for name in libraries}
