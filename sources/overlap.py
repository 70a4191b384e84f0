"""Rows of dev and test that stand in train, too: short sentences by nature, or copies by mistake."""

from collections.abc import Mapping
from dataclasses import dataclass

from sources.dataset import Dataset

NOTED_ABOVE = 0.01
"""The share of a split's rows in train from which the report says so."""


@dataclass(frozen=True)
class Overlap:
    """`rows` of the `of` rows of `split` stand in train, word for word; `first` is the first one's number,
    from 1 (0 where there is none).
    """

    task: str
    language: str
    split: str
    rows: int
    of: int
    first: int

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return self.rows / self.of

    @property
    def note(self) -> str:
        """A sentence for the report, "" where the share is small."""
        if self.share <= NOTED_ABOVE:
            return ""
        return (
            f"{self.task}/{self.language}: {self.rows:,} of {self.of:,} rows of {self.split}"
            f" ({self.share:.1%}) stand in train, the first in row {self.first:,}."
        )


def overlaps(datasets: Mapping[str, Dataset]) -> list[Overlap]:
    """For dev and test beside train, of one corpus and language by split; none where there is no train.

    Rows are compared without their labels.
    """
    train = datasets.get("train")
    if train is None or train.kind == "parallel":
        return []
    # Hashes, not rows: a train set of XNLI has 400,000 pairs. Two that differ and share one of 2^61 values
    # are not to be expected.
    known = set(map(hash, train.written))
    shared = []
    for split, dataset in datasets.items():
        if split != "train":
            rows = [number for number, row in enumerate(dataset.written, 1) if hash(row) in known]
            first = rows[0] if rows else 0
            shared.append(Overlap(dataset.task, dataset.language, split, len(rows), dataset.sentences, first))
    return shared
