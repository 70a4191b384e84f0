"""From bytes to arrays: the files that hold vectors, probabilities, predictions and series. All bounded.

Used by the service on what S3 holds and by `isogloss measure` on own files. No pickle: `.npy` is read with
`allow_pickle=False`. Every refusal is an `InvalidInput` that names the field.
"""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

from isogloss.errors import InvalidInput
from isogloss.metrics.engine.checks import Floats, Vectors
from isogloss.metrics.engine.items import Items, pair_accuracy, span_f1, word_accuracy
from isogloss.metrics.engine.linguistic_gap import Sentences
from isogloss.parquet import read_table
from isogloss.safetensors_header import check_header

MAX_FILE_BYTES = 2**28
"""One language's vectors or predictions: 87,000 sentences of 768 dimensions."""

MAX_DECODED_BYTES = 2**29
"""What a compressed table may become: dictionary pages of 5 kB can hold gigabytes."""

_FLOATS = (np.float16, np.float32, np.float64)


def read_sentences(data: bytes, field: str) -> Sentences:
    """Safetensors: `vectors` float [n, d] and, where there, `lengths` [n]."""
    check_header(data[:8], field)
    try:
        tensors = load(_bounded(data, field))
    except SafetensorError as error:
        raise InvalidInput(field, f"not a safetensors file: {error}", "Send what Embed returned.") from error
    vectors = tensors.get("vectors")
    if vectors is None or vectors.dtype not in _FLOATS:
        raise InvalidInput(
            field, f"tensors {sorted(tensors)}", "Send `vectors` as floats, as Embed returns them."
        )
    lengths = tensors.get("lengths")
    return Sentences(vectors, None if lengths is None else lengths.astype(np.float64))


def read_probabilities(data: bytes, field: str) -> Floats:
    """Parquet: column `probabilities: list<float>` as [n, k]."""
    column = _column(_table(data, field), "probabilities", field)
    return _matrix(column, "probabilities", "Send predictions of a sentence-level task", field)


def read_items(data: bytes, metric: str, field: str) -> Items:
    """Parquet: `label, prediction` of pairs or `labels, predictions` of words, as items of a score."""
    table = _table(data, field)
    pairs = "label" in table.column_names
    if pairs and metric != "accuracy":
        fix = "Entities are of word-level tasks: send SCORE_METRIC_ACCURACY."
        raise InvalidInput("metric", f"{metric} of sentence-level predictions", fix)
    columns = ["label", "prediction"] if pairs else ["labels", "predictions"]
    return _count(pairs, metric, *(_column(table, name, field).to_pylist() for name in columns))


def read_units(data: bytes, field: str) -> NDArray[np.int64]:
    """Parquet: which items were sampled together, by equal values of `unit`, else `premise`: numbers [n]."""
    table = _table(data, field)
    name = next((name for name in ("unit", "premise") if name in table.column_names), "premise")
    return number_units(_column(table, name, field).to_pylist())


def number_units(names: Sequence[str]) -> NDArray[np.int64]:
    """Equal names are one unit: [n] numbers from 0 on."""
    _, numbers = np.unique(np.asarray([str(name) for name in names]), return_inverse=True)
    return np.asarray(numbers, dtype=np.int64)


def read_matrix(path: Path, field: str, column: str = "vectors") -> Sentences:
    """A file of [n, d] numbers: .npy, .safetensors (tensor `vectors` or the only one), .parquet (a column
    of lists, by the name `column` where there are several), or text with a row a line.
    """
    data, kind = read_file(path, field), path.suffix.lower()
    if kind == ".npy":
        return Sentences(_numeric(_npy(data, field), field))
    if kind == ".safetensors":
        return _tensor(data, field)
    if kind == ".parquet":
        table = _table(data, field)
        lists = [item.name for item in table.schema if pa.types.is_list(item.type)]
        name = column if column in lists or len(lists) != 1 else lists[0]
        return Sentences(_matrix(_column(table, name, field), name, "Send lists of floats", field))
    return Sentences(_text(data, field))


def read_series(path: Path, field: str) -> Floats:
    """A file of one number a row, [n]: .npy, .safetensors, .parquet with one numeric column, or text."""
    data, kind = read_file(path, field), path.suffix.lower()
    if kind == ".npy":
        values = _npy(data, field)
    elif kind == ".safetensors":
        values = next(iter(_tensors(data, field).values()))
    elif kind == ".parquet":
        table = _table(data, field)
        numeric = [
            c.name for c in table.schema if pa.types.is_integer(c.type) or pa.types.is_floating(c.type)
        ]
        if len(numeric) != 1:
            raise InvalidInput(field, f"{len(numeric)} columns of numbers", "Send a file with one.")
        values = _column(table, numeric[0], field).to_numpy()
    else:
        values = _text(data, field)
    values = _numeric(values, field)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1:
        raise InvalidInput(field, f"shape {values.shape}", "Send one number a row.")
    return np.asarray(values, dtype=np.float64)


def read_names(path: Path, field: str) -> list[str]:
    """A text file of one name a line."""
    return _decoded(read_file(path, field), field).splitlines()


