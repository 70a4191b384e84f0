"""Every finding before the first training, overlap with train, and the data card."""

import dataclasses
import json
from pathlib import Path

import pytest

from sources import Source, card, check, open_source, overlaps
from sources.dataset import Dataset, labeled_text_table, pair_table, token_table


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def mirror(tmp_path: Path) -> Source:
    """Good French; Italian without test and with a label of another task; Russian with a header row; Finnish
    whose dev is a part of train; parallel text of which Korean lacks a line.
    """
    good = "".join(f"w{number}\tNOUN\n\n" for number in range(60))
    for split in ("train", "dev", "test"):
        write(tmp_path / f"ud/pos/fra/{split}.tsv", good.replace("w", split))
        write(tmp_path / f"ud/pos/rus/{split}.tsv", good.replace("w", split))
        write(tmp_path / f"ud/pos/fin/{split}.tsv", good.replace("w", split))
    write(tmp_path / "ud/pos/ita/train.tsv", good)
    write(tmp_path / "ud/pos/ita/dev.tsv", "a\tNOUN\n\nb\tB-PER\n")
    write(tmp_path / "ud/pos/rus/dev.tsv", "form\tupos\nа\tNOUN\n")
    write(tmp_path / "ud/pos/fin/dev.tsv", good.replace("w", "train")[:200])
    for code, lines in {"fra_Latn": 5, "ita_Latn": 5, "kor_Hang": 4}.items():
        write(tmp_path / f"flores/{code}.devtest", "Sentence.\n" * lines)
    return open_source("mirror", str(tmp_path))


def test_all_that_is_wrong_is_found_with_file_and_row(mirror: Source) -> None:
    found = list(check(mirror, "pos", ["fra", "ita", "rus", "fin", "hin"], needs=["train", "dev", "test"]))
    assert not [finding for finding in found if finding.language == "fra"]
    by_place = {
        (Path(finding.file).parent.name, Path(finding.file).name, finding.row)
        for finding in found
        if finding.file
    }
    assert by_place == {("ita", "dev.tsv", 3), ("rus", "dev.tsv", 1)}
    said = [str(finding) for finding in found]
    assert any("ita/dev.tsv:3: 'B-PER' is no label of pos" in line for line in said)
    assert any("rus/dev.tsv:1: a header row (form, upos)" in line for line in said)
    assert any(line.startswith("error: data: no pos test for ita: looked for ") for line in said)
    assert len([finding for finding in found if finding.language == "hin" and finding.wrong]) == 3
    (copy,) = [finding for finding in found if finding.language == "fin"]
    assert not copy.wrong
    assert "rows of dev" in copy.problem
    assert all(line.startswith(("error: ", "note: ")) for line in said)


def test_parallel_text_of_another_length_is_named_with_both_counts(mirror: Source) -> None:
    (finding,) = check(mirror, "flores", ["fra", "kor", "ita"], needs=["devtest"])
    assert str(finding) == (
        "error: flores/kor_Hang.devtest: 4 lines, but flores/fra_Latn.devtest (fra) has 5."
        " Line i must be the same sentence in every language: find the line that is missing."
    )


def test_an_unknown_language_is_a_finding(mirror: Source) -> None:
    (finding,) = check(mirror, "pos", ["fr"])
    assert finding.wrong
    assert "Use fra" in str(finding)


def dataset(split: str, words: list[str]) -> Dataset:
    table = token_table(range(len(words) + 1), words, ["NOUN"] * len(words))
    return Dataset("pos", "fra", split, table, license="CC0" if split == "train" else "")


def test_overlap_is_counted_and_noted_above_one_percent() -> None:
    train = dataset("train", [f"w{number}" for number in range(500)])
    few = dataset("dev", [f"d{number}" for number in range(199)] + ["w3", "w4"])
    many = dataset("test", ["w1", "x", "w2", "w2"])
    dev, test = overlaps({"train": train, "dev": few, "test": many})
    assert (dev.rows, dev.of, dev.note) == (2, 201, "")
    assert (test.rows, test.of, test.first) == (3, 4, 1)
    assert test.note == "pos/fra: 3 of 4 rows of test (75.0%) stand in train, the first in row 1."
    assert overlaps({"dev": few, "test": many}) == []


def test_a_pair_overlaps_as_a_pair_and_labels_do_not_count() -> None:
    train = Dataset("xnli", "eng", "train", pair_table(["a", "a"], ["b", "c"], ["neutral", "entailment"]))
    dev = Dataset("xnli", "eng", "dev", pair_table(["a", "x"], ["b", "c"], ["entailment", "neutral"]))
    assert [item.rows for item in overlaps({"train": train, "dev": dev})] == [1]


def test_the_card_says_what_a_corpus_holds() -> None:
    train = Dataset(
        "ner", "eng", "train", token_table([0, 2, 5], list("abcde"), ["O", "B-PER", "O", "O", "B-LOC"]),
        notes=("a note.",), license="CC BY 4.0",
    )  # fmt: skip
    dev = dataclasses.replace(train, split="dev", notes=()).take([0], "1 of 2 rows.")
    made = card({"train": train, "dev": dev})
    assert (made.task, made.language, made.license) == ("ner", "eng", "CC BY 4.0")
    assert made.splits["train"].labels == {"O": 3, "B-PER": 1, "B-LOC": 1}
    lengths = made.splits["train"].lengths
    assert (lengths.unit, lengths.shortest, lengths.median, lengths.mean, lengths.longest) == (
        "words",
        2,
        2.5,
        2.5,
        3,
    )
    assert (made.splits["dev"].rows, made.splits["dev"].at_source, made.splits["dev"].in_train) == (1, 2, 1)
    assert made.splits["train"].in_train is None
    assert made.notes[:2] == ("a note.", "1 of 2 rows.")
    assert json.loads(json.dumps(made.to_json()))["splits"]["train"]["words"] == 5


def test_the_card_of_texts_counts_characters() -> None:
    texts = Dataset("mood", "fra", "dev", labeled_text_table(["été", "a"], ["good", "bad"]))
    made = card({"dev": texts}).splits["dev"]
    assert (made.lengths.unit, made.lengths.longest, made.words, made.labels) == (
        "characters", 3, None, {"good": 1, "bad": 1},
    )  # fmt: skip


def test_what_is_known_of_real_data_is_counted(shared_data: Path) -> None:
    """94 of the 2,077 English test sentences stand in train, 68 of the dev ones."""
    source = open_source("mirror", str(shared_data))
    splits = {split: source.read("pos", "eng", split) for split in ("train", "dev", "test")}
    assert {item.split: item.rows for item in overlaps(splits)} == {"dev": 68, "test": 94}
