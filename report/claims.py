"""What the paper claims about gaps, one line each, and what this run says of it: the answer in short.

A claim compares an input with phonemes. Its outcome follows from the interval of the difference:

- *holds here*: all of the interval lies on the paper's side of 0;
- *fails here*: all of it lies on the other side;
- *undecided*: 0 lies inside, or there is no interval.

Here: for this run's models and languages. Intervals are over test items or sentences; whether other languages
would say the same is what the p-value beside them asks.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from report.paper import printed
from report.record import Difference, Input, Interval, Measure, RunRecord, Table, Task
from report.robustness import LENGTH_OUT, series
from report.tables import language_name

Outcome = Literal["holds here", "undecided", "fails here", "not run"]
PHONEME: Input = "phoneme"
_TABLE1_TASKS: tuple[Task, ...] = ("ner", "pos")


@dataclass(frozen=True)
class Value:
    """A figure of ours, its manifest and its interval, or why it has none."""

    value: float
    manifest: str
    interval: Interval | None
    note: str


@dataclass(frozen=True)
class Claim:
    """Phonemes against another input: `ours` and `paper` are (the other's, the phonemes').

    `expected`: 1 where the paper has the phonemes' figure higher, -1 where lower. `control`: not a claim of
    the paper but what its claim must survive.
    """

    text: str
    digits: int
    expected: int
    ours: tuple[Value | None, Value | None]
    paper: tuple[float | None, float | None]
    difference: Difference | None
    control: bool = False

    @property
    def outcome(self) -> Outcome:
        """By the rule above."""
        if not all(self.ours):
            return "not run"
        bounds = self.difference and self.difference.interval
        if not bounds or bounds.low <= 0 <= bounds.high:
            return "undecided"
        return "holds here" if (bounds.low > 0) == (self.expected > 0) else "fails here"


def claims(record: RunRecord) -> list[Claim]:
    """The paper's claims in its order, each claim about CKA followed by its control."""
    found = []
    for task in _TABLE1_TASKS:
        text = f"{task.upper()}: mean RPD is lower than by characters"
        found.append(_of_table(record, text, task, "character", "mean_rpd", 2, -1))
    for task in _TABLE1_TASKS:
        text = f"{task.upper()}: mean CKA is higher than by characters"
        found.append(_of_table(record, text, task, "character", "mean_cka", 4, 1))
        found.append(_without_length(record, task))
    for code in ("swa", "urd"):
        text = f"XNLI: {language_name(code)}'s gap from English (RPD) is lower than by subwords"
        found.append(_of_table(record, text, "xnli", "subword", "rpd", 2, -1, code))
    return found


def count_outcomes(found: Iterable[Claim]) -> dict[Outcome, int]:
    """How many claims have each outcome, also those that none has."""
    order: tuple[Outcome, ...] = ("holds here", "undecided", "fails here", "not run")
    outcomes = [claim.outcome for claim in found]
    return {outcome: outcomes.count(outcome) for outcome in order}


def _of_table(
    record: RunRecord,
    text: str,
    task: Task,
    other: Input,
    measure: Measure,
    digits: int,
    expected: int,
    language: str = "",
) -> Claim:
    """A claim about figures of Table 1 or, for XNLI, of Table 2."""
    table: Table = "table2" if task == "xnli" else "table1"
    column = f"{language}_{measure}" if language else measure
    rows = [name if task == "xnli" else f"{task}/{name}" for name in (other, PHONEME)]
    values = {
        number.row: Value(number.value, number.manifest, number.interval, number.note)
        for number in record.numbers
        if number.table == table and number.column == column and number.value is not None
    }
    return Claim(
        text,
        digits,
        expected,
        (values.get(rows[0]), values.get(rows[1])),
        (printed(table, rows[0], column), printed(table, rows[1], column)),
        _difference(record, task, other, measure, f"eng-{language}" if language else ""),
    )


def _without_length(record: RunRecord, task: Task) -> Claim:
    values = {
        row.series: Value(row.value, row.manifest, row.interval, row.note)
        for row in record.robustness
        if row.subject == LENGTH_OUT
    }
    return Claim(
        f"{task.upper()}: the same, {LENGTH_OUT}",
        4,
        1,
        (values.get(series(task, "character")), values.get(series(task, PHONEME))),
        (None, None),
        _difference(record, task, "character", "mean_cka_residual"),
        control=True,
    )


def _difference(
    record: RunRecord, task: Task, other: Input, measure: Measure, pair: str = ""
) -> Difference | None:
    wanted = (task, PHONEME, other, measure, "", {*pair.split("-")})
    for item in record.differences:
        languages = {*item.pair.split("-")}  # in either order
        if (item.task, item.first, item.second, item.measure, item.without, languages) == wanted:
            return item
    return None
