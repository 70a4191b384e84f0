"""Intervals of a spread (Std., mean RPD) of languages' scores that are known with noise.

Noise adds to a spread, and the more so the closer the languages lie: bootstrap intervals miss it near ties,
or, spanned to be safe, collapse to 0. Here the interval is a test turned around. The languages are moved
along one line, all equal at t = 0 and as observed at t = 1; at each t the noise of the items, as the
bootstrap gives it, says which spreads could be observed. The interval holds the spreads of those t under
which the one that was observed is not extreme. At equality the test is one-sided (a spread has no other
side), and goes over into equal tails with growing t.

Where equality is rejected, the line is one of several that would do, and the basic bootstrap on the natural
scale is as good an answer: then the lower of the two lows is taken, and the middle of the highs. What that
covers is in docs/metrics.md.
"""

import math
from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq

from isogloss.metrics.engine.checks import Floats
from isogloss.metrics.engine.intervals import Interval, check_level

Measure = Callable[[Floats], Floats]
"""[..., L] scores → [...] spread: 0 for equal scores, growing as they move apart."""

MAX_DRAWS = 4_000
"""Draws of noise that are used: tails of 2.5 % are then known within .25 %."""

_PRECISION = 1e-3  # of t, in units of where it is looked for


class Spread:
    """A measure of scores [L] under noise [B, L], the bootstrap's draws less their mean."""

    def __init__(self, scores: Floats, noise: Floats, measure: Measure) -> None:
        self._measure = measure
        self._noise = noise[:MAX_DRAWS]
        self._center, self._apart = scores.mean(), scores - scores.mean()
        if np.abs(self._apart).max() < 1e-9 * max(1.0, abs(self._center)):
            self._apart = np.linspace(-1.0, 1.0, len(scores))  # any line: it hardly matters which
            self.observed = 0.0
        else:
            self.observed = float(measure(scores))
        self._equal = float("nan")

    def at(self, t: float) -> float:
        """The measure of the scores moved to t, without noise."""
        return float(self._measure(self._center + t * self._apart))

    def drawn(self, t: float) -> Floats:
        """What could be observed there: [B]."""
        return self._measure(self._center + t * self._apart + self._noise)

    def interval(self, level: float, method: str) -> Interval:
        """All spreads under which the observed one is not extreme."""
        check_level(level)
        if np.ptp(self._noise, axis=0).max() == 0:
            return Interval(self.observed, self.observed, level, method)
        self._equal = _quantile(self.drawn(0.0), level)
        if self.observed == self._equal == 0:
            return Interval(0.0, 0.0, level, method)
        high = self.at(self._cross(lambda t: self._tail(t, level, upper=False)))
        if self.observed <= self._equal:
            return Interval(0.0, high, level, method)
        low = self.at(self._cross(lambda t: self._tail(t, level, upper=True)))
        tail, drawn = (1 - level) / 2, self.drawn(1.0)
        low = max(0.0, min(low, 2 * self.observed - _quantile(drawn, 1 - tail)))
        high = (high + 2 * self.observed - _quantile(drawn, tail)) / 2
        return Interval(low, max(low, high), level, method)

    def median_unbiased(self) -> float:
        """The t under which half of what could be observed is above what was."""
        if self.observed <= _quantile(self.drawn(0.0), 0.5):
            return 0.0
        return self._cross(lambda t: _quantile(self.drawn(t), 0.5))

    def _tail(self, t: float, level: float, *, upper: bool) -> float:
        away = min(1.0, self.at(t) / self._equal) if self._equal > 0 else 1.0  # 0: noise that all share
        below = (1 - level) / 2 * away
        return _quantile(self.drawn(t), level + below if upper else below)

    def _cross(self, rising: Callable[[float], float]) -> float:
        """The t at which a growing function of it reaches what was observed."""
        low, high = 0.0, 1.0
        while rising(high) < self.observed and high < 1e6:
            low, high = high, 2 * high
        if rising(low) >= self.observed:
            return low
        return float(brentq(lambda t: rising(t) - self.observed, low, high, xtol=_PRECISION * high))


def _quantile(values: Floats, share: float) -> float:
    """As np.quantile of [B], in a tenth of its time."""
    place = share * (len(values) - 1)
    low = int(place)
    high = min(low + 1, len(values) - 1)
    near = np.partition(values, (low, high))
    return float(near[low] + (place - low) * (near[high] - near[low]))


def difference_interval(first: Spread, second: Spread, level: float, method: str) -> Interval:
    """Of the first spread less the second, whose noise was drawn together.

    MOVER: of the two intervals each side's distances from the median-unbiased spreads, added as squares less
    what the noise shares (Zou 2007, Psychological Methods 12, 399 to 413). The intervals know that a spread
    near ties is mostly noise; draws of the difference around it do not, and find differences that are none:
    two equal models of three languages within a point differed in a fifth of worlds, where .05 was meant.
    """
    a, b = first.interval(level, method), second.interval(level, method)
    here, there = _within(a, first), _within(b, second)
    errors = np.vstack([first.drawn(1.0), second.drawn(1.0)])
    if (errors[0] == errors[1]).all():  # no item tells the inputs apart
        return Interval(0.0, 0.0, level, method)
    shared = float(np.corrcoef(errors)[0, 1]) if np.ptp(errors, axis=1).min() > 0 else 0.0

    def joined(own: float, other: float) -> float:
        return math.sqrt(max(0.0, own**2 + other**2 - 2 * shared * own * other))

    low = here - there - joined(here - a.low, b.high - there)
    high = here - there + joined(a.high - here, there - b.low)
    return Interval(low, high, level, method)


def _within(interval: Interval, spread: Spread) -> float:
    """The median-unbiased spread, which the interval holds but for the grain of the draws."""
    return min(max(spread.at(spread.median_unbiased()), interval.low), interval.high)
