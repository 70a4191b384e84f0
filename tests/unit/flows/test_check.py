"""`isogloss profile check`: what is wrong with an experiment is said before anything is spent."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from flows.check import check_profile
from flows.load import load
from isogloss.settings import Settings
from tests.conftest import ROOT

SMALL = {"tasks": ["pos"], "languages": ["eng", "kor"]}


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    """A mirror that a test can damage: a copy of the sample's data."""
    for name in ("ud", "wikiann", "xnli", "flores"):
        shutil.copytree(ROOT / "sources" / "sample" / name, tmp_path / name)
    return tmp_path


def wrongs(**asked: Any) -> list[str]:
    """What is wrong with a profile, without the notes."""
    return [item.text for item in check_profile(load("sample", **asked), Settings()) if item.wrong]


def test_nothing_is_wrong_with_the_sample() -> None:
    assert wrongs() == []


def test_a_missing_split_is_named_with_where_it_was_looked_for(mirror: Path) -> None:
    (mirror / "ud/pos/kor/train.tsv").unlink()
    (found,) = wrongs(data=str(mirror), **SMALL)
    assert "ud/pos/kor/train.tsv" in found


def test_a_label_that_the_task_has_not_is_named_with_file_and_row(mirror: Path) -> None:
    file = mirror / "ud/pos/kor/dev.tsv"
    file.write_text(file.read_text().replace("\tNOUN", "\tNOUNS", 1))
    (found,) = wrongs(data=str(mirror), **SMALL)
    assert "ud/pos/kor/dev.tsv:" in found
    assert "NOUNS" in found


def test_every_broken_file_is_named_and_not_the_first_alone(mirror: Path) -> None:
    for split in ("train", "dev"):
        file = mirror / f"ud/pos/kor/{split}.tsv"
        file.write_text("without a tab\n" + file.read_text())
    found = wrongs(data=str(mirror), **SMALL)
    assert sorted("train" in text for text in found) == [False, True]
    assert all(".tsv:1" in text for text in found)


def test_a_parallel_text_that_is_one_line_short(mirror: Path) -> None:
    file = mirror / "flores/kor_Hang.devtest"
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:-1]))
    (found,) = wrongs(data=str(mirror), **SMALL)
    assert "devtest is not parallel: kor has 119 sentences, the others 120" in found


def test_more_neighbors_than_the_plane_has_points_for() -> None:
    options = {"gaps.tsne_points": 10, "gaps.tsne_perplexity": 30}
    (found,) = wrongs(options=options, **SMALL)
    assert found.startswith("gaps.tsne_perplexity: 30, but the plane of table1 has 20 points. Use at most 6")


def test_figure_languages_that_the_table_has_not_are_replaced_by_its_own() -> None:
    assert wrongs(options={"table1.languages": ["eng", "hin"], "table1.figure_languages": ["kor"]}) == []


def test_text_that_does_not_become_phonemes() -> None:
    (found,) = wrongs(options={"phoneme_gate.tolerated": []})
    assert "of the letters of Urdu (urd) did not become phonemes" in found


def test_a_snapshot_that_the_mirror_has_not(mirror: Path) -> None:
    snapshot = {"id": "own/model", "revision": "0" * 40}
    found = wrongs(data=str(mirror), options={"models.character": snapshot}, **SMALL)
    assert len(found) == 2
    assert "own/model has no configuration in the mirror" in found[0]
    assert "own/model has no weights in the mirror" in found[1]
