"""Model snapshots out of a mirror: what is taken, what is refused, and how pickled weights are told."""

import hashlib
import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from isogloss.errors import DataLoss
from sources import PickledSnapshot, Snapshot, SourceError, fetch_snapshot
from sources.errors import MalformedFile

MODEL = "someone/tiny"
COMMIT = "a" * 40
TENSORS = save({"weight": np.zeros((2, 3), np.float32)})
PICKLE = pickle.dumps({"weight": [0.0]})


def mirror(root: Path, files: dict[str, bytes], model: str = MODEL, commit: str = COMMIT) -> str:
    """A mirror that holds one snapshot."""
    folder = root / "mirror" / "models" / model / commit
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return str(root / "mirror")


def fetch(root: Path, files: dict[str, bytes]) -> Snapshot | PickledSnapshot:
    target = root / "target"
    target.mkdir()
    return fetch_snapshot(MODEL, target, mirror(root, files), COMMIT)


def test_configuration_tokenizer_and_safetensors_are_taken_and_nothing_else(tmp_path: Path) -> None:
    files = {
        "config.json": b"{}",
        "tokenizer.json": b"{}",
        "vocab.txt": b"a\nb\n",
        "model.safetensors": TENSORS,
    }
    unwanted = {"pytorch_model.bin": PICKLE, "modeling_tiny.py": b"import os", "optimizer.pt": PICKLE}

    snapshot = fetch(tmp_path, files | unwanted)

    assert not isinstance(snapshot, PickledSnapshot)
    assert {name: path.read_bytes() for name, path in snapshot.files.items()} == files
    checksums = {Path(file.name).name: file.sha256 for file in snapshot.provenance}
    assert checksums == {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}


def test_shards_come_with_their_index(tmp_path: Path) -> None:
    shards = [f"model-0000{number}-of-00002.safetensors" for number in (1, 2)]
    index = json.dumps({"weight_map": {"a": shards[0], "b": shards[1]}}).encode()
    files = {"config.json": b"{}", "model.safetensors.index.json": index, **dict.fromkeys(shards, TENSORS)}
    assert set(fetch(tmp_path, files).files) == set(files)


def test_pickled_weights_alone_are_told_by_their_type(tmp_path: Path) -> None:
    snapshot = fetch(tmp_path, {"config.json": b"{}", "pytorch_model.bin": PICKLE})
    assert isinstance(snapshot, PickledSnapshot)
    assert snapshot.files["pytorch_model.bin"].read_bytes() == PICKLE


@pytest.mark.parametrize(
    ("weights", "complaint"),
    [
        (PICKLE, "not a safetensors file"),
        (TENSORS[:-1], "end elsewhere than the file"),
        (TENSORS + b"x", "end elsewhere than the file"),
        ((8).to_bytes(8, "little") + b"no json!", "broken safetensors header"),
        (b"", "not a safetensors file"),
    ],
)
def test_a_file_that_is_not_safetensors_is_refused(tmp_path: Path, weights: bytes, complaint: str) -> None:
    with pytest.raises(MalformedFile, match=complaint):
        fetch(tmp_path, {"config.json": b"{}", "model.safetensors": weights})


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        ({"model.safetensors": TENSORS}, "has no config.json"),
        ({"config.json": b"{}"}, "has no weights"),
        ({"config.json": b"[]", "model.safetensors": TENSORS}, "not a JSON object"),
        ({"config.json": b"{", "model.safetensors": TENSORS}, "not JSON"),
        (
            {
                "config.json": b"{}",
                "model.safetensors.index.json": b'{"weight_map": {"a": "../x.safetensors"}}',
            },
            "name shards",
        ),
        (
            {"config.json": b"{}", "model.safetensors.index.json": b'{"weight_map": {"a": "x.bin"}}'},
            "name shards",
        ),
        (
            {"config.json": b"{}", "model.safetensors.index.json": b'{"weight_map": {"a": "x.safetensors"}}'},
            "is missing",
        ),
    ],
)
def test_an_incomplete_snapshot_is_refused(tmp_path: Path, files: dict[str, bytes], complaint: str) -> None:
    with pytest.raises(SourceError, match=complaint):
        fetch(tmp_path, files)


@pytest.mark.parametrize(
    ("model", "revision", "complaint"),
    [
        ("someone/tiny", None, "has no pinned revision"),
        ("someone/tiny", "main", "'main' is no commit"),
        ("../tiny", COMMIT, "is no model id"),
        ("some..one/tiny", COMMIT, "is no model id"),
    ],
)
def test_a_model_is_named_by_id_and_commit(
    tmp_path: Path, model: str, revision: str | None, complaint: str
) -> None:
    with pytest.raises(SourceError, match=complaint):
        fetch_snapshot(model, tmp_path, str(tmp_path), revision)


def test_pinned_weights_must_have_the_pinned_checksum(tmp_path: Path) -> None:
    pinned = "75d6d0b3f4d0bffed0ca7ddd0b73949977d4ca02"
    files = {"config.json": b"{}", "pytorch_model.bin": PICKLE}
    location = mirror(tmp_path, files, "google/canine-s", pinned)
    with pytest.raises(DataLoss, match="expected 29597dae"):
        fetch_snapshot("google/canine-s", tmp_path, location)
