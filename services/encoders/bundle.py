"""Bundles of files that together are a model: checked names in requests, local folders in the worker. No
torch.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from isogloss.artifacts import Artifact
from isogloss.errors import InvalidInput
from isogloss.safetensors_header import check_header
from isogloss.store import Store

_NAME = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
)  # a bare file name: nothing that could leave its folder
_MOST_FILES = 64


def check(files: Mapping[str, Artifact], needed: tuple[str, ...], field: str) -> None:
    """Raise `InvalidInput` on `field` unless all names are bare file names and the needed ones are there."""
    if len(files) > _MOST_FILES:
        raise InvalidInput(
            field, f"{len(files)} files", f"Send the model's own files, {_MOST_FILES} at most."
        )
    for name in files:
        if not _NAME.fullmatch(name):
            raise InvalidInput(field, f"{name!r} is not a bare file name", "Send a flat folder's files.")
    for name in needed:
        if name not in files:
            raise InvalidInput(field, f"{name} is missing", f"It needs {', '.join(needed)}.")


def fetch(store: Store, files: Mapping[str, Artifact], directory: Path) -> Path:
    """Fetch all files into `directory`, which is made, each checked against its sha256."""
    directory.mkdir()
    for name, artifact in files.items():
        path = store.fetch(artifact, directory / name)
        if path.suffix == ".safetensors":
            with path.open("rb") as stream:
                check_header(stream.read(8), name)
    return directory
