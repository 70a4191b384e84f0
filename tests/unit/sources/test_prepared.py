"""Limits and substitutes over a small mirror: nothing is substituted silently, every change leaves a note."""

from pathlib import Path

import pytest

from isogloss.errors import InvalidInput
from sources import ReadOptions, Source, SourceError, Substitute, open_source, parse_substitutes
from sources.errors import MissingSplit
from sources.options import ALLOWED


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    """No POS train for Hindi, another treebank's for Turkish; no NER test for Ukrainian; no XNLI train."""
    sentences = [f"w{number}\tNOUN\n.\tPUNCT\n\n" for number in range(40)]
    write(tmp_path / "ud/pos/hin/dev.tsv", "".join([*sentences, *sentences[:10]]))
    write(tmp_path / "ud/pos/hin/test.tsv", "z\tX\n")
    write(tmp_path / "ud/pos/tur/dev.tsv", "".join(sentences))
    write(tmp_path / "ud/pos/tur/test.tsv", "z\tX\n")
    write(tmp_path / "ud/pos/tur/train-imst+boun.tsv", "bir\tNUM\n")
    write(tmp_path / "wikiann/ukr/train.tsv", "Київ\tB-LOC\n")
    write(tmp_path / "wikiann/ukr/dev.tsv", "".join(f"w{number}\tO\n\n" for number in range(40)))
    for language in ("eng", "swa"):
        rows = [f"{language}{row // 3}\th{row}\tneutral\n" for row in range(90)]
        write(tmp_path / f"xnli/{language}.dev.tsv", "".join(rows))
        write(tmp_path / f"xnli/{language}.test.tsv", "a\tb\tneutral\n")
    write(tmp_path / "wikiann/hin/dev.tsv", "a\tO\n\nb\tO\n")
    return tmp_path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def source(mirror: Path, **options: object) -> Source:
    return open_source("mirror", str(mirror), ReadOptions(**options))  # type: ignore[arg-type]


def test_a_missing_split_names_the_paths_tried_and_the_option_that_helps(mirror: Path) -> None:
    with pytest.raises(MissingSplit) as caught:
        source(mirror).read("pos", "hin", "train")

    assert caught.value.tried[:2] == (f"{mirror}/ud/pos/hin/train.tsv", f"{mirror}/ud/pos/hin/train.tsv.gz")
    assert "no pos train for hin" in caught.value.message
    assert "substitutes: allowed" in caught.value.fix
    assert "train_from_dev" in caught.value.fix


def test_without_substitutes_dev_is_whole(mirror: Path) -> None:
    assert source(mirror).splits("xnli", "eng") == ("dev", "test")
    assert source(mirror).read("xnli", "eng", "dev").sentences == 90


@pytest.mark.parametrize(("task", "language", "missing"), [("pos", "hin", "train"), ("ner", "ukr", "test")])
def test_a_substitute_and_the_rest_of_dev_share_no_sentence_and_say_so(
    mirror: Path, task: str, language: str, missing: str
) -> None:
    allowed = source(mirror, substitutes=ALLOWED)
    carved, dev = allowed.read(task, language, missing), allowed.read(task, language, "dev")

    assert allowed.splits(task, language) == ("train", "dev", "test")
    assert not {tuple(row["tokens"]) for row in carved.rows} & {tuple(row["tokens"]) for row in dev.rows}
    assert carved.sentences + dev.sentences == source(mirror).read(task, language, "dev").sentences
    assert carved.notes == dev.notes
    assert f"no {missing} at hand, so dev" in carved.notes[0]
    assert carved.split == missing


def test_pairs_of_one_premise_stay_on_one_side_and_languages_stay_parallel(mirror: Path) -> None:
    allowed = source(mirror, substitutes=ALLOWED, limit={"train": 20})
    english, swahili = (allowed.read("xnli", language, "train") for language in ("eng", "swa"))
    dev = allowed.read("xnli", "eng", "dev")

    assert english.table["hypothesis"].equals(swahili.table["hypothesis"])
    assert not {row["premise"] for row in english.rows} & {row["premise"] for row in dev.rows}
    assert english.sentences == 20
    assert len(english.notes) == 2
    assert "sampled with seed 0" in english.notes[1]


