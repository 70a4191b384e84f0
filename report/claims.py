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

from report.panel import LENGTH_OUT
from report.paper import printed
from report.record import MEASURES, Measure, Number, RunRecord

Outcome = Literal["holds here", "undecided", "fails here", "not run"]
PHONEME = "phoneme"


@dataclass(frozen=True)
class Claim:
    """Phonemes against another input: `ours` and `paper` are (the other's, the phonemes').

    `expected`: 1 where the paper has the phonemes' figure higher, -1 where lower. `control`: not a claim of
    the paper but what its claim must survive.
    """

    text: str
    measure: Measure
    expected: int
    ours: tuple[Number | None, Number | None]
    paper: tuple[float | None, float | None]
    difference: Number | None
    control: bool = False

    @property
    def outcome(self) -> Outcome:
        """By the rule above."""
        if not all(side and side.value is not None for side in self.ours):
            return "not run"
        bounds = self.difference and self.difference.interval
        if not bounds or bounds.low <= 0 <= bounds.high:
            return "undecided"
        return "holds here" if (bounds.low > 0) == (self.expected > 0) else "fails here"


def claims(record: RunRecord) -> list[Claim]:
    """The paper's claims in its order, each claim about CKA followed by its control."""
    if not record.beside_paper:
        return []
    claimed = []
    for task in ("ner", "pos"):
        text = f"{task.upper()}: mean RPD is lower than by characters"
        claimed.append(_claim(record, text, task, "character", "mean_rpd", -1))
    for task in ("ner", "pos"):
        text = f"{task.upper()}: mean CKA is higher than by characters"
        claimed.append(_claim(record, text, task, "character", "mean_cka", 1))
        text = f"{task.upper()}: the same, {LENGTH_OUT}"
        claimed.append(_claim(record, text, task, "character", "mean_cka_residual", 1, control=True))
    for code, name in (("swa", "Swahili"), ("urd", "Urdu")):
        text = f"XNLI: {name}'s gap from English (RPD) is lower than by subwords"
        claimed.append(_claim(record, text, "xnli", "subword", "rpd", -1, code))
    return claimed


def count_outcomes(claimed: Iterable[Claim]) -> dict[Outcome, int]:
    """How many claims have each outcome, also those that none has."""
    order: tuple[Outcome, ...] = ("holds here", "undecided", "fails here", "not run")
    outcomes = [claim.outcome for claim in claimed]
    return {outcome: outcomes.count(outcome) for outcome in order}


def _claim(
    record: RunRecord,
    text: str,
    task: str,
    other: str,
    measure: str,
    expected: int,
    language: str = "",
    control: bool = False,
) -> Claim:
    pair = ("eng", language) if language else ()
    return Claim(
        text,
        MEASURES[measure],
        expected,
        (
            record.find(measure, pair, task=task, input=other),
            record.find(measure, pair, task=task, input=PHONEME),
        ),
        (printed(task, other, measure, language), printed(task, PHONEME, measure, language)),
        record.find(measure, pair, task=task, input=PHONEME, less=other),
        control,
    )
