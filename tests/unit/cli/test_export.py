"""Which model `isogloss export` takes."""

import pytest

from isogloss.errors import InvalidInput
from report.record import Cell
from stack.cli.export import chosen, key_of


def cell(seed: int = 0, share: float = 1.0, manifest: str = "s3://b/train/k/manifest.json") -> Cell:
    return Cell("pos", "phoneme", "ita", seed, 90.0, manifest=manifest, train_fraction=share)


def test_a_cell_is_named_by_task_input_and_language() -> None:
    cells = [cell(), cell(share=0.1)]
    assert chosen(cells, "pos/phoneme/ita") == cells[0], "trained on the whole set, where there is one"
    assert key_of(cells[0].manifest) == "k"


def test_several_seeds_are_told_apart_and_others_are_listed() -> None:
    cells = [cell(1), cell(2)]
    assert chosen(cells, "pos/phoneme/ita/2") == cells[1]
    with pytest.raises(InvalidInput, match="Name one of: pos/phoneme/ita/1, pos"):
        chosen(cells, "pos/phoneme/ita")
    with pytest.raises(InvalidInput, match="It has: pos/phoneme/ita"):
        chosen(cells, "ner/phoneme/ita")
    with pytest.raises(InvalidInput, match="was not trained"):
        chosen([cell(manifest="")], "pos/phoneme/ita")