def read_predictions(path: Path, metric: str, field: str) -> Items:
    """.parquet as Train and Predict write it; else text, `label<TAB>prediction` a line. Blank lines make
    sentences of words, and no blank line makes one item of each line."""
    data = read_file(path, field)
    if path.suffix.lower() == ".parquet":
        return read_items(data, metric, field)
    sentences: list[list[list[str]]] = [[]]
    for number, line in enumerate(_decoded(data, field).splitlines(), start=1):
        cells = line.rstrip("\r").split("\t")
        if cells == [""]:
            sentences.append([])
        elif len(cells) != 2:
            raise InvalidInput(field, f"{len(cells)} columns in line {number}", "Write label<TAB>prediction.")
        else:
            sentences[-1].append(cells)
    kept = [rows for rows in sentences if rows]
    words = len(kept) > 1 or metric != "accuracy"
    if words:
        return _count(False, metric, *([[row[i] for row in rows] for rows in kept] for i in (0, 1)))
    return _count(True, metric, *([row[i] for rows in kept for row in rows] for i in (0, 1)))


def read_file(path: Path, field: str) -> bytes:
    """Its bytes, at most `MAX_FILE_BYTES`."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise InvalidInput(field, f"{path.stat().st_size} bytes", f"At most {MAX_FILE_BYTES}.")
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(field, f"cannot read {path}: {error.strerror}", "Give a file.") from None


def _count(pairs: bool, metric: str, labels: Any, predictions: Any) -> Items:
    count = pair_accuracy if pairs else word_accuracy if metric == "accuracy" else span_f1
    return count(labels, predictions)


def _npy(data: bytes, field: str) -> NDArray[Any]:
    try:
        array = np.load(io.BytesIO(data), allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        raise InvalidInput(field, f"not a .npy file of numbers: {error}", "Write it with np.save.") from None
    if not isinstance(array, np.ndarray):
        raise InvalidInput(field, "an archive of several arrays", "Send one array, as np.save writes it.")
    return array


def _tensors(data: bytes, field: str) -> dict[str, NDArray[Any]]:
    check_header(data[:8], field)
    try:
        return dict(load(data))
    except SafetensorError as error:
        raise InvalidInput(field, f"not a safetensors file: {error}", "Check the file.") from error


def _tensor(data: bytes, field: str) -> Sentences:
    tensors = _tensors(data, field)
    lengths = tensors.pop("lengths", None)
    if "vectors" not in tensors and len(tensors) != 1:
        raise InvalidInput(field, f"tensors {sorted(tensors)}", "Send one tensor, or name it `vectors`.")
    values = tensors.get("vectors", next(iter(tensors.values())))
    return Sentences(_numeric(values, field), None if lengths is None else lengths.astype(np.float64))


def _numeric(values: NDArray[Any], field: str) -> Vectors:
    if values.dtype in _FLOATS:
        return values
    if values.dtype.kind not in "iub":
        raise InvalidInput(field, f"values of type {values.dtype}", "Send real numbers.")
    return np.asarray(values, dtype=np.float64)


def _text(data: bytes, field: str) -> Floats:
    """Numbers separated by blanks, tabs or commas: [rows, columns]."""
    rows: list[list[float]] = []
    for number, line in enumerate(_decoded(data, field).splitlines(), start=1):
        cells = line.replace(",", " ").split()
        try:
            row = [float(cell) for cell in cells]
        except ValueError:
            raise InvalidInput(field, f"line {number} holds more than numbers", "Check it.") from None
        if not row:
            raise InvalidInput(field, f"line {number} is empty", "Write a number on each line.")
        if rows and len(row) != len(rows[0]):
            problem = f"{len(row)} numbers in line {number}, but {len(rows[0])} in line 1"
            raise InvalidInput(field, problem, "Write rows of one width.")
        rows.append(row)
    return np.array(rows, dtype=np.float64).reshape(len(rows), -1 if rows else 0)


def _decoded(data: bytes, field: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidInput(
            field, "not UTF-8 text", "Convert it, or name the file .npy or .parquet."
        ) from None


def _matrix(column: pa.ChunkedArray, name: str, fix: str, field: str) -> Floats:
    values = column.combine_chunks()
    if not pa.types.is_list(values.type) or not pa.types.is_floating(values.type.value_type):
        fix += ": items must align across languages, and words do not."
        raise InvalidInput(field, f"{name} are {values.type}, not lists of floats", fix)
    sizes = np.unique(np.diff(values.offsets.to_numpy()))
    if len(sizes) != 1 or values.null_count:
        raise InvalidInput(field, "rows with differing numbers of classes", "Send one probability per class.")
    flat = values.flatten().to_numpy(zero_copy_only=False)
    return np.asarray(flat, dtype=np.float64).reshape(len(values), int(sizes[0]))


def _table(data: bytes, field: str) -> pa.Table:
    """The table, its decoded size counted while it is read."""
    return read_table(_bounded(data, field), field, max_bytes=MAX_DECODED_BYTES)


def _column(table: pa.Table, name: str, field: str) -> pa.ChunkedArray:
    if name not in table.column_names:
        problem = f"no column {name!r} among {', '.join(table.column_names)}"
        raise InvalidInput(field, problem, "Send what Train or Predict returned.")
    return table.column(name)


def _bounded(data: bytes, field: str) -> bytes:
    if len(data) > MAX_FILE_BYTES:
        raise InvalidInput(field, f"{len(data)} bytes", f"At most {MAX_FILE_BYTES}: send fewer sentences.")
    return data
