"""The table of predictions, and the scores, which are read off that table alone: whoever has its Parquet file
computes every score again without a model.

    tokens      tokens, labels, predictions, probabilities: one entry a word, null for a word that was cut off
                unit_labels, unit_predictions: one a unit that was not, where single units are classified
    text, pair  label, prediction, probabilities, cut

The schema's metadata has `task`, the record as JSON: its labels are in the order of the probabilities.
"""

import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from isogloss.tasks import OUTSIDE, Task
from services.encoders import scores
from services.encoders.corpus import Example
from services.encoders.scores import Prediction
from services.encoders.targets import every_unit
from services.encoders.units import Encoded

Probabilities = Sequence[Sequence[float] | None]  # of each word; None for one that was cut off

_UNIT_COLUMNS = ("unit_labels", "unit_predictions")
_STRINGS, _VECTOR = pa.list_(pa.string()), pa.list_(pa.float32())


@dataclass(frozen=True)
class Evaluated:
    """Scores of one set, by class and over all, and how many words (or texts) the maximum length cost."""

    scores: dict[str, float]
    truncated: int
    classes: list[dict[str, Any]]  # name, precision, recall, f1, support: of each class of the task, in order
    confusion: list[list[int]]  # [label][prediction], and a last column for what was cut off


def prediction_table(
    task: Task,
    examples: Sequence[Example],
    sequences: Sequence[Encoded],
    probabilities: Sequence[Probabilities],
    units: Sequence[Sequence[int]],
) -> pa.Table:
    """What a model said of each example. `units[e]` are classes per position; empty for a model that
    classifies no single units.
    """
    names = task.labels
    labels = [[names[label] for label in example.labels] for example in examples]
    predictions = [[None if item is None else names[_best(item)] for item in row] for row in probabilities]
    if task.per_word:
        columns = {
            "tokens": pa.array([list(example.words[0]) for example in examples], _STRINGS),
            "labels": pa.array(labels, _STRINGS),
            "predictions": pa.array(predictions, _STRINGS),
            "probabilities": pa.array([list(row) for row in probabilities], pa.list_(_VECTOR)),
        }
        if all(units):
            columns |= _unit_columns(task, examples, sequences, units)
    else:
        columns = {
            "label": pa.array([row[0] for row in labels], pa.string()),
            "prediction": pa.array([row[0] for row in predictions], pa.string()),
            "probabilities": pa.array([row[0] for row in probabilities], _VECTOR),
            "cut": pa.array([sequence.cut for sequence in sequences], pa.bool_()),
        }
    return pa.table(columns).replace_schema_metadata({"task": json.dumps(task.to_json())})


def to_parquet(table: pa.Table) -> bytes:
    """The file that is stored."""
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def evaluate(table: pa.Table) -> Evaluated:
    """All scores of a table of predictions; a word that was cut off counts as an error."""
    task = Task.from_json(json.loads(table.schema.metadata[b"task"]))
    suffix = "s" if task.per_word else ""
    labels = _classes(task, table[f"label{suffix}"])
    predictions = _classes(task, table[f"prediction{suffix}"])
    found = score(task, labels, predictions)
    flat_labels = [label for row in labels for label in row]
    flat = [prediction for row in predictions for prediction in row]
    if _UNIT_COLUMNS[0] in table.column_names:
        found["unit_macro_f1"] = scores.macro_f1(
            *([unit for row in _classes(task, table[name]) for unit in row] for name in _UNIT_COLUMNS)
        )
    by_class = scores.class_scores(flat_labels, flat)
    absent = scores.ClassScore(0.0, 0.0, 0.0, 0)
    return Evaluated(
        scores=found,
        truncated=flat.count(None) if task.per_word else sum(table["cut"].to_pylist()),
        classes=[
            {"name": name, **asdict(by_class.get(number, absent))} for number, name in enumerate(task.labels)
        ],
        confusion=scores.confusion(flat_labels, flat, len(task.labels)),
    )


def score(
    task: Task, labels: Sequence[Sequence[int]], predictions: Sequence[Sequence[Prediction]]
) -> dict[str, float]:
    """All scores of one set of predictions; `labels[e][w]` and `predictions[e][w]` are class indices."""
    flat_labels = [label for row in labels for label in row]
    flat = [prediction for row in predictions for prediction in row]
    found = {
        "accuracy": scores.accuracy(flat_labels, flat),
        "macro_f1": scores.macro_f1(flat_labels, flat),
        "micro_f1": scores.micro_f1(flat_labels, flat),
    }
    if task.scheme != "plain":
        tags = [[task.labels[label] for label in row] for row in labels]
        predicted = [
            [OUTSIDE if number is None else task.labels[number] for number in row] for row in predictions
        ]
        found["span_f1"] = scores.span_f1(tags, predicted)
        for kind in sorted({name.partition("-")[2] for name in task.labels} - {""}):
            found[f"span_f1_{kind}"] = scores.span_f1(tags, predicted, kind)
    return found


def _unit_columns(
    task: Task, examples: Sequence[Example], sequences: Sequence[Encoded], units: Sequence[Sequence[int]]
) -> dict[str, pa.Array]:
    """Labels and predictions of single units, for comparison with related code of the paper's group."""
    labels, predictions = [], []
    for example, sequence, predicted in zip(examples, sequences, units, strict=True):
        places, classes = every_unit(sequence, example.labels, task)
        labels.append([task.labels[label] for label in classes])
        predictions.append([task.labels[predicted[place]] for place in places])
    columns = (pa.array(rows, _STRINGS) for rows in (labels, predictions))
    return dict(zip(_UNIT_COLUMNS, columns, strict=True))


def _classes(task: Task, column: pa.ChunkedArray) -> list[list[Any]]:
    """Names as class indices, None for null; one row an example."""
    index: dict[str | None, Prediction] = {name: number for number, name in enumerate(task.labels)}
    index[None] = None
    rows = column.to_pylist()
    return [[index[name] for name in (row if task.per_word else [row])] for row in rows]


def _best(probabilities: Sequence[float]) -> int:
    return max(range(len(probabilities)), key=probabilities.__getitem__)
