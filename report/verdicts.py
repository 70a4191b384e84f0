"""How far a number of ours bears out the paper's: stated rules, so that nobody has to take our word.

In this order:

- *definition differs*: ours is another quantity (another regime or split, a mean over other languages);
- *not run*: no value of ours;
- *reproduced*: the paper's figure lies in our interval, or equals ours when rounded as printed;
- *within noise*: it lies outside, but no farther from ours than √2 times our interval's half on that side,
  which is how far two runs of equal uncertainty may lie apart;
- *not reproduced*: farther.

Without an interval only the first three can be told. P-values and counts get none: they are no
estimates. Verdicts are for the paper's own data and models; any other profile would compare unlike things.
"""

import math

from report.paper import LANGUAGES
from report.record import COLUMNS, Number, RunRecord, Verdict
from report.tables import Column, Grid, Row, grids

RULES: dict[Verdict, str] = {
    "reproduced": "the paper's figure lies in our interval, or equals ours when rounded as printed",
    "within noise": "it lies outside, but no farther than two runs of equal uncertainty may lie apart "
    "(√2 times the interval's half)",
    "not reproduced": "it lies farther away",
    "definition differs": "ours is another quantity: another regime or split, or a mean over other languages",
    "not run": "this run did not ask for it",
}


SYMBOLS: dict[Verdict, str] = {
    "reproduced": "✓",
    "within noise": "≈",
    "not reproduced": "✗",
    "definition differs": "≠",
}
"""For where there is no room for the words; told apart without color."""


def is_judged(record: RunRecord) -> bool:
    """Whether verdicts make sense: only for the paper's own data and models."""
    return record.profile == "paper" and not record.banner


def judge(record: RunRecord, column: Column, number: Number) -> Verdict | None:
    """The verdict on one number; None where there is none to give."""
    if not is_judged(record) or number.paper is None or not column.compared or column.digits is None:
        return None
    if number.verdict:
        return number.verdict
    if number.value is None:
        return "not run"
    if _is_another_quantity(record, number):
        return "definition differs"
    if round(number.value, column.digits) == round(number.paper, column.digits):
        return "reproduced"
    if number.interval is None:
        return None
    low, high = number.interval.low, number.interval.high
    if low <= number.paper <= high:
        return "reproduced"
    half = number.value - low if number.paper < low else high - number.value
    return "within noise" if abs(number.value - number.paper) <= math.sqrt(2) * half else "not reproduced"


def count_verdicts(record: RunRecord) -> dict[Verdict, int]:
    """How many numbers of Tables 1 to 3 got each verdict, in the order of the rules."""
    found = [judge(record, column, grid.cell(row, column)) for grid, row, column in _places(record)]
    return {verdict: found.count(verdict) for verdict in RULES if verdict in found}


def _places(record: RunRecord) -> list[tuple[Grid, Row, Column]]:
    return [(grid, row, column) for grid in grids(record) for row in grid.rows for column in grid.columns]


def _is_another_quantity(record: RunRecord, number: Number) -> bool:
    if record.regime != "in_language" or record.evaluation != "paper":
        return True
    if number.table != "table1" or number.column not in COLUMNS["table1"]:
        return False
    scored = {n.column for n in record.numbers if n.row == number.row and n.value is not None}
    return scored - set(COLUMNS["table1"]) != set(LANGUAGES["table1"])
