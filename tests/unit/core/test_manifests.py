"""A manifest is what was written, or none."""

import json
import random
from typing import Any

import pytest

from isogloss.artifacts import Artifact
from isogloss.keys import canonical_json, make_key, sealed
from isogloss.manifests import Manifest

REQUEST = {
    "language": "eng",
    "corpus": {"uri": "s3://b/x", "sha256": "ab" * 32, "size": 1, "media_type": "x"},
}
FILE = Artifact("s3://b/test/k/a/file", "cd" * 32, 7, "application/json")
MANIFEST = Manifest(
    kind="test",
    key=make_key("test", REQUEST, "1"),
    attempt="a",
    request=REQUEST,
    inputs={"corpus": Artifact.from_json(REQUEST["corpus"])},  # type: ignore[arg-type]
    code_version="1",
    libraries={"numpy": "2"},
    hardware={"machine": "x"},
    started="2026-11-27T00:00:00.000+00:00",
    finished="2026-11-27T00:00:01.000+00:00",
    files={"file": FILE},
    result={"cka": 0.5390, "rpd": 26.07, "rates": [1e-05, 2.0], "by_number": {"2": 1, "10": 2}},
)


def resealed(record: dict[str, Any]) -> dict[str, Any]:
    """A record as a writer of another version would make it."""
    return sealed({name: value for name, value in record.items() if name != "sha256"})


def test_it_is_read_as_it_was_written() -> None:
    assert Manifest.from_json(json.loads(canonical_json(MANIFEST.to_json()))) == MANIFEST


def test_no_flipped_bit_changes_it_unseen() -> None:
    whole = canonical_json(MANIFEST.to_json())
    draw = random.Random(0)
    for place in draw.sample(range(8 * len(whole)), 1500):
        flipped = bytearray(whole)
        flipped[place // 8] ^= 1 << place % 8
        try:
            read = Manifest.from_json(json.loads(bytes(flipped)))
        except (ValueError, KeyError, TypeError):
            continue
        assert read == MANIFEST, "1e-05 and 1E-05 are the same number"


def test_a_key_that_is_not_of_its_request_is_refused() -> None:
    record = MANIFEST.to_json()
    with pytest.raises(ValueError, match="its key"):
        Manifest.from_json(resealed(record | {"request": {**REQUEST, "language": "kor"}}))
    with pytest.raises(ValueError, match="its key"):
        Manifest.from_json(resealed(record | {"key": "0" * 64}))


def test_fields_of_later_versions_are_left_out_and_missing_ones_refused() -> None:
    record = MANIFEST.to_json()
    assert Manifest.from_json(resealed(record | {"energy_j": 12.5})) == MANIFEST
    del record["started"]
    with pytest.raises((TypeError, KeyError)):
        Manifest.from_json(resealed(record))
    with pytest.raises(ValueError, match="format 1, expected 2"):
        Manifest.from_json(resealed(MANIFEST.to_json() | {"format": 1}))