def test_only_the_substitutes_that_are_named_are_made(mirror: Path) -> None:
    some = source(mirror, substitutes=frozenset({Substitute.TRAIN_FROM_DEV}))

    assert some.read("pos", "hin", "train").sentences > 0
    assert some.read("ner", "ukr", "dev").sentences == 40
    with pytest.raises(MissingSplit, match="no ner test for ukr"):
        some.read("ner", "ukr", "test")


def test_what_is_suggested_works_where_train_and_test_are_both_missing(mirror: Path) -> None:
    """`substitutes: allowed` is what the error says; dev becomes three, none of which shares a sentence."""
    write(mirror / "wikiann/kor/dev.tsv", "".join(f"w{number}\tO\n\n" for number in range(200)))
    with pytest.raises(MissingSplit) as caught:
        source(mirror).read("ner", "kor", "train")
    assert "substitutes: allowed" in caught.value.fix

    allowed = source(mirror, substitutes=ALLOWED)
    assert allowed.splits("ner", "kor") == ("train", "dev", "test")
    train, dev, test = (allowed.read("ner", "kor", split) for split in ("train", "dev", "test"))
    rows = [set(part.written) for part in (train, dev, test)]
    assert len(set.union(*rows)) == sum(map(len, rows)) == 200
    assert train.sentences > 120
    assert min(dev.sentences, test.sentences) > 5
    assert "no train and no test at hand, so dev (200 rows) was split in three" in train.notes[0]
    with pytest.raises(SourceError, match="too small to be split"):
        source(mirror, substitutes=ALLOWED).read("ner", "hin", "train")


def test_another_treebank_is_used_only_when_it_is_asked_for(mirror: Path) -> None:
    asked = source(mirror, other_treebanks={"tur": "train-imst+boun"}, substitutes=ALLOWED)
    train = asked.read("pos", "tur", "train")

    assert train.rows == [{"tokens": ["bir"], "labels": ["NUM"]}]
    assert "another treebank" in train.notes[0]
    assert asked.read("pos", "tur", "dev").sentences == 40
    with pytest.raises(MissingSplit):
        source(mirror).read("pos", "tur", "train")


def test_a_limit_that_removes_nothing_leaves_no_note(mirror: Path) -> None:
    limited = source(mirror, limit={"test": 5}).read("pos", "hin", "test")
    assert (limited.sentences, limited.notes) == (1, ())


def test_describe_lists_what_was_read_and_how(mirror: Path) -> None:
    opened = source(mirror, limit={"dev": 5})
    opened.read("pos", "hin", "dev")
    record = opened.describe().to_json()

    assert (record["kind"], record["location"]) == ("mirror", str(mirror))
    assert record["options"]["limit"] == {"dev": 5}
    assert [file["name"] for file in record["files"]] == ["ud/pos/hin/dev.tsv"]


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"limit": {"train": 0}}, "limit.train"),
        ({"limit": {"training": 5}}, "limit.training"),
        ({"train_share": 1.0}, "train_share"),
    ],
)
def test_a_wrong_option_is_named(mirror: Path, options: dict[str, object], field: str) -> None:
    with pytest.raises(SourceError) as caught:
        source(mirror, **options)
    assert caught.value.field == field


def test_a_profile_names_substitutes() -> None:
    assert parse_substitutes("refused") == frozenset()
    assert parse_substitutes("allowed") == {Substitute.TRAIN_FROM_DEV, Substitute.TEST_FROM_DEV}
    assert parse_substitutes(["test_from_dev"]) == {Substitute.TEST_FROM_DEV}
    with pytest.raises(SourceError, match=r"substitutes: .*train_from_dev, test_from_dev"):
        parse_substitutes(["anything"])


@pytest.mark.parametrize(
    ("cell", "field"),
    [
        (("chunking", "eng", "dev"), "task"),
        (("pos", "xx", "dev"), "language"),
        (("pos", "eng", "devtest"), "split"),
    ],
)
def test_an_unknown_task_language_or_split_is_named(
    mirror: Path, cell: tuple[str, str, str], field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        source(mirror).read(*cell)
    assert caught.value.field == field
