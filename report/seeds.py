"""Several seeds' figures of one thing as one number: their mean, how they scatter, how far it can be trusted.

Two kinds of noise lie in such a mean. The items were drawn once for all seeds: averaging does not lessen
their noise, so the mean square of the seeds' own errors over items stands for it. The seed was drawn anew:
its error is the seeds' standard deviation by √k, known from k - 1 degrees of freedom. The half-widths of both
add as squares, each at the level that is asked for: never less cover than it says, and up to a third wider
than it need be at three seeds. Satterthwaite's approximation would be narrower, and errs five times too often
at the level that Holm's correction leaves (docs/decisions.md).
"""

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from report.record import MEASURES, Interval, Number, OfSeed
from report.student import quantile, rising, two_sided

Side = Literal["low", "high"]


@dataclass(frozen=True)
class Noise:
    """Standard errors of a number on one side: over items, and over seeds with so many degrees of freedom."""

    items: float
    seeds: float = 0.0
    freedom: float = math.inf

    def half(self, level: float) -> float:
        """How far an interval of this level reaches."""
        return self._half(1 - level, quantile(1 - level, self.freedom) if self.seeds else 0.0)

    def p(self, distance: float) -> float:
        """Two-sided p of a null that lies so far off: of the level at which the interval would reach it."""
        if distance <= 0:
            return 1.0
        if not self.seeds:
            return two_sided(distance / self.items) if self.items else 0.0
        reach = rising(lambda t: self._half(two_sided(t, self.freedom), t), distance)
        return two_sided(reach, self.freedom)

    def detectable(self, level: float, power: float) -> float:
        """The smallest difference from zero that a two-sided test at `level` finds with this power."""
        return self.half(1 - level) + quantile(2 * (1 - power)) * math.hypot(self.items, self.seeds)

    def _half(self, tail: float, t: float) -> float:
        of_items = quantile(max(tail, _LEAST)) * self.items if self.items else 0.0
        return math.hypot(of_items, t * self.seeds)


_LEAST = 1e-300  # a tail below which the normal's quantile has no digits


def noise(number: Number, side: Side) -> Noise | None:
    """What an interval of a number stands for on one side; None without an interval that claims coverage."""
    return _noise(number, side) if number.interval and number.interval.level else None


def over_seeds(numbers: Sequence[tuple[int, Number]]) -> Number:
    """One number of each seed's, all of one place; a seed without a value is named in the note.

    p: the largest of the seeds', which is right however they depend. Raises `ValueError` where a seed stands
    twice.
    """
    if len({seed for seed, _ in numbers}) < len(numbers):
        raise ValueError(f"seeds: {numbers[0][1].measure} is given twice for one of them")
    if len(numbers) == 1:
        return numbers[0][1]
    there = [(seed, number) for seed, number in numbers if number.value is not None]
    lost = [f"seed {seed}: {number.reason}" for seed, number in numbers if number.value is None]
    if not there:
        return numbers[0][1]
    first = there[0][1]
    note = ". ".join(filter(None, (_shared(number.note for _, number in there), *lost)))
    if len(there) == 1:
        return replace(first, note=note)
    values = [number.value or 0.0 for _, number in there]
    mean = replace(
        first,
        value=statistics.fmean(values),
        interval=None,
        seeds=len(there),
        seed_std=statistics.stdev(values),
        by_seed=tuple(
            OfSeed(seed, number.value or 0.0, number.manifest, _claimed(number.interval))
            for seed, number in there
        ),
        p=max((number.p for _, number in there if number.p is not None), default=None),
        n=min((number.n for _, number in there if number.n is not None), default=None),
        note=note,
    )
    return replace(mean, interval=_interval(mean, [number.interval for _, number in there]))


def _interval(mean: Number, own: Sequence[Interval | None]) -> Interval | None:
    """Of items and seeds; of seeds alone where nothing varies over items; a spread stays one."""
    intervals = [item for item in own if item]
    if intervals and len(intervals) < len(own):
        return None
    level = intervals[0].level if intervals else Interval(0, 0).level
    if not level:
        low, high = (statistics.fmean(getattr(item, end) for item in intervals) for end in ("low", "high"))
        return Interval(low, high, 0, intervals[0].method)
    value, measure = mean.value or 0.0, MEASURES[mean.measure]
    low, high = _noise(mean, "low").half(level), _noise(mean, "high").half(level)
    least, most = (-math.inf, math.inf) if mean.less else (measure.least, measure.most)
    over = f"Student's t over {mean.seeds} seeds"
    method = f"{intervals[0].method}, and {over}" if intervals else f"{over}, for these items"
    return Interval(min(max(value - low, least), value), max(min(value + high, most), value), level, method)


def _noise(number: Number, side: Side) -> Noise:
    own = number.by_seed or (number,)
    errors = [_error(item.interval, item.value or 0.0, side) for item in own if item.interval]
    items = math.sqrt(sum(error**2 for error in errors) / len(errors)) if errors else 0.0
    if number.seed_std is None or number.seeds < 2:
        return Noise(items)
    return Noise(items, number.seed_std / math.sqrt(number.seeds), number.seeds - 1)


def _claimed(interval: Interval | None) -> Interval | None:
    """A spread that claims no coverage is none of a seed's own."""
    return interval if interval and interval.level else None


def _error(interval: Interval, value: float, side: Side) -> float:
    """The standard error that the half of an interval on one side of its value stands for."""
    half = value - interval.low if side == "low" else interval.high - value
    return max(half, 0.0) / quantile(1 - interval.level)


def _shared(notes: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(filter(None, notes)))
