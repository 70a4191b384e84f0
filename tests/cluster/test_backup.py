"""The bucket's way out and back in: real S3, an installation's results restored into an empty one."""

import io
import json
import tarfile

import pytest

from flows.cluster.backup import back_up, restore
from isogloss.artifacts import Artifact
from isogloss.errors import InvalidInput
from isogloss.store import Store


@pytest.fixture
def filled(store: Store) -> Store:
    """A store with two results, a checkpoint, and what no manifest names."""
    store.ensure_bucket()
    store.remove([item.name for item in store.objects("")])
    for key in ("aaaa", "bbbb"):
        model = store.put("train", key, "one", "model.safetensors", key.encode() * 999, "x/y")
        store.s3.put(f"train/{key}/manifest.json", manifest({"model": model}), "application/json")
    store.put("train", "cccc", "checkpoint", "step-10", b"state", "x/y")
    return store


def manifest(files: dict[str, Artifact]) -> bytes:
    return json.dumps({"files": {name: item.to_json() for name, item in files.items()}}).encode()


def archived(store: Store) -> io.BytesIO:
    archive = io.BytesIO()
    back_up(store, archive)
    archive.seek(0)
    return archive


def contents(store: Store) -> dict[str, bytes]:
    return {item.name: store.read(item.name) for item in store.objects("")}


def test_an_empty_installation_is_filled_again(filled: Store) -> None:
    before = contents(filled)
    archive = archived(filled)
    filled.remove(list(before))
    assert restore(filled, archive) == 4
    assert contents(filled) == {name: data for name, data in before.items() if "checkpoint" not in name}


def test_manifests_come_last(filled: Store) -> None:
    with tarfile.open(fileobj=archived(filled)) as tar:
        names = tar.getnames()
    assert [name.endswith("manifest.json") for name in names] == [False, False, True, True]


def test_an_archive_that_broke_off_restores_nothing_half(filled: Store) -> None:
    """A manifest whose files are not there is refused, and none of it is written."""
    whole = archived(filled)
    broken = io.BytesIO()
    with tarfile.open(fileobj=whole) as tar, tarfile.open(fileobj=broken, mode="w") as other:
        for member in tar.getmembers():
            if member.name != "train/aaaa/one/model.safetensors":
                other.addfile(member, tar.extractfile(member))
    broken.seek(0)
    filled.remove(list(contents(filled)))
    with pytest.raises(InvalidInput, match="not in it"):
        restore(filled, broken)
    assert "train/aaaa/manifest.json" not in contents(filled)


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "train/../x", "train/a b/c"])
def test_names_that_lead_elsewhere_are_refused(name: str, filled: Store) -> None:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        member = tarfile.TarInfo(name)
        member.size = 1
        tar.addfile(member, io.BytesIO(b"x"))
    archive.seek(0)
    with pytest.raises(InvalidInput):
        restore(filled, archive)
