"""Whether a score of ours is the paper's: stated rules, so that nobody has to take our word.

In this order:

- *definition differs*: ours is another quantity (another regime or split);
- *uninformative*: too few seeds; or an interval over items, or one over seeds, wider than the margin: then
  neither "the same" nor "another" could be told;
- *reproduced*: the difference from the paper's is surely within the margin;
- *not reproduced*: it is surely not zero, and not surely within the margin;
- *uninformative* again: neither.

The paper scored the same items with one model, so that the noise between its score and ours is that of the
training seed: the interval of the difference is Student's, of one more seed against the mean of ours. Gaps
get no verdict of their own: what the paper says of them is their order, and that is for the claims.
"""

import math
from typing import Literal

from report.record import RunRecord
from report.student import quantile
from report.tables import Column, Entry, Row, grids

Verdict = Literal["reproduced", "not reproduced", "uninformative", "definition differs"]

RULES: dict[Verdict, str] = {
    "reproduced": "surely within the margin of the paper's score",
    "not reproduced": "surely another score, and not surely within the margin",
    "uninformative": "too few seeds, or an interval wider than the margin: this run cannot tell",
    "definition differs": "ours is another quantity: another regime or split",
}

SYMBOLS: dict[Verdict, str] = {
    "reproduced": "✓",
    "not reproduced": "✗",
    "uninformative": "?",
    "definition differs": "≠",
}
"""For where there is no room for the words; told apart without color."""


def is_judged(record: RunRecord) -> bool:
    """Whether scores are judged: beside the paper, by rules that were stated, on its own data and models."""
    return record.beside_paper and bool(record.rules and record.rules.cells) and not record.banner


def judge(record: RunRecord, row: Row, column: Column, entry: Entry) -> Verdict | None:
    """The verdict on one score; None where there is none to give."""
    if not is_judged(record) or column.measure.name != "score" or entry.paper is None:
        return None
    if entry.number is None or entry.value is None:
        return None
    if record.regime != "in_language" or record.evaluation != "paper":
        return "definition differs"
    rules = record.rules.cells if record.rules else None
    number = entry.number
    if rules is None or number.interval is None or number.seeds < rules.seeds or number.seed_std is None:
        return "uninformative"
    level = number.interval.level
    halves = [item.interval for item in number.by_seed if item.interval] or [number.interval]
    over_items = max(item.high - item.low for item in halves) / 2
    one_more = number.seed_std * math.sqrt(1 + 1 / number.seeds)
    over_seeds = quantile(1 - level, number.seeds - 1) * one_more
    if max(over_items, over_seeds) > rules.margin:
        return "uninformative"
    distance = abs(entry.value - entry.paper)
    if distance + over_seeds <= rules.margin:
        return "reproduced"
    return "not reproduced" if distance > over_seeds else "uninformative"


def count_verdicts(record: RunRecord) -> dict[Verdict, int]:
    """How many scores got each verdict, in the order of the rules."""
    given = [judge(record, *place, entry) for grid in grids(record) for place, entry in grid.entries.items()]
    return {verdict: given.count(verdict) for verdict in RULES if verdict in given}
