"""What a run says of the claims that were stated before it.

Each outcome follows from the difference of the two inputs, its interval, and the claim's own rules:

- *uninformative*: the design is less than the claim needs, or neither of the following can be told; it says
  what it would take;
- *practically equal*: the difference is surely smaller than what matters;
- *holds*, *fails*: it is surely on the claimed side of zero, or on the other;
- *n/a*: there is no such difference in this run.

"Surely" is one family with one correction: every claim enters once, with the smaller p-value of the two
questions (is it zero? is it as large as what matters?), and Holm's method spends the level over all of
them. Of the two nulls at most one is true: a claim comes out wrongly no oftener than its share allows.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from report.paper import printed
from report.record import MEASURES, Claim, Measure, Number, RunRecord
from report.seeds import Noise, noise
from report.student import rising

Outcome = Literal["holds", "fails", "practically equal", "uninformative", "n/a"]
OUTCOMES: dict[Outcome, str] = {
    "holds": "surely on the claimed side of zero",
    "fails": "surely on the other side of zero",
    "practically equal": "surely smaller than what matters",
    "uninformative": "this run cannot tell; what it would take stands beside it",
    "n/a": "no such difference in this run",
}

POWER = 0.8  # with which a run that could tell would tell
_SIDES: tuple[Literal["low", "high"], ...] = ("low", "high")
_MOST_SEEDS, _MOST_TIMES = 1_000, 1e6  # that are thought of


@dataclass(frozen=True)
class Judged:
    """A claim with its outcome. `sides`: the figures of the other input and of the claimed one; `paper`: the
    same as printed. `p`: Holm's; `takes`: what it would take to tell, in words; `detectable`: the smallest
    difference that this run finds four times in five, at the level that the first claim of the family has.
    """

    claim: Claim
    outcome: Outcome
    sides: tuple[Number | None, Number | None]
    paper: tuple[float | None, float | None]
    difference: Number | None
    p: float | None
    takes: str
    detectable: float | None = None

    @property
    def measure(self) -> Measure:
        """What is compared."""
        return MEASURES[self.claim.measure]

    @property
    def toward(self) -> int:
        """1 where the claim has the difference above zero, -1 where below."""
        return 1 if self.claim.direction == "higher" else -1


@dataclass(frozen=True)
class _Evidence:
    """Two-sided p-values of a difference being zero, and of its being as large as what matters."""

    zero: float
    large: float

    @property
    def smaller(self) -> float:
        return min(self.zero, self.large)


def judge_claims(record: RunRecord) -> list[Judged]:
    """Every claim of the record's rules with its outcome, in their order."""
    claims = record.rules.claims if record.rules else ()
    differences = [_find(record, claim, claim.input, claim.less) for claim in claims]
    lacking = [_lacking(record, claim) for claim in claims]
    evidence = [
        None if lacks or not number else _evidence(number, claim.matters)
        for claim, number, lacks in zip(claims, differences, lacking, strict=True)
    ]
    level = record.rules.level if record.rules else 0.0
    adjusted = holm([item.smaller if item else None for item in evidence])
    return [
        _judged(record, claim, number, lacks, item, p, level)
        for claim, number, lacks, item, p in zip(
            claims, differences, lacking, evidence, adjusted, strict=True
        )
    ]


def count_outcomes(judged: Iterable[Judged]) -> dict[Outcome, int]:
    """How many claims have each outcome, also those that none has."""
    outcomes = [item.outcome for item in judged]
    return {outcome: outcomes.count(outcome) for outcome in OUTCOMES}


def holm(values: Sequence[float | None]) -> list[float | None]:
    """Holm's p-values of those that there are, in their order."""
    order = sorted((value, place) for place, value in enumerate(values) if value is not None)
    adjusted: list[float | None] = [None] * len(values)
    highest = 0.0
    for done, (value, place) in enumerate(order):
        highest = max(highest, min(1.0, value * (len(order) - done)))
        adjusted[place] = highest
    return adjusted


def _find(record: RunRecord, claim: Claim, model_input: str, less: str = "") -> Number | None:
    number = record.find(claim.measure, claim.languages, task=claim.task, input=model_input, less=less)
    return number if number and number.value is not None else None


def _evidence(number: Number, matters: float) -> _Evidence | None:
    low, high = noise(number, "low"), noise(number, "high")
    if number.value is None or low is None or high is None:
        return None
    value = number.value
    zero = (low if value > 0 else high).p(abs(value))
    return _Evidence(zero, max(high.p(matters - value), low.p(matters + value)))


