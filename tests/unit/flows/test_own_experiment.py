"""A stranger's experiment: own languages, own files in five formats, one YAML file; and what is mistyped in
it is said, with field and fix, before anything is spent.
"""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from flows.check import check_profile
from flows.load import load
from flows.run import source_of
from isogloss.errors import InvalidInput
from isogloss.settings import Settings
from tests.unit.flows import own_files
from tests.unit.flows.own_files import PROFILE, SPLITS, WORDS

ONE = {"path": "x.tsv"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stranger")
    own_files.write(folder / "files")
    return folder


def written(folder: Path, changes: dict[str, Any]) -> str:
    """The path of the experiment with some fields replaced, by dotted names; None takes one away."""
    plain = copy.deepcopy(PROFILE)
    for name, value in changes.items():
        *parents, last = name.split(".")
        node: Any = plain
        for parent in parents:
            node = node.setdefault(parent, {})
        if value is None:
            del node[last]
        else:
            node[last] = value
    path = folder / "mine.yaml"
    path.write_text(yaml.safe_dump(plain, allow_unicode=True), encoding="utf-8")
    return str(path)


def wrongs(folder: Path, changes: dict[str, Any]) -> list[str]:
    found = check_profile(load(written(folder, changes)), Settings())
    return [item.text for item in found if item.wrong]


def test_nothing_is_wrong_with_it_and_every_row_is_read(folder: Path) -> None:
    assert wrongs(folder, {}) == []
    source = source_of(load(written(folder, {})), "pos")
    for code in WORDS:
        for split, count in SPLITS.items():
            rows = source.read("pos", code, split).rows
            assert [len(row["tokens"]) for row in rows] == [5] * count, (code, split)
            assert [row["tokens"][3] for row in rows] == [
                row[3][0] for row in own_files.sentences(code, split)
            ]
    assert source.read("pos", "vie", "dev").rows[0]["tokens"][1] == "con chó"
    assert source.read("pos", "tam", "dev").rows[0]["tokens"][-1] == '"'


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_files_lie_beside_the_experiment_wherever_it_is_started_from(folder: Path, elsewhere: None) -> None:
    assert source_of(load(written(folder, {})), "pos").read("pos", "ces", "dev").sentences == SPLITS["dev"]
    own = {
        "source": {"kind": "sample"},
        "data": {"pos": {"default": {"path": "files/cs-{split}.conllu"}}, "mytext": ONE},
    }
    assert source_of(load(written(folder, own)), "pos").read("pos", "ces", "dev").sentences == SPLITS["dev"]


MISTAKES: list[tuple[dict[str, Any], str, str]] = [
    ({"tables.main.languages": ["cs", "deu"]}, "tables.main.languages.0", "Use ces."),
    ({"tables.main.languages": ["uzb", "deu"]}, "tables.main.languages", "Use uzb-Cyrl or uzb-Latn."),
    ({"tables.main.languages": ["ces", "ces", "deu"]}, "tables.main.languages", "'ces' stands twice"),
    ({"tables.main.inputs": ["phoneme", "phoneme"]}, "tables.main.inputs", "stands twice"),
    ({"tables.main.inputs": ["phonemes"]}, "tables.main.inputs", "unknown input 'phonemes'"),
    ({"tables.main.inputs": ["subword", "phoneme"]}, "models.subword", "is missing"),
    ({"tables.main.language": ["ces"]}, "tables.main.language", "Did you mean languages"),
    ({"tables.main.tasks": ["upos"], "tables.main.figure_task": None}, "tables.main.tasks", "unknown task"),
    ({"tables.main.figure_task": "ner"}, "tables.main.figure_task", "Use one of: pos"),
    ({"tables.main.compare": "subword"}, "tables.main.compare", "'subword' is not in the table"),
    ({"tables.main.reference": "eng"}, "tables.main.reference", "is not among its languages"),
    ({"tables.main.languages": ["ces"]}, "tables", "A table needs a task and two languages"),
    ({"tables": {}}, "tables", "nothing is left to run"),
    ({"source": None}, "source", "Write source: {kind: mirror"),
    ({"name": None}, "name", "is missing"),
    ({"modles": {}}, "modles", "Did you mean models"),
    ({"seeds": 0}, "seeds", "greater than or equal to 1, and not 0"),
    ({"models.phoneme": None}, "models.phoneme", "there is: character"),
    ({"models.character.hidden_size": 65}, "models.character.attention_heads", "do not divide"),
    ({"models.character.architecture": "electra"}, "models.character.architecture", "'bert', 'canine'"),
    ({"models.character.architecture": "bert"}, "models.character.architecture", "Use canine, roberta"),
    (
        {"models.subword": {**PROFILE["models"]["phoneme"], "architecture": "bert"},
         "tables.main.inputs": ["subword", "phoneme"], "hyperparameters.pos.subword": {}},
        "hyperparameters.pos.subword.learning_rate",
        "is missing",
    ),
    (
        {"models.subword": {**PROFILE["models"]["phoneme"], "architecture": "bert"},
         "tables.main.inputs": ["subword", "phoneme"],
         "hyperparameters.pos.subword": PROFILE["hyperparameters"]["pos"]["phoneme"]},
        "models.subword.vocabulary_size",
        "such as 8000",
    ),
    ({"hyperparameters": {}}, "hyperparameters.pos.character", "is missing"),
    (
        {"hyperparameters.pos.phoneme": {"learning_rat": 0.1, "epochs": 1}},
        "hyperparameters.pos.phoneme.learning_rat",
        "Did you mean learning_rate",
    ),
    (
        {"hyperparameters.pos.phoneme.learning_rate": -1},
        "hyperparameters.pos.phoneme.learning_rate",
        "over 0",
    ),
    (
        {"hyperparameters.pos.phoneme.learning_rate": {"ces": 0.1}},
        "hyperparameters.pos.phoneme.learning_rate",
        "needs a default",
    ),
    (
        {"hyperparameters.pos.phoneme.learning_rate": {"cs": 0.1, "default": 0.1}},
        "hyperparameters.pos.phoneme.learning_rate",
        "unknown language 'cs'",
    ),
    ({"hyperparameters.pos.phoneme.lora": {"rank": 8}}, "hyperparameters.pos.phoneme.lora", "from scratch"),
    ({"hyperparameters.pos.phoneme.lora": {}}, "hyperparameters.pos.phoneme.lora.rank", "is missing"),
    ({"source.limit": {"poss": {"train": 10}}}, "source.limit.poss", "Use one of: pos"),
    ({"parallel.split": "tset"}, "parallel.split", "Use one of: train, dev, test, devtest"),
    ({"claims": "mine"}, "claims", "no claims 'mine'"),
    ({"data": [1]}, "data", "valid dictionary"),
    ({"data.pos.deu": {"path": "x.tsv", "colums": {}}}, "data.pos.deu.colums", "Did you mean columns"),
    ({"data.pos.deu": {"path": "x.tsv", "format": "xlsx"}}, "data.pos.deu.format", "'conllu'"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "field", "said"), MISTAKES, ids=lambda value: str(value)[:60])
def test_a_mistake_in_the_file_names_field_and_fix(
    folder: Path, changes: dict[str, Any], field: str, said: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        load(written(folder, changes))
    assert caught.value.field == field
    assert said in str(caught.value)
    assert caught.value.fix


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"data.pos.deu.path": "deutsh/{split}.tsv"}, "or name your own under `data.pos`"),
    ({"data.pos.deu.columns": {"tokens": "Word", "labels": "Wortart"}}, "The row has: Lemma, Wort, Wortart"),
    ({"data.pos.deu.columns": {"token": "Wort", "labels": "Wortart"}}, "Use: tokens, labels, sentence"),
    ({"data.pos.deu.columns": {}}, "3 columns, expected 2"),
    ({"data.pos.tam.columns": {"tokens": "token", "labels": "tag"}}, "`sentence`"),
    ({"data.pos.vie.columns": {}}, "It has: words, upos, id"),
    ({"data.pos.vie.splits": {}}, "(with `splits` where they call it otherwise)"),
    ({"data.pos.pol.format": "csv"}, "a Parquet file, and no text. Give `format: parquet`"),
    ({"data.pos.pol.path": "../pl-{split}.parquet"}, "leaves the data directory"),
    ({"data.pos.pol.path": "/nowhere/pl-{split}.parquet"}, "looked for /nowhere/pl-dev.parquet"),
    ({"data.pos.pol": None}, "ud/pos/pol/dev.tsv"),
    ({"data.pos.cze": ONE}, "Use the code of a language"),
    ({"data.mytext": None}, "parallel text of your own"),
    ({"parallel.corpus": "mytexts"}, "no mytexts test for ces"),
    ({"source.location": "filez"}, "no directory"),
    ({"source.location": None}, "source.location: is missing"),
    ({"gaps.tsne_perplexity": 500}, "gaps.tsne_perplexity: 500"),
]


@pytest.mark.parametrize(("changes", "said"), WRONG, ids=lambda value: str(value)[:60])
def test_a_mistake_about_the_files_is_found_by_the_check(
    folder: Path, changes: dict[str, Any], said: str
) -> None:
    try:
        found = wrongs(folder, changes)
    except InvalidInput as error:
        found = [str(error)]
    assert found, "nothing was found"
    assert said in "\n".join(found)
    assert len(found) == len(set(found))
