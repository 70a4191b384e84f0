"""From a model's outputs to scores and to the table of predictions, from which every score can be computed
again.
"""

import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from services.encoders import scores
from services.encoders.corpus import Example
from services.encoders.scores import Prediction
from services.encoders.targets import every_unit
from services.encoders.tasks import Task
from services.encoders.units import Encoded


@dataclass(frozen=True)
class Evaluated:
    """Scores of one set, by class and over all, and how many words (or pairs) the maximum length cost."""

    scores: dict[str, float]
    truncated: int
    classes: list[dict[str, Any]]  # name, precision, recall, f1, support: of each class of the task, in order
    confusion: list[list[int]]  # [label][prediction], and a last column for what was cut off


def evaluate(
    task: Task,
    examples: Sequence[Example],
    sequences: Sequence[Encoded],
    probabilities: Sequence[Sequence[Sequence[float] | None]],
    units: Sequence[Sequence[int]],
) -> Evaluated:
    """Word-level scores; `probabilities[e][w]` is None for a word that was cut off, which is an error.

    `units[e]` are classes per position, for `unit_macro_f1`; empty for a model that classifies no single
    units.
    """
    predictions = [[_best(item) for item in row] for row in probabilities]
    found = score(task, [example.labels for example in examples], predictions)
    if task.per_word:
        if all(units):
            found["unit_macro_f1"] = _unit_macro_f1(task, examples, sequences, units)
        truncated = sum(prediction is None for row in predictions for prediction in row)
    else:
        truncated = sum(sequence.cut for sequence in sequences)
    flat_labels = [label for example in examples for label in example.labels]
    flat = [prediction for row in predictions for prediction in row]
    by_class = scores.class_scores(flat_labels, flat)
    absent = scores.ClassScore(0.0, 0.0, 0.0, 0)
    return Evaluated(
        scores=found,
        truncated=truncated,
        classes=[
            {"name": name, **asdict(by_class.get(number, absent))} for number, name in enumerate(task.classes)
        ],
        confusion=scores.confusion(flat_labels, flat, len(task.classes)),
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
    if task.name == "ner":
        tags = [[task.classes[label] for label in row] for row in labels]
        predicted = [
            ["O" if number is None else task.classes[number] for number in row] for row in predictions
        ]
        found["span_f1"] = scores.span_f1(tags, predicted)
        for kind in sorted({name.partition("-")[2] for name in task.classes} - {""}):
            found[f"span_f1_{kind}"] = scores.span_f1(tags, predicted, kind)
    return found


def prediction_table(
    task: Task, examples: Sequence[Example], probabilities: Sequence[Sequence[Sequence[float] | None]]
) -> bytes:
    """Parquet: `tokens, labels, predictions, probabilities` or `label, prediction, probabilities`.

    The order of the classes is in the schema's metadata (`classes`, comma-separated). What was cut off is
    null.
    """
    names = task.classes
    predictions = [
        [None if (best := _best(item)) is None else names[best] for item in row] for row in probabilities
    ]
    labels = [[names[label] for label in example.labels] for example in examples]
    vector = pa.list_(pa.float32())
    if task.per_word:
        strings = pa.list_(pa.string())
        columns = {
            "tokens": pa.array([list(example.words[0]) for example in examples], strings),
            "labels": pa.array(labels, strings),
            "predictions": pa.array(predictions, strings),
            "probabilities": pa.array([list(row) for row in probabilities], pa.list_(vector)),
        }
    else:
        columns = {
            "label": pa.array([row[0] for row in labels], pa.string()),
            "prediction": pa.array([row[0] for row in predictions], pa.string()),
            "probabilities": pa.array([row[0] for row in probabilities], vector),
        }
    table = pa.table(columns).replace_schema_metadata({"task": task.name, "classes": ",".join(names)})
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def _best(probabilities: Sequence[float] | None) -> Prediction:
    if probabilities is None:
        return None
    return max(range(len(probabilities)), key=probabilities.__getitem__)


def _unit_macro_f1(
    task: Task,
    examples: Sequence[Example],
    sequences: Sequence[Encoded],
    units: Sequence[Sequence[int]],
) -> float:
    """Macro-F1 over units that were not cut off, for comparison with related code of the paper's group."""
    labels: list[int] = []
    predictions: list[Prediction] = []
    for example, sequence, predicted in zip(examples, sequences, units, strict=True):
        places, classes = every_unit(sequence, example.labels, task)
        labels.extend(classes)
        predictions.extend(predicted[place] for place in places)
    return scores.macro_f1(labels, predictions)
