"""What the metrics read from storage: sentence vectors (safetensors) and predictions (Parquet), both
bounded."""

import io
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from safetensors import SafetensorError
from safetensors.numpy import load

from isogloss.artifacts import Artifact
from isogloss.errors import InvalidInput
from isogloss.metrics.engine.checks import Floats
from isogloss.metrics.engine.items import Items, pair_accuracy, span_f1, word_accuracy
from isogloss.metrics.engine.linguistic_gap import Sentences

MAX_FILE_BYTES = 2**28
"""One language's vectors or predictions: 87,000 sentences of 768 dimensions."""

Read = Callable[[Artifact], bytes]


def read_sentences(read: Read, artifact: Artifact, field: str) -> Sentences:
    """Tensors `vectors` float [n, d] and, where there, `lengths` [n]."""
    try:
        tensors = load(_bounded(read, artifact, field))
    except SafetensorError as error:
        raise InvalidInput(field, f"not a safetensors file: {error}", "Send what Embed returned.") from error
    vectors = tensors.get("vectors")
    if vectors is None or vectors.dtype not in (np.float32, np.float64, np.float16):
        raise InvalidInput(
            field, f"tensors {sorted(tensors)}", "Send `vectors` as floats, as Embed returns them."
        )
    lengths = tensors.get("lengths")
    return Sentences(vectors, None if lengths is None else lengths.astype(np.float64))


def read_probabilities(read: Read, artifact: Artifact, field: str) -> Floats:
    """Column `probabilities: list<float>` as [n, k]."""
    data = _bounded(read, artifact, field)
    column = _column(_table(data, field), "probabilities", field).combine_chunks()
    if not pa.types.is_list(column.type) or not pa.types.is_floating(column.type.value_type):
        fix = (
            "Send predictions of a sentence-level task: items must align across languages, and words do not."
        )
        raise InvalidInput(field, f"probabilities are {column.type}, not lists of floats", fix)
    sizes = np.unique(np.diff(column.offsets.to_numpy()))
    if len(sizes) != 1 or column.null_count:
        raise InvalidInput(field, "rows with differing numbers of classes", "Send one probability per class.")
    flat = column.flatten().to_numpy(zero_copy_only=False)
    return np.asarray(flat, dtype=np.float64).reshape(len(column), int(sizes[0]))


def read_items(read: Read, artifact: Artifact, metric: str, field: str) -> Items:
    """Predictions as items of a score: `label, prediction` of pairs or `labels, predictions` of words."""
    table = _table(_bounded(read, artifact, field), field)
    pairs = "label" in table.column_names
    if pairs and metric != "accuracy":
        fix = "Entities are of word-level tasks: send SCORE_METRIC_ACCURACY."
        raise InvalidInput("metric", f"{metric} of sentence-level predictions", fix)
    columns = ["label", "prediction"] if pairs else ["labels", "predictions"]
    count = pair_accuracy if pairs else word_accuracy if metric == "accuracy" else span_f1
    return count(*(_column(table, name, field).to_pylist() for name in columns))


def _table(data: bytes, field: str) -> pa.Table:
    try:
        return pq.read_table(io.BytesIO(data))
    except pa.ArrowInvalid as error:
        fix = "Send what Train or Predict returned."
        raise InvalidInput(field, f"not a Parquet file: {error}", fix) from error


def _column(table: pa.Table, name: str, field: str) -> pa.ChunkedArray:
    if name not in table.column_names:
        problem = f"no column {name!r} among {', '.join(table.column_names)}"
        raise InvalidInput(field, problem, "Send what Train or Predict returned.")
    return table.column(name)


def _bounded(read: Read, artifact: Artifact, field: str) -> bytes:
    if artifact.size > MAX_FILE_BYTES:
        fix = f"At most {MAX_FILE_BYTES}: send fewer sentences."
        raise InvalidInput(field, f"{artifact.size} bytes", fix)
    return read(artifact)
