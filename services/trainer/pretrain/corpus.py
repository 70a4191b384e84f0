"""The text of a pre-training: words in order, and what each word is in each rendering.

A corpus is one Parquet file per language with a column `tokens`, a list of words a line, and beside it one
column a rendering, word by word (`isogloss.inputs`). All is kept as numbers: a word is an index into the
distinct readings of a rendering, and a reading a run of units.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from isogloss.errors import InvalidInput
from isogloss.inputs import INPUTS, Input
from isogloss.parquet import read_table

Ints = NDArray[np.int64]

LEAST_WORDS = 1_000  # of a language: fewer teach nothing and would be repeated without end
UNKNOWN = ""  # the unit of a word that a rendering leaves empty
HOLES = (UNKNOWN, "\ufffd")  # and what G2P writes for it: no model knows them
MAX_UNPACKED_BYTES = 8 * 2**30  # of one language: a small file may hold a large table


@dataclass(frozen=True)
class Reading:
    """One rendering of all W words of a corpus.

    Word w is reading `types[w]` of T; reading t is the units `units[starts[t] : starts[t + 1]]`, which are
    indices into `inventory`.
    """

    types: NDArray[np.int32]  # [W]
    starts: Ints  # [T + 1]
    units: NDArray[np.int32]
    inventory: tuple[str, ...]

    @property
    def lengths(self) -> Ints:
        """Units of each word, at least 1: [W]."""
        return np.asarray(np.diff(self.starts)[self.types])


@dataclass(frozen=True)
class Corpus:
    """Words of all languages, one language after the other."""

    languages: tuple[str, ...]
    bounds: Ints  # [languages + 1]: where each one's words begin
    readings: Mapping[str, Reading]  # by name of the input
    words_sha256: Mapping[str, str]  # of each language's words as written

    @property
    def words(self) -> int:
        """W."""
        return int(self.bounds[-1])


def read(paths: Mapping[str, Path], inputs: Sequence[str], field: str = "corpora") -> Corpus:
    """Read the corpora, by language, for some inputs.

    Raises `InvalidInput` for fewer than two inputs' worth of columns, fewer than 1,000 words, unparallel
    columns.
    """
    for name in inputs:
        if name not in INPUTS or INPUTS[name].units == "subword":
            known = ", ".join(item.name for item in INPUTS.values() if item.units != "subword")
            raise InvalidInput("input", f"{name!r} has no single units", f"Use one of: {known}.")
    columns: dict[str, list[tuple[NDArray[np.int32], list[str]]]] = {name: [] for name in inputs}
    counts, hashes = [0], {}
    for language, path in paths.items():
        place = f"{field}[{language}]"
        table = _table(path, [INPUTS[name] for name in inputs], place)
        offsets = _offsets(table["tokens"])
        count = int(offsets[-1] - offsets[0])
        if count < LEAST_WORDS:
            problem = f"{count} words, and {LEAST_WORDS} are the least"
            raise InvalidInput(place, problem, "Send more text of this language, or leave it out.")
        hashes[language] = words_hash(table["tokens"])
        counts.append(count)
        for name in inputs:
            column = table[INPUTS[name].column("tokens")]
            if not np.array_equal(_offsets(column), offsets):
                problem = f"column {INPUTS[name].column('tokens')!r} is not parallel to 'tokens'"
                raise InvalidInput(place, problem, "Convert the corpus with G2P's ConvertCorpus.")
            columns[name].append(_codes(column))
    bounds = np.cumsum(counts)
    readings = {name: _reading(parts, INPUTS[name]) for name, parts in columns.items()}
    return Corpus(tuple(paths), bounds, readings, hashes)


def words_hash(column: pa.ChunkedArray) -> str:
    """sha256 of a column of lists of words: how many words a line has, how many bytes a word, the words."""
    lines = _list(column)
    words = lines.flatten()
    digest = hashlib.sha256(np.diff(_offsets(column)).astype("<i8").tobytes())
    digest.update(pc.binary_length(words).to_numpy(zero_copy_only=False).astype("<i8").tobytes())
    _, offsets, data = words.buffers()
    places = np.frombuffer(offsets, dtype=np.int32)[words.offset : words.offset + len(words) + 1]
    digest.update(memoryview(data)[places[0] : places[-1]])
    return digest.hexdigest()


def units_of(reading: str, source: Input) -> list[str]:
    """The units of a word's reading; a word that has none is one unknown unit."""
    return (reading.split() if source.units == "symbol" else list(reading)) or [UNKNOWN]


def _table(path: Path, inputs: Sequence[Input], field: str) -> pa.Table:
    try:
        file = pq.ParquetFile(path)
        wanted = ["tokens", *(item.column("tokens") for item in inputs)]
        for name in wanted:
            if name not in file.schema_arrow.names:
                fix = f"It has: {', '.join(file.schema_arrow.names)}. Convert it with G2P's ConvertCorpus."
                raise InvalidInput(field, f"column {name!r} is missing", fix)
            kind = file.schema_arrow.field(name).type
            if not (pa.types.is_list(kind) and pa.types.is_string(kind.value_type)):
                raise InvalidInput(field, f"column {name!r} is {kind}", "Send lists of strings, a line each.")
        columns = list(dict.fromkeys(wanted))
        return read_table(path, field, max_bytes=MAX_UNPACKED_BYTES, columns=columns).combine_chunks()
    except (pa.ArrowException, OSError) as error:
        raise InvalidInput(field, f"not a Parquet file ({error})", "Send a converted corpus.") from error


def _list(column: pa.ChunkedArray) -> Any:
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks)


def _offsets(column: pa.ChunkedArray) -> Ints:
    return np.asarray(_list(column).offsets.to_numpy(), dtype=np.int64)


def _codes(column: pa.ChunkedArray) -> tuple[NDArray[np.int32], list[str]]:
    encoded = _list(column).flatten().dictionary_encode()
    return encoded.indices.to_numpy(zero_copy_only=False).astype(np.int32), encoded.dictionary.to_pylist()


def _reading(parts: Sequence[tuple[NDArray[np.int32], list[str]]], source: Input) -> Reading:
    """One table of readings for all languages; the inventory in order of code points."""
    spelled = [units_of(text, source) for _, texts in parts for text in texts]
    inventory = tuple(sorted({unit for units in spelled for unit in units}))
    index = {unit: number for number, unit in enumerate(inventory)}
    starts = np.cumsum([0, *map(len, spelled)])
    units = np.array([index[unit] for word in spelled for unit in word], dtype=np.int32)
    bases = np.cumsum([0, *(len(texts) for _, texts in parts)])
    types = [codes + base for (codes, _), base in zip(parts, bases, strict=False)]
    return Reading(np.concatenate(types).astype(np.int32), starts, units, inventory)
