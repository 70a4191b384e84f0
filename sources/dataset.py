"""The normalized dataset: what every reader returns and what the services get, as Parquet.

One dataset is one (task, language, split). Its columns depend on the kind of the task:

- token tasks (`pos`, `ner`): `tokens: list<string>`, `labels: list<string>`, parallel, one row a sentence
- `xnli`: `premise`, `hypothesis`, `label: string`, one row a pair
- `flores`: `text: string`, one row a sentence, row i the same sentence in every language
"""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sources.errors import SourceError, UnknownTask

# https://universaldependencies.org/u/pos/
_OPEN_CLASS = ("ADJ", "ADV", "INTJ", "NOUN", "PROPN", "VERB")
_CLOSED_CLASS = ("ADP", "AUX", "CCONJ", "DET", "NUM", "PART", "PRON", "SCONJ")
UPOS = frozenset((*_OPEN_CLASS, *_CLOSED_CLASS, "PUNCT", "SYM", "X"))
BIO = frozenset(("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC"))  # WikiAnn
NLI = frozenset(("entailment", "neutral", "contradiction"))

LABELS = {"pos": UPOS, "ner": BIO, "xnli": NLI}
TASKS = ("pos", "ner", "xnli", "flores")
_LABELLED = ("train", "dev", "test")
SPLITS = {"pos": _LABELLED, "ner": _LABELLED, "xnli": _LABELLED, "flores": ("dev", "devtest")}

_STRINGS = pa.list_(pa.string())
_SCHEMAS = {
    "tokens": pa.schema([("tokens", _STRINGS), ("labels", _STRINGS)]),
    "pairs": pa.schema([("premise", pa.string()), ("hypothesis", pa.string()), ("label", pa.string())]),
    "text": pa.schema([("text", pa.string())]),
}
_KINDS = {"pos": "tokens", "ner": "tokens", "xnli": "pairs", "flores": "text"}

# Fixed, so that the bytes do not change when pyarrow's defaults do. What remains is pyarrow's version in the
# footer: the same rows give the same sha256 under one pinned pyarrow.
_PARQUET = {"version": "2.6", "compression": "zstd", "compression_level": 3, "row_group_size": 65_536}


def check_task(task: str) -> str:
    """The task itself; `UnknownTask` when it is none of `TASKS`."""
    if task not in TASKS:
        raise UnknownTask("task", f"unknown task {task!r}", f"Use one of: {', '.join(TASKS)}.")
    return task


@dataclass(frozen=True)
class SourceFile:
    """A file that was read, with sha256 and size in bytes as it lies there (of the .gz, if it is one)."""

    name: str
    revision: str
    sha256: str
    size: int

    def to_json(self) -> dict[str, str | int]:
        """As manifests hold it."""
        return {"name": self.name, "revision": self.revision, "sha256": self.sha256, "size": self.size}


