"""The paper's data from where it is published, at pinned revisions.

- `pos`: Universal Dependencies 2.13, the repositories of the treebanks at the commits of tag r2.13
- `ner`, `xnli`: `unimelb-nlp/wikiann` and `facebook/xnli`, Parquet files that `datasets` finds
- `flores`: `openlanguagedata/flores_plus`, JSON lines; gated, needs HF_TOKEN

Parquet and text only: nothing that a repository holds is ever run.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from isogloss.languages import language as lookup
from isogloss.parquet import read_table
from sources import hub_client
from sources.conllu import parse_conllu
from sources.dataset import (
    SPLITS,
    Dataset,
    SourceFile,
    check_rows,
    pair_table,
    sha256,
    text_table,
    token_table,
)
from sources.decode import MAX_STORED_BYTES, MAX_TEXT_BYTES, decode_lines
from sources.errors import MalformedFile, NoSuchResource, SourceError
from sources.revisions import DATASETS, FLORES, FLORES_SENTENCES, TREEBANKS, WIKIANN, XNLI, Treebank

_HUB_SPLITS = {"train": "train", "dev": "validation", "test": "test"}


class HubSource:
    """A `RawSource` over the hub and, at `treebank_url`, the treebanks' repositories.

    `revisions` replaces pins, by dataset id.
    """

    kind = "hub"
    location = "hub"

    def __init__(
        self,
        treebank_url: str,
        revisions: Mapping[str, str] | None = None,
        treebanks: Mapping[str, Treebank] = TREEBANKS,
    ) -> None:
        if unknown := set(revisions or {}) - set(DATASETS):
            raise SourceError(
                "revisions", f"not read here: {sorted(unknown)}", f"Use: {', '.join(DATASETS)}."
            )
        self._revisions: dict[str, str | None] = {**DATASETS, **(revisions or {})}
        self._treebanks = treebanks
        self._treebank_url = treebank_url
        self._resolved: dict[str, str] = {}

    def splits(self, task: str, language: str) -> tuple[str, ...]:
        """See `RawSource`; known without asking the hub."""
        self._code(task, language)
        return SPLITS[task]

    def paths(self, task: str, language: str, split: str) -> tuple[str, ...]:
        """See `RawSource`."""
        code = self._code(task, language)
        if task == "pos":
            return (self._treebank_address(code, split),)
        dataset_id = {"ner": WIKIANN, "xnli": XNLI, "flores": FLORES}[task]
        return (f"{dataset_id}/{code}/{split}",)

    def read(self, task: str, language: str, split: str) -> Dataset:
        """See `RawSource`. Also `Denied` (gated), `NotFound` (no such revision), `Unavailable`."""
        code = self._code(task, language)
        notes: tuple[str, ...] = ()
        if task == "pos":
            table, files = self._treebank(code, split)
        elif task == "flores":
            table, files = self._flores(code, split)
        else:
            dataset_id = WIKIANN if task == "ner" else XNLI
            table, files = _parquet_split(dataset_id, self._revision(dataset_id), code, split)
            if self._revisions[dataset_id] is None:
                notes = (f"{dataset_id} has no pinned revision; read at {self._revision(dataset_id)}.",)
        check_rows(task, table, f"{task}/{language}/{split}")
        return Dataset(task, language, split, table, files, notes)

    def _code(self, task: str, language: str) -> str:
        """What the resource behind a task calls the language."""
        known = lookup(language)
        code = {"pos": known.treebank, "ner": known.wikiann, "xnli": known.xnli, "flores": known.flores}[task]
        if code is None:
            fix = "Leave the language out for this task, or read it from a mirror that has it."
            raise NoSuchResource("language", f"the hub has no {task} data for {known.name} ({language})", fix)
        return code

    def _revision(self, dataset_id: str) -> str:
        if dataset_id not in self._resolved:
            self._resolved[dataset_id] = self._revisions[dataset_id] or hub_client.head_of(dataset_id)
        return self._resolved[dataset_id]

    def _treebank(self, code: str, split: str) -> tuple[pa.Table, tuple[SourceFile, ...]]:
        treebank = self._treebanks[code]
        name = f"{treebank.repository}/{code}-ud-{split}.conllu"
        url = self._treebank_address(code, split)
        data = hub_client.fetch(url)
        table = parse_conllu(decode_lines(data, url), url)
        _check_count(url, table.num_rows, treebank.sentences[SPLITS["pos"].index(split)])
        return table, (SourceFile(name, treebank.commit, sha256(data), len(data)),)

    def _treebank_address(self, code: str, split: str) -> str:
        treebank = self._treebanks[code]
        return f"{self._treebank_url}/{treebank.repository}/{treebank.commit}/{code}-ud-{split}.conllu"

    def _flores(self, code: str, split: str) -> tuple[pa.Table, tuple[SourceFile, ...]]:
        name, revision = f"{split}/{code}.jsonl", self._revision(FLORES)
        data = _read(hub_client.download(FLORES, name, revision), name)
        table = text_table(_flores_texts(decode_lines(data, name), name))
        _check_count(name, table.num_rows, FLORES_SENTENCES[split])
        return table, (SourceFile(f"{FLORES}/{name}", revision, sha256(data), len(data)),)


def _parquet_split(
    dataset_id: str, revision: str, config: str, split: str
) -> tuple[pa.Table, tuple[SourceFile, ...]]:
    """A split of a dataset: `datasets` says which files and what the labels are called, we read the files."""
    from datasets import load_dataset_builder

    with hub_client.translated(dataset_id, revision):
        builder = load_dataset_builder(dataset_id, config, revision=revision)
    addresses = (builder.config.data_files or {}).get(_HUB_SPLITS[split], [])
    tables, files = [], []
    for address in map(str, addresses):
        name = address.partition(f"@{revision}/")[2]
        if not name.endswith(".parquet"):
            raise SourceError(
                "data", f"{address} is not Parquet", f"Check revision {revision} of {dataset_id}."
            )
        path = hub_client.download(dataset_id, name, revision)
        data = _read(path, name)
        files.append(SourceFile(f"{dataset_id}/{name}", revision, sha256(data), len(data)))
        tables.append(read_table(data, name, max_bytes=MAX_TEXT_BYTES))
    if not tables:
        raise SourceError("data", f"{dataset_id} {config} has no {split}", f"Check revision {revision}.")
    table = pa.concat_tables(tables)
    features = builder.info.features or _features(table.schema)
    return _normalized(table, features, f"{dataset_id} {config} {split}"), tuple(files)


def _normalized(table: pa.Table, features: Any, where: str) -> pa.Table:
    """Our columns and label names out of WikiAnn's or XNLI's."""
    try:
        if "ner_tags" in table.column_names:
            tokens, tags = table["tokens"].combine_chunks(), table["ner_tags"].combine_chunks()
            if not tokens.value_lengths().equals(tags.value_lengths()):
                raise SourceError(where, "tokens and ner_tags are not parallel", "Check the pinned revision.")
            names = features["ner_tags"].feature.names
            offsets = [0, *pc.cumulative_sum(tokens.value_lengths()).to_pylist()]
            return token_table(offsets, tokens.flatten(), _named(tags.flatten(), names))
        names = features["label"].names
        return pair_table(table["premise"], table["hypothesis"], _named(table["label"], names))
    except (KeyError, AttributeError, IndexError, pa.ArrowException) as error:
        problem = f"columns {table.column_names} are not as expected ({type(error).__name__})"
        raise SourceError(where, problem, "Check the pinned revision.") from error


def _named(numbers: pa.Array | pa.ChunkedArray, names: Sequence[str]) -> list[str]:
    """Class numbers by name; a negative one (XNLI's "no label") is out of range as well."""
    if pc.min(numbers).as_py() < 0:
        raise IndexError("negative class number")
    return [names[number] for number in numbers.to_pylist()]


def _features(schema: pa.Schema) -> Any:
    """The features that `datasets` wrote into the Parquet file itself."""
    from datasets import Features

    return Features.from_arrow_schema(schema)


def _flores_texts(lines: Sequence[str], name: str) -> list[str]:
    """The `text` of each record by ascending `id`, which is what makes languages parallel."""
    texts: dict[int, str] = {}
    for number, line in enumerate(lines, 1):
        try:
            record = json.loads(line)
            key, text = int(record["id"]), record["text"]
        except (ValueError, KeyError, TypeError) as error:
            raise MalformedFile(
                name, number, f"no FLORES+ record ({error})", "Check the pinned revision."
            ) from None
        if key in texts or not isinstance(text, str):
            raise MalformedFile(
                name, number, f"id {key} twice, or text that is none", "Check the pinned revision."
            )
        texts[key] = text
    return [texts[key] for key in sorted(texts)]


def _read(path: Path, name: str) -> bytes:
    if path.stat().st_size > MAX_STORED_BYTES:
        raise MalformedFile(
            name, None, f"more than {MAX_STORED_BYTES >> 20} MiB", "Check the pinned revision."
        )
    return path.read_bytes()


def _check_count(where: str, found: int, expected: int) -> None:
    if found != expected:
        raise SourceError(where, f"{found} sentences, expected {expected}", "Check the pinned revision.")
