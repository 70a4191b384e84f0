"""Model snapshots: the files of a pre-trained model at a pinned revision, from the hub or a mirror.

Only configuration, tokenizer files and safetensors are taken. Weights that exist as a pickle alone come back
as a `PickledSnapshot`: their bytes are hashed and stored, never opened here; the trainer's `ImportModel`
converts them.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from isogloss.errors import DataLoss
from sources import hub_client
from sources.checksums import Checksums
from sources.dataset import SourceFile
from sources.errors import MalformedFile, SourceError
from sources.places import Place, open_place
from sources.revisions import MODELS, Model

CONFIG = "config.json"
TOKENIZER = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
)
SAFETENSORS = ("model.safetensors", "model.safetensors.index.json")  # whole, or an index of shards
PICKLED = ("pytorch_model.bin", "pytorch_model.bin.index.json")
WEIGHTS = (*SAFETENSORS, *PICKLED)

MAX_JSON_BYTES = 64 * 2**20
MAX_HEADER_BYTES = 100_000_000  # the limit of the safetensors library itself

_MODEL_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHARD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\.(safetensors|bin)")


@dataclass(frozen=True)
class Snapshot:
    """A model's files by name, as local paths to read and not to change; `provenance` has their checksums."""

    model: str
    revision: str
    files: Mapping[str, Path]
    provenance: tuple[SourceFile, ...]


@dataclass(frozen=True)
class PickledSnapshot(Snapshot):
    """The same, but the weights are pickled: good for nothing but the trainer's `ImportModel`."""


class _Files(Protocol):
    def has(self, name: str) -> bool: ...
    def get(self, name: str) -> Path: ...
    def check(self, file: SourceFile) -> None: ...


def fetch_snapshot(
    model: str, folder: Path, location: str | None = None, revision: str | None = None
) -> Snapshot | PickledSnapshot:
    """Fetch a model from the hub, or from the mirror at `location` (`models/<id>/<revision>/` there).

    `revision` is a commit; None takes the pin in `revisions.MODELS`. `folder` receives what a mirror gives;
    the hub has its own cache. Raises `SourceError` for an unpinned model or a file that is not what its name
    says, `NotFound`, `Denied`, `Unavailable` as the hub or S3 answer, `DataLoss` when a checksum differs.
    """
    revision = _pinned(model, revision)
    files: _Files = (
        _HubFiles(model, revision)
        if location is None
        else _MirrorFiles(open_place(location), f"models/{model}/{revision}", folder)
    )
    if not files.has(CONFIG):
        raise SourceError(
            "model", f"{model} at {revision} has no {CONFIG}", "Check the revision or the mirror."
        )
    weights = next((name for name in WEIGHTS if files.has(name)), None)
    if weights is None:
        fix = f"It needs one of: {', '.join(WEIGHTS)}."
        raise SourceError("model", f"{model} at {revision} has no weights", fix)
    names = [CONFIG, *(name for name in TOKENIZER if files.has(name)), weights]
    paths = {name: files.get(name) for name in names}
    if weights.endswith(".index.json"):
        paths |= {shard: files.get(shard) for shard in _shards(paths[weights], weights)}
    provenance = tuple(_checked(model, revision, name, path, files) for name, path in sorted(paths.items()))
    kind = Snapshot if weights in SAFETENSORS else PickledSnapshot
    return kind(model, revision, paths, provenance)


class _HubFiles:
    def __init__(self, model: str, revision: str) -> None:
        hub_client.import_libraries()
        from huggingface_hub import HfApi

        self._model = model
        self._revision = revision
        with hub_client.translated(model, revision):
            self._names = {entry.path for entry in HfApi().list_repo_tree(model, revision=revision)}

    def has(self, name: str) -> bool:
        return name in self._names

    def get(self, name: str) -> Path:
        return hub_client.download(self._model, name, self._revision, repo_type="model")

    def check(self, file: SourceFile) -> None:
        """The commit is the promise."""


