"""A score as a ratio of sums over test items, so that the items can be drawn anew.

An item is a sentence or a pair of sentences. Accuracy and micro-averaged span F1 are both 100 Σ gained / Σ
possible: right labels over labels, and twice the right spans over the spans that are there plus those
predicted.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from isogloss.errors import InvalidInput
from isogloss.metrics.engine.checks import Floats
from isogloss.spans import spans

Tags = Sequence[str | None]  # a cut-off word has no prediction


@dataclass(frozen=True)
class Items:
    """`gained` and `possible` per item [n]; `stratum` [n] numbers the groups that are drawn separately."""

    gained: Floats
    possible: Floats
    stratum: NDArray[np.int64]

    def alike(self, other: "Items") -> bool:
        """Whether both seem to be of the same items: as many, in the same strata. (Drawing other items of the
        same number together does no harm.)"""
        return len(self.gained) == len(other.gained) and bool((self.stratum == other.stratum).all())

    def by_unit(self, units: NDArray[np.int64], field: str = "units") -> "Items":
        """The same with what was sampled together as one item, such as the three pairs of XNLI's premise.

        `units` [n] numbers them. One stratum.
        """
        if units.shape != self.gained.shape:
            problem = f"{len(units)} units for {len(self.gained)} items"
            raise InvalidInput(field, problem, "Send the unit of each item, in the same order.")
        _, numbers = np.unique(units, return_inverse=True)
        gained, possible = (np.bincount(numbers, weights=part) for part in (self.gained, self.possible))
        return Items(gained, possible, np.zeros(len(gained), dtype=np.int64))

    @property
    def score(self) -> float:
        """In percent."""
        return float(100 * self.gained.sum() / self.possible.sum())


def pair_accuracy(labels: Sequence[str], predictions: Tags) -> Items:
    """One label per item, as in XNLI. Strata are the true labels, which XNLI balances by design."""
    right = [label == made for label, made in zip(labels, predictions, strict=True)]
    _, stratum = np.unique(np.asarray(labels), return_inverse=True)
    return _items(right, np.ones(len(labels)), stratum)


def word_accuracy(labels: Sequence[Sequence[str]], predictions: Sequence[Tags]) -> Items:
    """One label per word; a cut-off word is an error. One stratum."""
    right = [
        sum(label == made for label, made in zip(*rows, strict=True))
        for rows in zip(labels, predictions, strict=True)
    ]
    return _items(right, [len(row) for row in labels])


def span_f1(labels: Sequence[Sequence[str]], predictions: Sequence[Tags]) -> Items:
    """Entities in BIO or IOBES tags (`isogloss.spans`); a cut-off word is predicted O. One stratum."""
    gained, possible = [], []
    for row, made in zip(labels, predictions, strict=True):
        wanted, got = spans(row), spans([tag or "O" for tag in made])
        gained.append(2 * len(wanted & got))
        possible.append(len(wanted) + len(got))
    return _items(gained, possible)


def _items(
    gained: Sequence[float], possible: Sequence[float] | Floats, stratum: NDArray[np.int64] | None = None
) -> Items:
    if not np.any(possible):
        raise InvalidInput(
            "predictions", "nothing to score", "Send predictions with at least one label or span."
        )
    none = np.zeros(len(gained), dtype=np.intp)
    return Items(np.asarray(gained, float), np.asarray(possible, float), none if stratum is None else stratum)
