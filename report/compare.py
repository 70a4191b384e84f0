"""Two runs beside each other: each number of Tables 1 to 3, the difference and how far it can be trusted.

The interval of a difference takes the runs as independent and their errors as symmetric, so that half-widths
add as squares. Runs that share test sentences differ by less than it says, so it errs on the safe side.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from report.record import Interval, RunRecord
from report.tables import Column, Entry, Grid, Row, grids

SETTINGS = (
    "profile",
    "regime",
    "evaluation",
    "tasks",
    "inputs",
    "languages",
    "code_version",
    "hardware",
    "command",
)

T = TypeVar("T")


@dataclass(frozen=True)
class ComparedNumber:
    """One number of both runs; `difference` is second minus first, None where either was not run."""

    table: str
    row: Row
    column: Column
    first: Entry
    second: Entry
    difference: float | None
    interval: Interval | None

    @property
    def differs(self) -> bool | None:
        """Whether the interval of the difference leaves out zero; None without an interval."""
        if self.interval is None:
            return None
        return self.interval.low > 0 or self.interval.high < 0


@dataclass(frozen=True)
class Comparison:
    """Two runs: what they were asked for where that differs, and every number that either has."""

    first: RunRecord
    second: RunRecord
    settings: tuple[tuple[str, str, str], ...]  # name, first's, second's
    numbers: tuple[ComparedNumber, ...]


def compare(first: RunRecord, second: RunRecord) -> Comparison:
    """Set two runs beside each other."""
    settings = tuple(
        (name.replace("_", " "), _text(getattr(first, name)), _text(getattr(second, name)))
        for name in SETTINGS
        if getattr(first, name) != getattr(second, name)
    )
    numbers = []
    ours, others = ({grid.table: grid for grid in grids(run)} for run in (first, second))
    for name in dict.fromkeys([*ours, *others]):
        tables = [run[name] for run in (ours, others) if name in run]
        for row in _union([grid.rows for grid in tables]):
            for column in _union([grid.columns for grid in tables]):
                pair = _entry(ours.get(name), row, column), _entry(others.get(name), row, column)
                if any(entry.value is not None for entry in pair):
                    numbers.append(_compared(name, row, column, *pair))
    return Comparison(first, second, settings, tuple(numbers))


def _union(lists: Sequence[Iterable[T]]) -> list[T]:
    """All of them, each once."""
    return list(dict.fromkeys(item for items in lists for item in items))


def _entry(grid: Grid | None, row: Row, column: Column) -> Entry:
    return (grid.entries.get((row, column)) if grid else None) or Entry(None, None)


def _compared(table: str, row: Row, column: Column, first: Entry, second: Entry) -> ComparedNumber:
    if first.value is None or second.value is None or not column.estimate:
        return ComparedNumber(table, row, column, first, second, None, None)
    difference = second.value - first.value
    interval = _of_difference(difference, first.interval, second.interval)
    return ComparedNumber(table, row, column, first, second, difference, interval)


def _of_difference(difference: float, first: Interval | None, second: Interval | None) -> Interval | None:
    if first is None or second is None or first.level != second.level:
        return None
    half = math.hypot(first.high - first.low, second.high - second.low) / 2
    return Interval(
        difference - half, difference + half, first.level, "independent runs, half-widths added as squares"
    )


def _text(value: object) -> str:
    return ", ".join(value) if isinstance(value, Mapping) else str(value)