class _MirrorFiles:
    def __init__(self, place: Place, prefix: str, folder: Path) -> None:
        self._place = place
        self._prefix = prefix
        self._folder = folder
        self._sums = Checksums(place)

    def has(self, name: str) -> bool:
        return self._place.exists(f"{self._prefix}/{name}")

    def get(self, name: str) -> Path:
        if not self.has(name):
            path = self._place.label(f"{self._prefix}/{name}")
            raise SourceError("model", f"{path} is missing", "Copy the whole snapshot into the mirror.")
        target = self._folder / name
        target.unlink(missing_ok=True)
        self._place.copy(f"{self._prefix}/{name}", target)
        return target

    def check(self, file: SourceFile) -> None:
        self._sums.verify(file)


def _pinned(model: str, revision: str | None) -> str:
    if not _MODEL_ID.fullmatch(model) or ".." in model:
        raise SourceError("model", f"{model!r} is no model id", "Write owner/name.")
    revision = revision or (MODELS[model].revision if model in MODELS else None)
    if revision is None:
        raise SourceError(
            "model", f"{model} has no pinned revision", "Give the commit to read as `revision`."
        )
    if not _COMMIT.fullmatch(revision):
        raise SourceError(
            "revision", f"{revision!r} is no commit", "Give 40 hex digits: branches and tags move."
        )
    return revision


def _checked(model: str, revision: str, name: str, path: Path, files: _Files) -> SourceFile:
    """Look that a file is what its name says, hash it, and compare with what was promised."""
    if name.endswith(".json"):
        _read_json(path, name)
    elif name.endswith(".safetensors"):
        check_safetensors(path)
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    file = SourceFile(f"models/{model}/{revision}/{name}", revision, digest, path.stat().st_size)
    files.check(file)
    pin = MODELS.get(model, Model(revision))
    expected = pin.weights_sha256 if pin.revision == revision and name in WEIGHTS else None
    if expected not in (None, digest):
        raise DataLoss(f"{file.name}: sha256 is {digest}, expected {expected}. Fetch it again.")
    return file


def _shards(index: Path, name: str) -> list[str]:
    """The shard names of a weights index."""
    weight_map = _read_json(index, name).get("weight_map")
    shards = sorted(set(map(str, weight_map.values()))) if isinstance(weight_map, dict) else []
    ending = ".safetensors" if name in SAFETENSORS else ".bin"
    if not shards or not all(_SHARD.fullmatch(shard) and shard.endswith(ending) for shard in shards):
        raise MalformedFile(name, None, "its weight_map does not name shards", "Copy the snapshot again.")
    return shards


def _read_json(path: Path, name: str) -> dict[str, Any]:
    try:
        if path.stat().st_size > MAX_JSON_BYTES:
            raise MalformedFile(name, None, f"more than {MAX_JSON_BYTES >> 20} MiB", "Check the snapshot.")
        record = json.loads(path.read_bytes())
    except ValueError as error:
        raise MalformedFile(name, None, f"not JSON ({error})", "Copy the snapshot again.") from None
    if not isinstance(record, dict):
        raise MalformedFile(name, None, "not a JSON object", "Check the snapshot.")
    return record


def check_safetensors(path: Path) -> None:
    """The header of a safetensors file, without loading a tensor; a renamed pickle or a cut file is an error.

    Format: 8 bytes little-endian length, that many bytes of JSON, then the tensors' bytes without gaps.
    https://github.com/huggingface/safetensors#format
    """
    size = path.stat().st_size
    with path.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        if not 2 <= length <= min(MAX_HEADER_BYTES, size - 8):
            raise MalformedFile(
                path.name, None, "not a safetensors file", "Never rename a pickle; copy it again."
            )
        try:
            header = json.loads(stream.read(length))
            ends = [tensor["data_offsets"][1] for name, tensor in header.items() if name != "__metadata__"]
            whole = max(ends, default=0) == size - 8 - length
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise MalformedFile(
                path.name, None, f"a broken safetensors header ({error})", "Copy it again."
            ) from None
    if not whole:
        raise MalformedFile(path.name, None, "its tensors end elsewhere than the file", "Copy it again.")
