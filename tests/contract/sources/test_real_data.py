"""The real data as they lie beside the checkout: every file is read, every count is the published one."""

import json
from pathlib import Path
from typing import Any

import pytest

from isogloss.languages import LANGUAGES
from sources import ReadOptions, corpora, open_source
from sources.formats import parse
from sources.options import ALLOWED


@pytest.fixture(scope="module")
def counts(shared_data: Path) -> dict[str, dict[str, int]]:
    record: dict[str, dict[str, int]] = json.loads((shared_data / "counts.json").read_text())
    return record


@pytest.mark.parametrize("task", corpora())
def test_every_split_has_the_published_size(
    shared_data: Path, counts: dict[str, dict[str, int]], task: str
) -> None:
    source = open_source("mirror", str(shared_data))
    read = [source.read(task, code, split) for code in LANGUAGES for split in source.splits(task, code)]

    for dataset in read:
        expected: dict[str, Any] = counts[dataset.files[0].name]
        assert dataset.sentences == expected.get("sentences", expected.get("pairs")), dataset.name
        assert dataset.words == expected.get("words"), dataset.name
    assert len(read) == {"pos": 28, "ner": 29, "xnli": 6, "flores": 69, "ntrex": 60}[task]


def test_conllu_and_the_uniform_files_agree(shared_data: Path) -> None:
    source = open_source("mirror", str(shared_data))
    files = [path for path in sorted((shared_data / "ud" / "conllu").iterdir()) if "-train" not in path.name]
    codes = {language.treebank: code for code, language in LANGUAGES.items()}
    assert len(files) == 18
    for path in files:
        treebank, _, split = path.name.removesuffix(".conllu.gz").partition("-ud-")
        table = parse(corpora()["pos"], path.read_bytes(), path.name, LANGUAGES[codes[treebank]]).table
        assert table.equals(source.read("pos", codes[treebank], split).table), path.name


def test_inference_pairs_stay_parallel_when_dev_is_split_and_sampled(shared_data: Path) -> None:
    options = ReadOptions(substitutes=ALLOWED, limit={"train": 1000})
    source = open_source("mirror", str(shared_data), options)
    train = {code: source.read("xnli", code, "train") for code in ("eng", "swa", "urd")}
    dev = source.read("xnli", "eng", "dev")

    assert train["eng"].table["label"].equals(train["swa"].table["label"])
    assert train["eng"].table["label"].equals(train["urd"].table["label"])
    assert train["eng"].rows_at_source + dev.sentences == 2490
    premises = {row["premise"] for row in train["eng"].rows}
    assert not premises & {row["premise"] for row in dev.rows}
