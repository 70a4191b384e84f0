"""The data card: what a corpus of one language holds, for the report's page on data."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow.compute as pc

from sources.dataset import Dataset
from sources.overlap import overlaps


@dataclass(frozen=True)
class Lengths:
    """Of rows, in `unit`: words of token tasks, characters of the others (both texts of a pair)."""

    unit: str
    shortest: int
    median: float
    mean: float
    longest: int


@dataclass(frozen=True)
class SplitCard:
    """One split. `rows` are used, of `at_source`; `labels` counts words of token tasks, else rows, most
    frequent first; `in_train` counts rows that stand in train, too, None for train itself or without one.
    """

    rows: int
    at_source: int
    words: int | None
    labels: Mapping[str, int]
    lengths: Lengths
    in_train: int | None
    files: Sequence[str]
    revisions: Sequence[str]


@dataclass(frozen=True)
class DataCard:
    """One corpus in one language, by split. `license` is "" where it is not known."""

    task: str
    language: str
    license: str
    splits: Mapping[str, SplitCard]
    notes: Sequence[str]

    def to_json(self) -> dict[str, Any]:
        """As manifests and the report hold it."""
        return asdict(self)


def card(datasets: Mapping[str, Dataset]) -> DataCard:
    """The card of one corpus in one language, of its datasets by split (at least one)."""
    in_train = {item.split: item for item in overlaps(datasets)}
    first = next(iter(datasets.values()))
    notes = [note for dataset in datasets.values() for note in dataset.notes]
    notes += [item.note for item in in_train.values() if item.note]
    licenses = dict.fromkeys(dataset.license for dataset in datasets.values() if dataset.license)
    splits = {
        split: _split(dataset, in_train[split].rows if split in in_train else None)
        for split, dataset in datasets.items()
    }
    return DataCard(first.task, first.language, "; ".join(licenses), splits, tuple(dict.fromkeys(notes)))


def _split(dataset: Dataset, in_train: int | None) -> SplitCard:
    return SplitCard(
        dataset.sentences,
        dataset.rows_at_source,
        dataset.words,
        _labels(dataset),
        _lengths(dataset),
        in_train,
        tuple(file.name for file in dataset.files),
        tuple(dict.fromkeys(file.revision for file in dataset.files if file.revision)),
    )


def _labels(dataset: Dataset) -> dict[str, int]:
    if dataset.kind == "parallel":
        return {}
    if dataset.kind == "tokens":
        counted = pc.value_counts(dataset.table["labels"].combine_chunks().flatten()).to_pylist()
    else:
        counted = pc.value_counts(dataset.table["label"].combine_chunks()).to_pylist()
    return {item["values"]: item["counts"] for item in sorted(counted, key=lambda item: -item["counts"])}


def _lengths(dataset: Dataset) -> Lengths:
    table = dataset.table
    if dataset.kind == "tokens":
        unit, lengths = "words", pc.list_value_length(table["tokens"])
    elif dataset.kind == "pair":
        unit = "characters"
        lengths = pc.add(pc.utf8_length(table["premise"]), pc.utf8_length(table["hypothesis"]))
    else:
        unit, lengths = "characters", pc.utf8_length(table["text"])
    (median,) = pc.quantile(lengths, 0.5).to_pylist()
    return Lengths(
        unit, pc.min(lengths).as_py(), float(median), pc.mean(lengths).as_py(), pc.max(lengths).as_py()
    )