def _judged(
    record: RunRecord,
    claim: Claim,
    difference: Number | None,
    lacks: str,
    evidence: _Evidence | None,
    p: float | None,
    level: float,
) -> Judged:
    outcome: Outcome = "uninformative"
    takes = lacks
    if difference is None:
        outcome = "n/a"
    elif evidence is not None and p is not None and p <= level:
        share = level * evidence.smaller / p if p else level  # what Holm left for this claim
        higher = (difference.value or 0.0) > 0
        if evidence.large <= share:
            outcome = "practically equal"
        else:
            outcome = "holds" if higher == (claim.direction == "higher") else "fails"
    elif not lacks:
        takes = _more(record, claim, difference)
    codes = claim.languages
    language = next((code for code in codes if code != "eng"), "")
    figures = [printed(claim.task, name, claim.measure, language) for name in (claim.less, claim.input)]
    return Judged(
        claim,
        outcome,
        (_find(record, claim, claim.less), _find(record, claim, claim.input)),
        (figures[0], figures[1]) if record.beside_paper else (None, None),
        difference,
        p,
        takes if outcome == "uninformative" else "",
        None if difference is None or (of := _noise(difference)) is None else of.detectable(*_test(record)),
    )


def _scores(record: RunRecord, claim: Claim) -> list[Number]:
    return [
        number
        for number in record.select("score", task=claim.task)
        if number.value is not None
        and number.input in (claim.input, claim.less)
        and (not claim.languages or number.languages[0] in claim.languages)
    ]


def _lacking(record: RunRecord, claim: Claim) -> str:
    """What the run's design is less than the claim needs; empty where it is enough."""
    scores = _scores(record, claim)
    if not scores:
        return ""
    items = [number.n for number in scores if number.n is not None]
    differences = filter(None, [_find(record, claim, claim.input, claim.less)])
    has = {
        "seeds": min(number.seeds for number in (*scores, *differences)),
        "languages": len({number.languages for number in scores}),
        "items": min(items) if items else 0,
    }
    lacking = [
        f"{getattr(claim.needs, name):,} {name} (this run has {count:,})"
        for name, count in has.items()
        if count < getattr(claim.needs, name)
    ]
    return "It would take " + ", ".join(lacking) if lacking else ""


def _test(record: RunRecord) -> tuple[float, float]:
    """Level and power of the test that the first claim of the family gets (Holm)."""
    family = len(record.rules.claims) if record.rules else 1
    return (record.rules.level if record.rules else 0.05) / max(1, family), POWER


def _noise(difference: Number) -> Noise | None:
    """Of the noisier side."""
    sides = [item for side in _SIDES if (item := noise(difference, side))]
    return max(sides, key=lambda item: item.items) if sides else None


def _more(record: RunRecord, claim: Claim, difference: Number) -> str:
    """How many items, seeds, or both would tell a difference that matters."""
    of = _noise(difference)
    if of is None:
        return "It would take an interval of the difference: this run has none"
    scatter, seeds = difference.seed_std or 0.0, difference.seeds

    def short(times: float, count: float) -> float:
        """What so many times the items and so many seeds find, less what matters."""
        made = Noise(of.items / math.sqrt(times), scatter / math.sqrt(count), count - 1 or math.inf)
        return made.detectable(*_test(record)) - claim.matters

    if short(1, seeds) <= 0:
        return "The difference is close to what matters: it would take more languages, or more seeds"
    items = _least(lambda times: short(times, seeds), 1, _MOST_TIMES)
    more = _least(lambda count: short(1, count), seeds, _MOST_SEEDS) if scatter else None
    ways = [_items(record, claim, difference, items), _seeds(more, seeds)]
    if any(ways):
        return f"It would take {', or '.join(filter(None, ways))}"
    # Neither alone: so many seeds that their noise takes half of the room, and items for the rest.
    more = _least(lambda count: short(_MOST_TIMES, count) + 0.3 * claim.matters, seeds, _MOST_SEEDS)
    items = _least(lambda times: short(times, more or _MOST_SEEDS), 1, _MOST_TIMES)
    ways = [_seeds(more, seeds), _items(record, claim, difference, items)]
    return f"It would take {' and '.join(ways)}" if all(ways) else "No number of seeds and items would tell"


def _least(short: Callable[[float], float], start: float, most: float) -> float | None:
    """The least at which nothing is short; None where the most is not enough."""
    return None if short(most) > 0 else start + rising(lambda more: -short(start + more), 0.0)


def _items(record: RunRecord, claim: Claim, difference: Number, times: float | None) -> str:
    if times is None:
        return ""
    counts = [number.n for number in _scores(record, claim) if number.n is not None]
    of_sentences = claim.measure.startswith(("cka", "mean_cka"))
    own = difference.n if of_sentences else min(counts, default=None)
    what = "sentences" if of_sentences else "items"
    of = f" ({_round(times * own):,} instead of {own:,})" if own else ""
    return f"about {_round(times):,} times as many {what}{of}"


def _seeds(count: float | None, now: int) -> str:
    return "" if count is None else f"about {math.ceil(count - 1e-6)} seeds instead of {now}"


def _round(value: float) -> int:
    """Two digits: more would claim to be known."""
    digits = max(0, math.floor(math.log10(value)) - 1)
    return int(round(value / 10**digits) * 10**digits) or 1
