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
from typing import Literal

from report.paper import printed_languages
from report.record import RunRecord
from report.tables import Column, Entry, Row, grids

Verdict = Literal["reproduced", "within noise", "not reproduced", "definition differs", "not run"]

RULES: dict[Verdict, str] = {
    "reproduced": "the paper's figure lies in our interval, or equals ours when rounded as printed",
    "within noise": "it lies outside, but no farther than two runs of equal uncertainty may lie apart "
    "(√2 times the interval's half)",
    "not reproduced": "it lies farther away",
    "definition differs": "ours is another quantity: another regime or split, or a mean over other languages",
    "not run": "this run has no figure there",
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
    return record.beside_paper and record.profile == "paper" and not record.banner


def judge(record: RunRecord, row: Row, column: Column, entry: Entry) -> Verdict | None:
    """The verdict on one number; None where there is none to give."""
    if not is_judged(record) or entry.paper is None or not column.estimate or column.digits is None:
        return None
    if entry.value is None:
        return "not run"
    if _is_another_quantity(record, row, column):
        return "definition differs"
    if round(entry.value, column.digits) == round(entry.paper, column.digits):
        return "reproduced"
    if entry.interval is None:
        return None
    low, high = entry.interval.low, entry.interval.high
    if low <= entry.paper <= high:
        return "reproduced"
    half = entry.value - low if entry.paper < low else high - entry.value
    return "within noise" if abs(entry.value - entry.paper) <= math.sqrt(2) * half else "not reproduced"


def count_verdicts(record: RunRecord) -> dict[Verdict, int]:
    """How many numbers of Tables 1 to 3 got each verdict, in the order of the rules."""
    given = [judge(record, *place, entry) for grid in grids(record) for place, entry in grid.entries.items()]
    return {verdict: given.count(verdict) for verdict in RULES if verdict in given}


def _is_another_quantity(record: RunRecord, row: Row, column: Column) -> bool:
    if record.regime != "in_language" or record.evaluation != "paper":
        return True
    if row.against or column.language:
        return False
    scored = {code for n in record.select("score", task=row.task, input=row.input) for code in n.languages}
    return scored != set(printed_languages(row.task))
