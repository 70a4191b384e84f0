"""Data from where they are published: the paper's at pinned revisions, and any data set that is Parquet.

- `ud`: Universal Dependencies 2.13, the repositories of the treebanks; the paper's at the commits of tag
  r2.13, others at the tag itself
- `wikiann`, `xnli`: `unimelb-nlp/wikiann` and `facebook/xnli`, Parquet files that `datasets` finds
- `flores`: `openlanguagedata/flores_plus`, JSON lines; gated, needs HF_TOKEN

Parquet and text only: nothing that a repository holds is ever run.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from isogloss.errors import InvalidInput
from isogloss.languages import LANGUAGES, Language
from isogloss.languages import language as lookup
from isogloss.parquet import read_table
from sources import hub_client
from sources.columns import Columns, check_columns
from sources.corpus import LICENSES, Corpus, corpora, corpus_named
from sources.dataset import Dataset, Parsed, SourceFile, sha256, text_table
from sources.decode import MAX_STORED_BYTES, MAX_TEXT_BYTES, decode_lines
from sources.errors import MalformedFile, NoSuchResource, SourceError
from sources.formats import class_names, parse, stripped
from sources.records import parse_table
from sources.revisions import (
    DATASETS,
    FLORES,
    FLORES_SENTENCES,
    TREEBANK_TAG,
    TREEBANKS,
    WIKIANN,
    XNLI,
    Treebank,
)
from sources.words import check_text

_HUB_SPLITS = {"train": "train", "dev": "validation", "test": "test"}
_PARQUET: Mapping[str, tuple[str, Columns]] = {
    "wikiann": (WIKIANN, {"tokens": "tokens", "labels": "ner_tags"}),
    "xnli": (XNLI, {}),
}


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
        known: Mapping[str, Corpus] | None = None,
        languages: Mapping[str, Language] = LANGUAGES,
    ) -> None:
        if unknown := set(revisions or {}) - set(DATASETS):
            raise SourceError(
                "revisions", f"not read here: {sorted(unknown)}", f"Use: {', '.join(DATASETS)}."
            )
        self._revisions: dict[str, str | None] = {**DATASETS, **(revisions or {})}
        self._treebanks = treebanks
        self._treebank_url = treebank_url
        self._resolved: dict[str, str] = {}
        self._corpora = known or corpora()
        self._languages = languages

    def splits(self, task: str, language: str) -> tuple[str, ...]:
        """See `RawSource`; known without asking the hub."""
        corpus, _, _ = self._called(task, language)
        return corpus.splits

    def paths(self, task: str, language: str, split: str) -> tuple[str, ...]:
        """See `RawSource`."""
        corpus, record, code = self._called(task, language)
        if corpus.resource == "ud":
            return (self._treebank_address(record, split),)
        dataset_id = FLORES if corpus.resource == "flores" else _PARQUET[corpus.resource][0]
        return (f"{dataset_id}/{code}/{split}",)

    def read(self, task: str, language: str, split: str) -> Dataset:
        """See `RawSource`. Also `Denied` (gated), `NotFound` (no such revision), `Unavailable`."""
        corpus, record, code = self._called(task, language)
        notes: tuple[str, ...] = ()
        if corpus.resource == "ud":
            parsed, files = self._treebank(corpus, record, split)
            if code not in self._treebanks:
                notes = (f"{record.repository} has no pinned commit; read at tag {TREEBANK_TAG}.",)
        elif corpus.resource == "flores":
            parsed, files = self._flores(code, split)
        else:
            dataset_id, columns = _PARQUET[corpus.resource]
            revision = self._revision(dataset_id)
            parsed, files = read_split(
                dataset_id, revision, code, _HUB_SPLITS[split], corpus, columns, record
            )
            if self._revisions[dataset_id] is None:
                notes = (f"{dataset_id} has no pinned revision; read at {revision}.",)
        licensed = LICENSES[corpus.resource]
        return Dataset(task, language, split, parsed.table, files, (*parsed.notes, *notes), licensed)

    def _called(self, task: str, language: str) -> tuple[Corpus, Language, str]:
        """The records, and what the resource behind the task calls the language."""
        corpus = corpus_named(task, self._corpora)
        record = lookup(language, registry=self._languages)
        if corpus.resource not in ("ud", "flores", *_PARQUET):
            fix = f"Say in `data:` where {task} is, or read it from a mirror."
            raise NoSuchResource("source", f"the hub has no {task} that is known here", fix)
        code = corpus.called(record)
        if code is None:
            fix = "Leave the language out for this task, or read it from a mirror or files that have it."
            raise NoSuchResource(
                "language", f"the hub has no {task} data for {record.name} ({language})", fix
            )
        return corpus, record, code

    def _revision(self, dataset_id: str) -> str:
        if dataset_id not in self._resolved:
            self._resolved[dataset_id] = self._revisions[dataset_id] or hub_client.head_of(dataset_id)
        return self._resolved[dataset_id]

    def _treebank(
        self, corpus: Corpus, language: Language, split: str
    ) -> tuple[Parsed, tuple[SourceFile, ...]]:
        url = self._treebank_address(language, split)
        data = hub_client.fetch(url)
        parsed = parse(corpus, data, url, language)
        pinned = self._treebanks.get(str(language.treebank))
        if pinned is not None:
            _check_count(url, parsed.table.num_rows, pinned.sentences[corpus.splits.index(split)])
        commit = pinned.commit if pinned is not None else TREEBANK_TAG
        name = f"{language.repository}/{language.treebank}-ud-{split}.conllu"
        return parsed, (SourceFile(name, commit, sha256(data), len(data)),)

    def _treebank_address(self, language: Language, split: str) -> str:
        pinned = self._treebanks.get(str(language.treebank))
        commit = pinned.commit if pinned is not None else TREEBANK_TAG
        return f"{self._treebank_url}/{language.repository}/{commit}/{language.treebank}-ud-{split}.conllu"

    def _flores(self, code: str, split: str) -> tuple[Parsed, tuple[SourceFile, ...]]:
        name, revision = f"{split}/{code}.jsonl", self._revision(FLORES)
        data = _read(hub_client.download(FLORES, name, revision), name)
        table = text_table(_flores_texts(decode_lines(data, name), name))
        _check_count(name, table.num_rows, FLORES_SENTENCES[split])
        return Parsed(table), (SourceFile(f"{FLORES}/{name}", revision, sha256(data), len(data)),)


def read_split(
    dataset_id: str,
    revision: str,
    config: str,
    split: str,
    corpus: Corpus,
    columns: Columns,
    language: Language,
) -> tuple[Parsed, tuple[SourceFile, ...]]:
    """A split of a dataset: `datasets` says which files and what the labels are called, we read the files."""
    from datasets import load_dataset_builder

    wanted = check_columns(columns, corpus.kind, "data.columns")
    with hub_client.translated(dataset_id, revision):
        builder = load_dataset_builder(dataset_id, config, revision=revision)
    addresses = (builder.config.data_files or {}).get(split, [])
    tables, files = [], []
    for address in map(str, addresses):
        name = address.partition(f"@{revision}/")[2]
        if not name.endswith(".parquet"):
            fix = f"Check revision {revision}; the hub's branch refs/convert/parquet may have it as Parquet."
            raise SourceError("data", f"{address} is not Parquet", fix)
        data = _read(hub_client.download(dataset_id, name, revision), name)
        files.append(SourceFile(f"{dataset_id}/{name}", revision, sha256(data), len(data)))
        tables.append(_table(data, name, wanted))
    if not tables:
        raise SourceError("data", f"{dataset_id} {config} has no {split}", f"Check revision {revision}.")
    table = pa.concat_tables(tables)
    where = f"{dataset_id} {config} {split}"
    names = {**class_names(tables[0].schema), **_class_names(builder.info.features or {})}
    parsed = parse_table(table, where, corpus, wanted, names)
    return stripped(parsed, where, language) if corpus.kind == "tokens" else parsed, tuple(files)


def _table(data: bytes, name: str, columns: Columns) -> pa.Table:
    try:
        wanted = list(dict.fromkeys(map(str, columns.values())))
        return read_table(data, name, max_bytes=MAX_TEXT_BYTES, columns=wanted)
    except InvalidInput as error:
        raise MalformedFile(name, None, error.problem, f"Check the pinned revision. {error.fix}") from error


def _class_names(features: Any) -> Mapping[str, Sequence[str]]:
    """The names of classes as the data set's card gives them, by column."""
    nested = {name: getattr(feature, "feature", feature) for name, feature in features.items()}
    return {name: list(item.names) for name, item in nested.items() if getattr(item, "names", None)}


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
        check_text(text, name, number, "text")
        texts[key] = text
    return [texts[key] for key in sorted(texts)]


def _read(path: Path, name: str) -> bytes:
    if path.stat().st_size > MAX_STORED_BYTES:
        raise MalformedFile(
            name, None, f"more than {MAX_STORED_BYTES >> 20} MiB", "Check the pinned revision."
        )
    return path.read_bytes()


def _check_count(where: str, counted: int, expected: int) -> None:
    if counted != expected:
        raise SourceError(where, f"{counted} sentences, expected {expected}", "Check the pinned revision.")
