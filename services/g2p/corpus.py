"""Columns of renderings for a Parquet dataset, and what could not be converted."""

import io
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from isogloss.errors import InvalidInput
from isogloss.g2p.engine import renderings
from isogloss.g2p.engine.converter import Converter
from isogloss.g2p.engine.quality import Quality, QualityCounter
from isogloss.parquet import read_table

# By kind: the columns of words as they are written.
COLUMNS = {"tokens": ("tokens",), "pairs": ("premise", "hypothesis"), "text": ("text",)}
MAX_UNPACKED_BYTES = 2 * 2**30  # a small file may hold a large table
_STEP = 200  # rows between two looks at whether to go on

Row = str | list[str]  # a text, or tokens


class CorpusConverter:
    """Converts one dataset column by column; `tick` is called with the share that is done, and may raise to
    stop.
    """

    def __init__(
        self,
        converter: Converter,
        kind: str,
        vocabulary: Iterable[str],
        tick: Callable[[float], None],
        names: Iterable[str] = (renderings.PHONEMES,),
    ) -> None:
        self._converter = converter
        self._columns = COLUMNS[kind]
        self._tick = tick
        self._counter = QualityCounter(converter, vocabulary)
        self._render = {name: renderings.renderer(converter, name) for name in names}

    def convert(self, parquet: bytes) -> tuple[bytes, Quality]:
        """The same rows with a column for each rendering.

        Raises `InvalidInput` when the file is no Parquet, unpacks to more than 2 GiB, or lacks a column.
        """
        table = read_table(parquet, "corpus", max_bytes=MAX_UNPACKED_BYTES)
        added = [(written, name) for written in self._columns for name in self._render]
        for index, (written, name) in enumerate(added):
            target = column(written, name)
            if written not in table.column_names:
                fix = f"This kind needs: {', '.join(self._columns)}."
                raise InvalidInput("corpus", f"no column {written!r}", fix)
            if target in table.column_names:
                raise InvalidInput(
                    "corpus", f"column {target!r} is there already", "Send the dataset without it."
                )
            rows = self._ticking(table[written].to_pylist(), index, len(added))
            values = [self._rendered(row, name) for row in rows]
            table = table.append_column(target, pa.array(values, table[written].type))
        self._count(table)
        out = io.BytesIO()
        pq.write_table(table, out)
        return out.getvalue(), self._counter.result(lambda: self._tick(0.99))

    def _ticking(self, rows: list[Row], index: int, columns: int) -> Iterator[Row]:
        for number, row in enumerate(rows):
            if number % _STEP == 0:
                self._tick((index + number / len(rows)) / columns)
            yield row

    def _rendered(self, row: Row, name: str) -> Row:
        of = self._render[name]
        if list(self._render) == [renderings.PHONEMES]:  # nothing to be parallel with: empty words are none
            return self._converter.sequence(row) if isinstance(row, str) else [of(token) for token in row]
        words = [of(word) or renderings.HOLE for word in (row.split() if isinstance(row, str) else row)]
        return renderings.joined(name, words) if isinstance(row, str) else words

    def _count(self, table: pa.Table) -> None:
        for written in self._columns:
            for row in table[written].to_pylist():
                self._counter.add(row.split() if isinstance(row, str) else row)


def column(written: str, rendering: str) -> str:
    """The column of a rendering beside that of the words as written; `isogloss.inputs` reads it so."""
    return rendering if written == "tokens" else f"{written}_{rendering}"


def read_vocabulary(data: bytes) -> list[str]:
    """The phonemes of a model: a JSON list, or a `tokenizer.json` with a vocabulary.

    `InvalidInput` on anything else.
    """
    try:
        content: Any = json.loads(data)
        vocabulary = content["model"]["vocab"] if isinstance(content, dict) else content
        phonemes = list(vocabulary)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        problem = "neither a JSON list nor a tokenizer.json with a WordLevel model"
        raise InvalidInput("vocabulary", problem, "Send one of these.") from error
    if not all(isinstance(phoneme, str) for phoneme in phonemes):
        raise InvalidInput("vocabulary", "not all entries are text", "Send a list of phonemes.")
    return phonemes
