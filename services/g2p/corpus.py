"""Phoneme columns for a Parquet dataset, and what could not be converted."""

import io
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from isogloss.errors import InvalidInput
from isogloss.g2p.engine.converter import Converter
from isogloss.g2p.engine.quality import Quality, QualityCounter

# By kind: text column to phoneme column.
COLUMNS = {
    "tokens": {"tokens": "phonemes"},
    "pairs": {"premise": "premise_phonemes", "hypothesis": "hypothesis_phonemes"},
    "text": {"text": "text_phonemes"},
}
MAX_UNPACKED_BYTES = 2 * 2**30  # a small file may hold a large table
_STEP = 200  # rows between two looks at whether to go on


class CorpusConverter:
    """Converts one dataset column by column; `tick` is called with the share that is done, and may raise to
    stop.
    """

    def __init__(
        self, converter: Converter, kind: str, vocabulary: Iterable[str], tick: Callable[[float], None]
    ) -> None:
        self._converter = converter
        self._columns = COLUMNS[kind]
        self._tick = tick
        self._counter = QualityCounter(converter, vocabulary)

    def convert(self, parquet: bytes) -> tuple[bytes, Quality]:
        """The same rows with phoneme columns.

        Raises `InvalidInput` when the file is no Parquet, unpacks to more than 2 GiB, or lacks a column.
        """
        table = _read(parquet)
        for index, (source, target) in enumerate(self._columns.items()):
            if source not in table.column_names:
                fix = f"This kind needs: {', '.join(self._columns)}."
                raise InvalidInput("corpus", f"no column {source!r}", fix)
            if target in table.column_names:
                raise InvalidInput(
                    "corpus", f"column {target!r} is there already", "Send the dataset without it."
                )
            values = list(self._column(table[source].to_pylist(), index))
            table = table.append_column(target, pa.array(values, table[source].type))
        out = io.BytesIO()
        pq.write_table(table, out)
        return out.getvalue(), self._counter.result(lambda: self._tick(0.99))

    def _column(self, rows: list[str] | list[list[str]], index: int) -> Iterator[str | list[str]]:
        for number, row in enumerate(rows):
            if number % _STEP == 0:
                self._tick((index + number / len(rows)) / len(self._columns))
            if isinstance(row, str):
                self._counter.add(row.split())
                yield self._converter.sequence(row)
            else:
                self._counter.add(row)
                yield [self._converter.phonemes_of(token) for token in row]


def read_vocabulary(data: bytes) -> list[str]:
    """The phonemes of a model: a JSON list, or a `tokenizer.json` with a vocabulary.

    `InvalidInput` on anything else.
    """
    try:
        content: Any = json.loads(data)
        vocabulary = content["model"]["vocab"] if isinstance(content, dict) else content
        phonemes = list(vocabulary)
    except (ValueError, KeyError, TypeError) as error:
        problem = "neither a JSON list nor a tokenizer.json with a WordLevel model"
        raise InvalidInput("vocabulary", problem, "Send one of these.") from error
    if not all(isinstance(phoneme, str) for phoneme in phonemes):
        raise InvalidInput("vocabulary", "not all entries are text", "Send a list of phonemes.")
    return phonemes


def _read(parquet: bytes) -> pa.Table:
    try:
        file = pq.ParquetFile(io.BytesIO(parquet))
        groups = (file.metadata.row_group(index) for index in range(file.metadata.num_row_groups))
        size = sum(group.total_byte_size for group in groups)
        if size > MAX_UNPACKED_BYTES:
            raise InvalidInput("corpus", f"{size} bytes when unpacked", f"Send {MAX_UNPACKED_BYTES} at most.")
        return file.read()
    except pa.ArrowException as error:
        raise InvalidInput(
            "corpus", f"not Parquet: {error}", "Send a dataset that the flow stored."
        ) from error
