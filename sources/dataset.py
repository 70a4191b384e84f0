"""The normalized dataset: what every reader returns and what the services get, as Parquet.

One dataset is one (corpus, language, split). Its columns depend on the kind of the corpus, see
`corpus.SCHEMAS`.
"""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sources.corpus import SCHEMAS
from sources.errors import SourceError

# Fixed, so that the bytes do not change when pyarrow's defaults do. What remains is pyarrow's version in the
# footer: the same rows give the same sha256 under one pinned pyarrow.
_PARQUET = {"version": "2.6", "compression": "zstd", "compression_level": 3, "row_group_size": 65_536}


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
    """One (corpus, language, split) in memory, with where it came from and what was done to it.

    `task` is the corpus's name. `notes` are sentences for the report: every substitution, every limit that
    changed the rows, and what a reader found odd. `rows_at_source` counts the rows before the limit, for the
    paper's Table 4. `license` is what is known of it, "" where nothing is.
    """

    task: str
    language: str
    split: str
    table: pa.Table
    files: tuple[SourceFile, ...] = ()
    notes: tuple[str, ...] = ()
    license: str = ""
    rows_at_source: int = field(default=-1)

    def __post_init__(self) -> None:
        if self.table.schema not in SCHEMAS.values():
            names = ", ".join(self.table.schema.names)
            raise SourceError(
                "data", f"columns {names} are of no kind of corpus", "Build tables with *_table."
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
    def kind(self) -> str:
        """Of the corpus: tokens, pair, text or parallel."""
        return next(kind for kind, schema in SCHEMAS.items() if schema == self.table.schema)

    @property
    def sentences(self) -> int:
        """Rows: sentences, pairs or texts."""
        return int(self.table.num_rows)

    @property
    def words(self) -> int | None:
        """Words in all rows; None where the data has no word boundaries (pairs, text)."""
        if "tokens" not in self.table.column_names:
            return None
        return len(self.table["tokens"].combine_chunks().flatten())

    @property
    def written(self) -> list[Any]:
        """What stands in each row without its label: a tuple of tokens, a pair of texts, or a text."""
        if self.kind == "tokens":
            return [tuple(tokens) for tokens in self.table["tokens"].to_pylist()]
        if self.kind == "pair":
            columns = (self.table["premise"].to_pylist(), self.table["hypothesis"].to_pylist())
            return list(zip(*columns, strict=True))
        return list(self.table["text"].to_pylist())

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
        return parquet_bytes(self.table)


@dataclass(frozen=True)
class Parsed:
    """What a reader makes of a file: rows, the line of each row (of each word, for tokens), and notes."""

    table: pa.Table
    lines: Sequence[int] = ()
    notes: tuple[str, ...] = ()


def parquet_bytes(table: pa.Table) -> bytes:
    """A table as a Parquet file; the same rows always give the same bytes."""
    out = io.BytesIO()
    pq.write_table(table.combine_chunks(), out, **_PARQUET)
    return out.getvalue()


def sha256(data: bytes) -> str:
    """Lower-case hex."""
    return hashlib.sha256(data).hexdigest()


def token_table(offsets: Sequence[int], tokens: Sequence[str], labels: Sequence[str]) -> pa.Table:
    """Sentences from flat columns: sentence i is `tokens[offsets[i]:offsets[i + 1]]`, the same for labels."""
    edges = pa.array(offsets, pa.int32())
    columns = [pa.ListArray.from_arrays(edges, pa.array(flat, pa.string())) for flat in (tokens, labels)]
    return pa.Table.from_arrays(columns, schema=SCHEMAS["tokens"])


def pair_table(premises: Sequence[str], hypotheses: Sequence[str], labels: Sequence[str]) -> pa.Table:
    """Pairs from three parallel columns."""
    columns = {"premise": premises, "hypothesis": hypotheses, "label": labels}
    return pa.Table.from_pydict(columns, schema=SCHEMAS["pair"])


def labeled_text_table(texts: Sequence[str], labels: Sequence[str]) -> pa.Table:
    """A text and its label a row."""
    return pa.Table.from_pydict({"text": texts, "label": labels}, schema=SCHEMAS["text"])


def text_table(texts: Sequence[str]) -> pa.Table:
    """One sentence of a parallel text a row."""
    return pa.Table.from_pydict({"text": texts}, schema=SCHEMAS["parallel"])
