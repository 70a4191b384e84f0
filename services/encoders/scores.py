"""Scores at word level, in percent: what counts is the word, however many units a model cuts it into.

A word that was cut off has no prediction (None) and counts as an error. Spans are those of `isogloss.spans`.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from isogloss.spans import spans

Prediction = int | None


def accuracy(labels: Sequence[int], predictions: Sequence[Prediction]) -> float:
    """Share of right predictions."""
    right = sum(label == prediction for label, prediction in zip(labels, predictions, strict=True))
    return 100 * right / len(labels)


def macro_f1(labels: Sequence[int], predictions: Sequence[Prediction]) -> float:
    """Mean F1 over the classes that occur in labels or predictions (scikit-learn's default)."""
    values = [item.f1 for item in class_scores(labels, predictions).values()]
    return sum(values) / len(values)


def micro_f1(labels: Sequence[int], predictions: Sequence[Prediction]) -> float:
    """F1 of all decisions together; differs from accuracy only where words were cut off."""
    right = sum(label == prediction for label, prediction in zip(labels, predictions, strict=True))
    made = sum(prediction is not None for prediction in predictions)
    return 100 * 2 * right / (made + len(labels))


@dataclass(frozen=True)
class ClassScore:
    """One class's scores, and how many true members it has; 0 where there is nothing to divide by."""

    precision: float
    recall: float
    f1: float
    support: int


def class_scores(labels: Sequence[int], predictions: Sequence[Prediction]) -> dict[int, ClassScore]:
    """Scores of each class that occurs in labels or predictions."""
    true = Counter(labels)
    made = Counter(prediction for prediction in predictions if prediction is not None)
    right = Counter(
        label for label, prediction in zip(labels, predictions, strict=True) if label == prediction
    )
    return {
        number: ClassScore(
            precision=100 * right[number] / made[number] if made[number] else 0.0,
            recall=100 * right[number] / true[number] if true[number] else 0.0,
            f1=100 * 2 * right[number] / (true[number] + made[number]),
            support=true[number],
        )
        for number in sorted(true.keys() | made.keys())
    }


def confusion(labels: Sequence[int], predictions: Sequence[Prediction], classes: int) -> list[list[int]]:
    """`table[label][prediction]` counts; a last column holds words that were cut off."""
    counts = Counter(zip(labels, predictions, strict=True))
    columns = [*range(classes), None]
    return [[counts[label, prediction] for prediction in columns] for label in range(classes)]


def span_f1(labels: Sequence[Sequence[str]], predictions: Sequence[Sequence[str]], kind: str = "") -> float:
    """F1 of all sentences' spans together, or of one type's; 0 where there are none. A cut-off word is
    predicted O.
    """
    right = true = made = 0
    for label_tags, predicted_tags in zip(labels, predictions, strict=True):
        wanted, got = (
            {span for span in spans(tags) if kind in ("", span[0])} for tags in (label_tags, predicted_tags)
        )
        right, true, made = right + len(wanted & got), true + len(wanted), made + len(got)
    return 100 * 2 * right / (true + made) if true + made else 0.0
