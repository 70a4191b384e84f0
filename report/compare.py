"""Two runs beside each other: each number of Tables 1 to 3, the difference and how far it can be trusted.

The interval of a difference takes the runs as independent and their errors as symmetric, so that half-widths
add as squares. Runs that share test sentences differ by less than it says, so it errs on the safe side.
"""

import math
from dataclasses import dataclass

from report.record import Interval, Number, RunRecord
from report.tables import Column, Row, grids

SETTINGS = ("profile", "regime", "evaluation", "tasks", "languages", "code_version", "hardware", "command")


@dataclass(frozen=True)
class ComparedNumber:
    """One number of both runs; `difference` is second minus first, None where either was not run."""

    table: str
    row: Row
    column: Column
    first: Number
    second: Number
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
    for one, other in zip(grids(first), grids(second), strict=True):
        columns = [*one.columns, *(column for column in other.columns if column not in one.columns)]
        for row in one.rows:
            for column in columns:
                pair = one.cell(row, column), other.cell(row, column)
                if any(number.value is not None for number in pair):
                    numbers.append(_compared(one.table, row, column, *pair))
    return Comparison(first, second, settings, tuple(numbers))


def _compared(table: str, row: Row, column: Column, first: Number, second: Number) -> ComparedNumber:
    if first.value is None or second.value is None or not column.compared:
        return ComparedNumber(table, row, column, first, second, None, None)
    difference = second.value - first.value
    return ComparedNumber(
        table,
        row,
        column,
        first,
        second,
        difference,
        _of_difference(difference, first.interval, second.interval),
    )


def _of_difference(difference: float, first: Interval | None, second: Interval | None) -> Interval | None:
    if first is None or second is None or first.level != second.level:
        return None
    half = math.hypot(first.high - first.low, second.high - second.low) / 2
    return Interval(
        difference - half, difference + half, first.level, "independent runs, half-widths added as squares"
    )


def _text(value: object) -> str:
    return ", ".join(str(item) for item in value) if isinstance(value, tuple) else str(value)
