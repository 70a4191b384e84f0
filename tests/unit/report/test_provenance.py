"""From a number back to what made it."""

from dataclasses import replace

from isogloss.artifacts import JSON, Artifact
from isogloss.keys import make_key
from isogloss.manifests import Manifest, this_hardware
from isogloss.store import Store
from report import RunRecord, with_manifests
from report.manifests import manifest_row
from report.page import render_page
from report.provenance import Sources
from report.record import Cell, Number

REQUEST = {"task": "TASK_POS", "language": "eng"}
KEY = make_key("train", REQUEST, "1")


def manifest() -> Manifest:
    train = Artifact("s3://b/ud/k/a/train.parquet", "a" * 64, 10, JSON)
    model = Artifact("s3://b/train/k/a/model.safetensors", "c" * 64, 10, JSON)
    return Manifest(
        kind="train",
        key=KEY,
        attempt="1",
        request=REQUEST,
        inputs={"train": train},
        code_version="1",
        libraries={"torch": "2.13.0"},
        hardware=this_hardware(),
        started="2026-01-02T03:04:05Z",
        finished="2026-01-02T03:05:05Z",
        files={"model": model},
        result={},
        seed=7,
    )


def test_one_entry_says_all_that_a_manifest_gave(empty: RunRecord) -> None:
    number = Number("score", 90.0, "s3://b/train/k/manifest.json", "table1", "pos", "phoneme", ("eng",))
    cell = Cell("pos", "phoneme", "eng", 0, 90.0, manifest=number.manifest)
    (source,) = Sources(replace(empty, numbers=(number,), cells=(cell,)))
    assert source.gives == (
        "Table 1: pos, phoneme, eng",
        "Cell: pos, phoneme, English, seed 0",
        "Score, % of POS phoneme",
    )
    assert source.command == "isogloss show s3://b/train/k/manifest.json"


def test_what_has_no_manifest_has_no_anchor(empty: RunRecord) -> None:
    assert Sources(empty).anchor("") == ""
    assert len(Sources(empty)) == 0


def test_the_page_shows_what_the_manifest_says(empty: RunRecord) -> None:
    uri = "s3://b/train/k/manifest.json"
    number = Number("score", 90.0, uri, "table1", "pos", "phoneme", ("eng",))
    html = render_page(replace(empty, numbers=(number,), manifests=(manifest_row(uri, manifest()),)), [])
    for part in ("a" * 64, "c" * 64, "torch 2.13.0", "TASK_POS", "2026-01-02T03:04:05Z"):
        assert part in html


def test_manifests_are_read_from_the_store(empty: RunRecord, store: Store) -> None:
    store.ensure_bucket()
    model = store.put("train", KEY, "1", "model", b"{}", JSON)
    uri = store.commit(replace(manifest(), files={"model": model}))[1].uri
    gone = uri.replace(KEY, "6" * 64)
    numbers = tuple(
        Number("score", 90.0, place, "table1", "pos", "phoneme", (code,))
        for code, place in (("eng", uri), ("fra", gone))
    )
    found = with_manifests(replace(empty, numbers=numbers), store)
    (row,) = found.manifests
    assert (row.uri, row.seed, row.inputs) == (uri, 7, {"train": "a" * 64})
    assert found.hardware.endswith(this_hardware()["system"])