@dataclass(frozen=True)
class Dataset:
    """One (task, language, split) in memory, with where it came from and what was done to it.

    `notes` are sentences for the report: every substitution and every limit that changed the rows.
    `rows_at_source` counts the rows before the limit, for the paper's Table 4.
    """

    task: str
    language: str
    split: str
    table: pa.Table
    files: tuple[SourceFile, ...] = ()
    notes: tuple[str, ...] = ()
    rows_at_source: int = field(default=-1)

    def __post_init__(self) -> None:
        if self.table.schema != _SCHEMAS[_KINDS[check_task(self.task)]]:
            names = ", ".join(self.table.schema.names)
            raise SourceError(
                "data", f"columns {names} are not those of {self.task}", "Build tables with *_table."
            )
        if self.table.num_rows == 0:
            raise SourceError("data", f"{self.name} has no rows", "Give a file with at least one sentence.")
        if self.rows_at_source < 0:
            object.__setattr__(self, "rows_at_source", self.table.num_rows)

    @property
    def name(self) -> str:
        """`task/language/split`, as messages and artifacts call it."""
        return f"{self.task}/{self.language}/{self.split}"

    @property
    def sentences(self) -> int:
        """Rows: sentences, or pairs for xnli."""
        return int(self.table.num_rows)

    @property
    def words(self) -> int | None:
        """Words in all rows; None where the data has no word boundaries (pairs, text)."""
        if "tokens" not in self.table.column_names:
            return None
        return len(self.table["tokens"].combine_chunks().flatten())

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """The rows as plain Python; slow for large data, made for tests and previews."""
        rows: list[dict[str, Any]] = self.table.to_pylist()
        return rows

    def take(self, indices: Sequence[int], note: str = "", split: str | None = None) -> "Dataset":
        """The given rows in the given order, with `note` added; `split` makes them all of that split."""
        return replace(
            self,
            table=self.table.take(pa.array(indices, pa.int64())),
            notes=(*self.notes, note) if note else self.notes,
            split=split or self.split,
            rows_at_source=len(indices) if split else self.rows_at_source,
        )

    def to_parquet(self) -> bytes:
        """The table as a Parquet file; the same rows always give the same bytes."""
        out = io.BytesIO()
        pq.write_table(self.table.combine_chunks(), out, **_PARQUET)
        return out.getvalue()


def sha256(data: bytes) -> str:
    """Lower-case hex."""
    return hashlib.sha256(data).hexdigest()


def token_table(offsets: Sequence[int], tokens: Sequence[str], labels: Sequence[str]) -> pa.Table:
    """Sentences from flat columns: sentence i is `tokens[offsets[i]:offsets[i + 1]]`, the same for labels."""
    edges = pa.array(offsets, pa.int32())
    columns = [pa.ListArray.from_arrays(edges, pa.array(flat, pa.string())) for flat in (tokens, labels)]
    return pa.Table.from_arrays(columns, schema=_SCHEMAS["tokens"])


def pair_table(premises: Sequence[str], hypotheses: Sequence[str], labels: Sequence[str]) -> pa.Table:
    """Pairs from three parallel columns."""
    return pa.Table.from_pydict(
        {"premise": premises, "hypothesis": hypotheses, "label": labels}, schema=_SCHEMAS["pairs"]
    )


def text_table(texts: Sequence[str]) -> pa.Table:
    """One sentence a row."""
    return pa.Table.from_pydict({"text": texts}, schema=_SCHEMAS["text"])


def check_rows(task: str, table: pa.Table, where: str) -> None:
    """Refuse what the text readers refuse line by line, for tables that come ready-made from the hub."""
    texts, labels = _texts_and_labels(table, where)
    for column in texts:
        if column.null_count or pc.any(pc.equal(pc.utf8_length(pc.utf8_trim_whitespace(column)), 0)).as_py():
            raise SourceError(where, "holds an empty token or text", "Use the pinned revision.")
    if labels is None:
        return
    found = set(pc.unique(labels).to_pylist())
    if strange := found - LABELS[task]:
        listed = ", ".join(sorted(map(str, strange))[:5])
        raise SourceError(where, f"labels that {task} does not have: {listed}", "Use the pinned revision.")


def _texts_and_labels(table: pa.Table, where: str) -> tuple[list[pa.Array], pa.Array | None]:
    if "tokens" in table.column_names:
        tokens, labels = table["tokens"].combine_chunks(), table["labels"].combine_chunks()
        if not tokens.value_lengths().equals(labels.value_lengths()):
            raise SourceError(where, "tokens and labels are not parallel", "Use the pinned revision.")
        if pc.min(tokens.value_lengths()).as_py() == 0:
            raise SourceError(where, "holds a sentence without tokens", "Use the pinned revision.")
        return [tokens.flatten()], labels.flatten()
    texts = [table[name] for name in ("premise", "hypothesis", "text") if name in table.column_names]
    return texts, table["label"] if "label" in table.column_names else None
