"""Sizes of the data, for the paper's Table 4."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from sources.dataset import Dataset


@dataclass(frozen=True)
class Size:
    """Rows of one split `at_source`, before the limit, and `used`; `words` are those of token tasks."""

    task: str
    language: str
    split: str
    at_source: int
    used: int
    words: int | None

    def to_json(self) -> dict[str, Any]:
        """One record of the report."""
        return asdict(self)


def sizes(datasets: Iterable[Dataset]) -> list[Size]:
    """One size per dataset, in the given order."""
    return [
        Size(item.task, item.language, item.split, item.rows_at_source, item.sentences, item.words)
        for item in datasets
    ]
