"""ImportModel's work: fetch a snapshot, have its pickle converted in a bare process, store the result."""

import os
from collections.abc import Mapping
from typing import Any

from isogloss.artifacts import SAFETENSORS, Artifact
from isogloss.attempt import Attempt, Progress
from isogloss.code_version import refuse_other_sources, version_of
from isogloss.errors import InvalidInput
from isogloss.parent import Child
from isogloss.scratch import folder
from services.encoders import bundle

PICKLED, CONVERTED = "pytorch_model.bin", "model.safetensors"
# What a snapshot may hold beside its weights; everything else (other frameworks' weights, code) is left out.
_KEPT = ("config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt")
_LARGEST = 16 * 2**30  # bytes
_READER = "services.trainer.unpickle"
VERSION = version_of(_READER, libraries=("safetensors", "torch"))


def check(files: Mapping[str, Artifact]) -> None:
    """Raise `InvalidInput` unless this is a snapshot with pickled weights and no others."""
    bundle.check(files, ("config.json",), "snapshot")
    if CONVERTED in files:
        raise InvalidInput("snapshot", f"it has {CONVERTED} already", "Train with it as it is.")
    bundle.check(files, (PICKLED,), "snapshot")
    if files[PICKLED].size > _LARGEST:
        raise InvalidInput("snapshot", f"{PICKLED} has {files[PICKLED].size} bytes", f"{_LARGEST} at most.")


def import_snapshot(files: Mapping[str, Artifact], attempt: Attempt) -> Mapping[str, Any]:
    """Compute ImportModel's manifest: the snapshot's own files and the converted weights."""
    refuse_other_sources(VERSION, _READER)
    with folder("import") as directory:
        attempt.report(Progress("fetching snapshot"))
        attempt.store.fetch(files[PICKLED], directory / PICKLED)
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
