"""What the paper printed, read off `paper.json`: Tables 1 to 5, and where they contradict each other."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from report.record import Corpus, Input, Table, Task

LANGUAGES: Mapping[str, tuple[str, ...]] = {
    "table1": ("eng", "fra", "rus", "ita", "hun", "ukr", "kor", "tur", "fin", "hin"),
    "table2": ("eng", "swa", "urd"),
}
"""ISO 639-3 codes in the order of the paper's columns."""


@dataclass(frozen=True)
class Sizes:
    """Sentences (pairs for XNLI) as Table 4 prints them, rounded; None where it prints none."""

    train: int | None
    dev: int | None
    test: int | None


@dataclass(frozen=True)
class Discrepancy:
    """Where the paper contradicts itself or others. `about`: "table1" … "table5", "figure2", "figure3"."""

    about: tuple[str, ...]
    text: str


def printed(table: Table, row: str, column: str) -> float | None:
    """The figure that the paper prints in this cell, in its unit; None where it prints none.

    Names as in `Number`. Table 3's `n` is not printed: 30 is what its p-values fit.
    """
    value = _paper()[table].get(row, {}).get(column)
    return None if value is None else float(value)


def printed_sizes(corpus: Corpus, language: str) -> Sizes | None:
    """Table 4's row; None where it has none."""
    sizes = _paper()["table4"][corpus].get(language)
    return None if sizes is None else Sizes(*sizes)


def printed_hyperparameters(
    task: Task, model_input: Input, language: str
) -> Mapping[str, float | str | None] | None:
    """Table 5's selected values with section 3.5's common ones, named as in trainer/v1; None where none are.

    A value of None is a cell that the paper leaves out (CANINE's weight decay for POS).
    """
    row: Mapping[str, float | str | None] | None = _paper()["table5"][task].get(model_input, {}).get(language)
    return row


def printed_model(model_input: Input) -> str:
    """The paper's model for an input."""
    return str(_paper()["table5"]["models"][model_input])


def discrepancies(about: str | None = None) -> tuple[Discrepancy, ...]:
    """The known discrepancies, all or those about one table or figure."""
    found = (Discrepancy(tuple(item["about"]), item["text"]) for item in _paper()["discrepancies"])
    return tuple(item for item in found if about is None or about in item.about)


def printed_figures() -> str:
    """All that the paper prints, as the text of `paper.json`."""
    return Path(__file__).with_name("paper.json").read_text(encoding="utf-8")


@cache
def _paper() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(printed_figures())
    return content
