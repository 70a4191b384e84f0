"""ImportModel's work: fetch a snapshot, have its pickle converted in a bare process, store the result."""

import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

from isogloss.artifacts import SAFETENSORS, Artifact
from isogloss.attempt import Attempt, Progress
from isogloss.code_version import refuse_other_sources, version_of
from isogloss.errors import InvalidInput
from isogloss.parent import Child
from isogloss.scratch import folder
from services.encoders import bundle

PICKLED, CONVERTED = "pytorch_model.bin", "model.safetensors"
_CONVERTED_SHARDS = "model.safetensors.index.json"
_SHARD = re.compile(r"pytorch_model-\d{5}-of-\d{5}\.bin")
# What a snapshot may hold beside its weights; everything else (other frameworks' weights, code) is left out.
_KEPT = (
    "config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
)
_LARGEST = 16 * 2**30  # bytes
_READER = "services.trainer.unpickle"
VERSION = version_of(_READER, libraries=("safetensors", "torch"))


def check(files: Mapping[str, Artifact]) -> None:
    """Raise `InvalidInput` unless this is a snapshot with pickled weights and no others."""
    bundle.check(files, ("config.json",), "snapshot")
    for name in (CONVERTED, _CONVERTED_SHARDS):
        if name in files:
            raise InvalidInput("snapshot", f"it has {name} already", "Train with it as it is.")
    pickled = pickled_weights(files)
    if not pickled:
        raise InvalidInput("snapshot", f"{PICKLED} is missing", f"Send {PICKLED}, or all of its shards.")
    size = sum(files[name].size for name in pickled)
    if size > _LARGEST:
        raise InvalidInput("snapshot", f"its weights have {size} bytes", f"{_LARGEST} at most.")


def pickled_weights(files: Iterable[str]) -> list[str]:
    """The pickled weights among files, whole or in shards; never another pickle that lies beside them."""
    names = sorted(files)
    return [PICKLED] if PICKLED in names else [name for name in names if _SHARD.fullmatch(name)]


def import_snapshot(files: Mapping[str, Artifact], attempt: Attempt) -> Mapping[str, Any]:
    """Compute ImportModel's manifest: the snapshot's own files and the converted weights."""
    refuse_other_sources(VERSION, _READER)
    with folder("import") as directory:
        attempt.report(Progress("fetching snapshot"))
        for name in pickled_weights(files):
            attempt.store.fetch(files[name], directory / name)
        child = Child(_READER, environment=bare_environment())
        try:
            found = child.run(
                "unpickle",
                {"directory": str(directory)},
                lambda measures: attempt.report(Progress(**measures)),
                attempt.stop.is_set,
            )
        finally:
            child.close()
        attempt.report(Progress("storing weights"))
        attempt.write_file(CONVERTED, directory / CONVERTED, SAFETENSORS)
    for name in _KEPT:
        if name in files:
            attempt.write(name, attempt.store.get(files[name]), files[name].media_type)  # ours: it stays
    return {"tensors": found["tensors"]}


def bare_environment() -> dict[str, str]:
    """What Python needs to start, and nothing that opens a door."""
    wanted = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
    return {name: os.environ[name] for name in wanted if name in os.environ}
