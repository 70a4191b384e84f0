"""Data of one's own: any task, in seven formats, by one entry of `data:`; what does not fit is told where."""

import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from isogloss.languages import Language, extended
from isogloss.tasks import TASKS, Task
from sources import ReadOptions, Source, SourceError, open_source
from sources.errors import MalformedFile, MissingSplit, NoSuchResource

MOOD = Task("mood", "Mood", "text", ("good", "bad"))
NAMES = Task("names", "Names", "tokens", ("O", "B-MISC", "I-MISC", "E-DATE", "S-DATE", "B-DATE"), "accuracy")
SAME = Task("same", "Same or not", "pair", ("0", "1"))


def opened(folder: Path, data: dict[str, Any], **more: Any) -> Source:
    tasks = [MOOD, NAMES, SAME]
    return open_source("mirror", str(folder), ReadOptions(data=data), tasks=tasks, **more)


def write(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


ROWS = [{"text": "Quel beau jour", "label": "good"}, {"text": 'Il pleut, "encore"', "label": "bad"}]


@pytest.mark.parametrize(
    ("name", "content", "columns"),
    [
        ("a.tsv", "Quel beau jour\tgood\nIl pleut, \"encore\"\tbad\n", {}),
        ("a.tsv", "id\tstars\treview\n1\tgood\tQuel beau jour\n2\tbad\tIl pleut, \"encore\"\n",
         {"text": "review", "label": "stars"}),
        ("a.tsv", "1\tgood\tQuel beau jour\n2\tbad\tIl pleut, \"encore\"\n", {"text": -1, "label": 2}),
        ("a.csv", "text,label\nQuel beau jour,good\n\"Il pleut, \"\"encore\"\"\",bad\n", {}),
        ("a.csv", "good;x,Quel beau jour\n".replace("good;x", "good") + "bad,\"Il pleut, \"\"encore\"\"\"\n",
         {"text": 2, "label": 1}),
        ("a.jsonl", "".join(json.dumps(row) + "\n" for row in ROWS), {}),
        ("a.json", "".join(json.dumps({"r": row["text"], "s": row["label"]}) + "\n" for row in ROWS),
         {"text": "r", "label": "s"}),
    ],
)  # fmt: skip
def test_a_text_and_its_label_in_every_format(
    tmp_path: Path, name: str, content: str, columns: dict[str, Any]
) -> None:
    write(tmp_path / name, content)
    source = opened(tmp_path, {"mood": {"path": name, "columns": columns}})
    assert source.read("mood", "fra", "train").rows == ROWS


def test_parquet_has_class_names_or_labels(tmp_path: Path) -> None:
    features = {"label": {"names": ["bad", "good"], "_type": "ClassLabel"}, "text": {"_type": "Value"}}
    table = pa.table({"text": [row["text"] for row in ROWS], "label": [1, 0]})
    named = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    pq.write_table(named, tmp_path / "a.parquet")
    pq.write_table(table, tmp_path / "b.parquet")
    assert opened(tmp_path, {"mood": {"path": "a.parquet"}}).read("mood", "fra", "dev").rows == ROWS
    with pytest.raises(MalformedFile, match=r"b\.parquet:1: '1' is no label of mood"):
        opened(tmp_path, {"mood": {"path": "b.parquet"}}).read("mood", "fra", "dev")


SENTENCES = [
    {"tokens": ["New", "York"], "labels": ["B-MISC", "I-MISC"]},
    {"tokens": ["1999"], "labels": ["S-DATE"]},
]


@pytest.mark.parametrize(
    ("name", "content", "more"),
    [
        ("a.tsv", "New\tB-MISC\nYork\tI-MISC\n\n1999\tS-DATE\n", {}),
        ("a.conll", "-DOCSTART- -X- O O\n\nNew NNP B-NP B-MISC\nYork NNP I-NP I-MISC\n\n"
         "1999 CD I-NP S-DATE\n", {}),
        ("a.txt", "New NNP B-MISC\nYork NNP I-MISC\n\n1999 CD S-DATE\n", {"format": "conll"}),
        ("a.csv", "Sentence #,Word,Tag\nSentence: 1,New,B-MISC\n,York,I-MISC\nSentence: 2,1999,S-DATE\n",
         {"columns": {"sentence": "Sentence #", "tokens": "Word", "labels": "Tag"}}),
        ("a.tsv", "Lemma\tWort\tTag\n_\tNew\tB-MISC\n_\tYork\tI-MISC\n\n_\t1999\tS-DATE\n",
         {"columns": {"tokens": "Wort", "labels": "Tag"}}),
        ("a.csv", "New,B-MISC\r\nYork,I-MISC\r\n\r\n1999,S-DATE\r\n",
         {"columns": {"tokens": 1, "labels": 2}}),
        ("a.jsonl", "".join(json.dumps(row) + "\n" for row in SENTENCES), {}),
        ("a.conllu", "1\tNew\t_\t_\tB-MISC\t_\t_\t_\t_\t_\n2\tYork\t_\t_\tI-MISC\t_\t_\t_\t_\t_\n\n"
         "1\t1999\t_\t_\tS-DATE\t_\t_\t_\t_\t_\n", {"columns": {"labels": "XPOS"}}),
    ],
)  # fmt: skip
def test_words_with_labels_of_ones_own_in_every_format(
    tmp_path: Path, name: str, content: str, more: dict[str, Any]
) -> None:
    write(tmp_path / name, content)
    assert opened(tmp_path, {"names": {"path": name, **more}}).read("names", "fra", "train").rows == SENTENCES


def test_a_pair_and_a_parallel_text(tmp_path: Path) -> None:
    write(tmp_path / "p.csv", "sentence1,sentence2,label\nA b.,C d.,1\n")
    write(tmp_path / "t/tt.txt.gz", gzip.compress("Бер.\nИке.\n".encode()))
    tatar = Language("tat", "tat", "Tatar", "Turkic", "Cyrl", wikiann="tt")
    data = {
        "same": {"path": "p.csv", "columns": {"premise": "sentence1", "hypothesis": "sentence2"}},
        "verses": {"path": "t/{wikiann}.txt.gz"},
    }
    source = opened(tmp_path, data, parallel=["verses"], languages=extended([tatar]))
    assert source.read("same", "tat", "test").rows == [
        {"premise": "A b.", "hypothesis": "C d.", "label": "1"}
    ]
    assert [row["text"] for row in source.read("verses", "tat", "devtest").rows] == ["Бер.", "Ике."]


def test_entries_are_by_language_and_split_and_the_rest_is_the_mirrors(tmp_path: Path) -> None:
    for name in ("mine/fra-train.tsv", "mine/fra-dev.tsv", "mine/eng/train.tsv", "ud/pos/ita/dev.tsv"):
        write(tmp_path / name, f"{name}\tX\n")
    data = {
        "pos": {
            "fra": {"train": {"path": "mine/fra-train.tsv"}, "dev": {"path": "mine/fra-dev.tsv"}},
            "eng": {"path": "mine/{language}/{split}.tsv", "license": "CC0"},
        }
    }
    source = opened(tmp_path, data)
    assert source.splits("pos", "fra") == ("train", "dev")
    assert source.splits("pos", "eng") == ("train",)
    assert source.splits("pos", "ita") == ("dev",)
    assert source.read("pos", "fra", "dev").rows[0]["tokens"] == ["mine/fra-dev.tsv"]
    assert source.read("pos", "eng", "train").license == "CC0"
    with pytest.raises(MissingSplit, match=r"no pos test for eng: looked for .*mine/eng/test\.tsv"):
        source.read("pos", "eng", "test")
    assert source.describe().to_json()["options"]["data"]["pos"]["eng"]["license"] == "CC0"


def test_a_task_of_ones_own_has_a_place_in_a_mirror(tmp_path: Path) -> None:
    write(tmp_path / "mood/fra/train.csv.gz", gzip.compress(b"text,label\nOui,good\n", mtime=0))
    write(tmp_path / "names/uzb-Cyrl/dev.conll", "Тошкент NN B-MISC\n")
    source = opened(tmp_path, {})
    assert source.splits("mood", "fra") == ("train",)
    assert source.read("mood", "fra", "train").rows == [{"text": "Oui", "label": "good"}]
    assert source.read("names", "uzb-Cyrl", "dev").rows[0]["tokens"] == ["Тошкент"]


def test_labels_are_those_of_the_record_that_is_given(tmp_path: Path) -> None:
    """The same file under another record of the same task."""
    write(tmp_path / "wikiann/eng/dev.tsv", "Bonn\tB-MISC\n")
    wider = Task(
        "ner", "NER", "tokens", (*TASKS["ner"].labels, "B-MISC", "I-MISC"), "span_f1", "bio", "wikiann"
    )
    assert open_source("mirror", str(tmp_path), tasks=[wider]).read("ner", "eng", "dev").sentences == 1
    with pytest.raises(MalformedFile, match="'B-MISC' is no label of ner"):
        open_source("mirror", str(tmp_path)).read("ner", "eng", "dev")


@pytest.mark.parametrize(
    ("data", "field", "problem"),
    [
        ({"moood": {"path": "x.tsv"}}, "data.moood", "no task of this name"),
        ({"mood": {"path": "{lang}.tsv"}}, "data.mood.path", "unknown placeholder {lang}"),
        ({"mood": {"path": "x.tsv", "fromat": "tsv"}}, "data.mood.fromat", "Extra inputs"),
        ({"mood": {"hub": "a/b", "revision": "main"}}, "data.mood.revision", "match pattern"),
        ({"mood": {"hub": "a/b"}}, "data.mood.revision", "Field required"),
        ({"mood": {"path": "x.tsv", "format": "xlsx"}}, "data.mood.format", "Input should be"),
        ({"mood": {"fr": {"path": "x.tsv"}}}, "data.mood.fr", "neither a language nor a split"),
        ({"mood": {"path": "x.tsv", "splits": {"valid": "dev"}}}, "data.mood.splits", "unknown split valid"),
        ({"mood": 7}, "data.mood", "Input should be a valid dictionary"),
    ],
)
def test_an_entry_that_does_not_fit_is_named(
    tmp_path: Path, data: dict[str, Any], field: str, problem: str
) -> None:
    with pytest.raises(SourceError) as caught:
        opened(tmp_path, data)
    assert caught.value.field == field
    assert problem in caught.value.problem
    assert caught.value.fix


@pytest.mark.parametrize(
    ("entry", "content", "problem"),
    [
        ({"path": "a.xyz"}, "x\tgood\n", "does not tell its format"),
        ({"path": "a.csv", "columns": {"text": "review"}}, "text,label\nx,good\n", "no column 'review'"),
        ({"path": "a.csv", "columns": {"txt": 1}}, "x,good\n", "no column of text"),
        ({"path": "a.csv", "columns": {"text": 0}}, "x,good\n", "column 0"),
        ({"path": "a.csv", "columns": {"text": 1, "label": 5}}, "x,good\n", "2 columns, but label is"),
        ({"path": "a.csv"}, "text,label\nx,good\ny,good,z\n", "a.csv:3: 3 columns, the first row 2"),
        ({"path": "a.csv"}, "text,label\n\"x,good\n", "not CSV"),
        ({"path": "a.jsonl"}, "{\"text\": \"x\", \"label\": \"good\"}\n[1]\n", "a.jsonl:2: not a JSON"),
        ({"path": "a.jsonl"}, "{\"text\": \"x\"\n", "a.jsonl:1: not JSON"),
        ({"path": "a.jsonl"}, "{\"text\": \"x\"}\n", "a.jsonl:1: no column 'label'"),
        ({"path": "a.jsonl"}, "{\"text\": 7, \"label\": \"good\"}\n", "column 'text' holds int, not text"),
        ({"path": "a.jsonl"}, "{\"text\": null, \"label\": \"good\"}\n", "column 'text' holds nothing"),
        ({"path": "a.jsonl"}, "{\"text\": \"x\", \"label\": true}\n", "column 'label' holds bool"),
        ({"path": "a.jsonl"}, "[" * 60_000 + "\n", "not JSON"),
        ({"path": "a.parquet"}, "no parquet", "not a Parquet file"),
        ({"path": "a.conllu"}, "1\tx\n", "conllu has no text with labels"),
        ({"path": "../a.tsv"}, "x\tgood\n", "leaves the data directory"),
    ],
)  # fmt: skip
def test_a_file_that_does_not_fit_is_named(
    tmp_path: Path, entry: dict[str, Any], content: str, problem: str
) -> None:
    write(tmp_path / Path(entry["path"]).name, content)
    with pytest.raises(SourceError) as caught:
        opened(tmp_path, {"mood": entry}).read("mood", "fra", "train")
    assert problem in caught.value.message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PAR1\x15\x04", "a Parquet file, and no text. Give `format: parquet`"),
        (gzip.compress(b"x\tgood\n", mtime=0), "gzipped, and no text. Give the name the ending .gz"),
        (b"PK\x03\x04\x14", "a zip archive, as .xlsx files are"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Run git lfs pull"),
    ],
)
def test_a_file_that_is_no_text_says_what_it_is(tmp_path: Path, content: bytes, said: str) -> None:
    write(tmp_path / "a.tsv", content)
    with pytest.raises(MalformedFile) as caught:
        opened(tmp_path, {"mood": {"path": "a.tsv"}}).read("mood", "fra", "train")
    assert said in caught.value.message


def test_words_that_nothing_parts_into_sentences(tmp_path: Path) -> None:
    """One word a row, and no column named that numbers the sentences: not a sentence of 400 words."""
    write(tmp_path / "a.csv", "sent,token,tag\n" + "".join(f"{row // 4},x,O\n" for row in range(400)))
    columns = {"tokens": "token", "labels": "tag"}
    source = opened(tmp_path, {"names": {"path": "a.csv", "columns": columns}})
    with pytest.raises(MalformedFile, match=r"one sentence of 400 words, and no other.*`sentence`"):
        source.read("names", "fra", "train")
    columns["sentence"] = "sent"
    source = opened(tmp_path, {"names": {"path": "a.csv", "columns": columns}})
    assert source.read("names", "fra", "train").sentences == 100


def test_a_language_without_the_name_that_a_template_asks_for(tmp_path: Path) -> None:
    source = opened(tmp_path, {"mood": {"path": "{xnli}.tsv"}})
    with pytest.raises(NoSuchResource, match=r"Finnish \(fin\) has no \{xnli\}"):
        source.read("mood", "fin", "train")
