"""Would an input narrow the gap over *other* languages, too? The ratio of two spreads, from paired languages.

Languages are taken as drawn from many, and a language's scores by two inputs as bivariate normal on the logit
scale. The endpoint is log(σ of the first / σ of the second). Its test is Pitman's and Morgan's (1939): two
variances are equal when sum and difference do not correlate; its interval is that test turned around, exact
for normal effects. Unlike the exchange of inputs within languages, it can reject with few languages, and a
difference in level between the inputs costs it no power.

Noise of items and seeds is in both spreads: it draws their ratio towards 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from isogloss.metrics.engine.checks import Floats, check_scores
from isogloss.metrics.engine.intervals import Interval

MATTERS = 0.9
"""Ratio of spreads that is the smallest that matters."""

POWER = 0.8


@dataclass(frozen=True)
class SpreadRatio:
    """`log_ratio` > 0: the first input's languages lie further apart. `p_value` two-sided.

    `power` to find a ratio of `MATTERS` at level .05, and `detectable_ratio`, below 1: the ratio that these
    many languages would show with a power of .8. Both at the correlation of the two inputs that was seen.
    """

    languages: int
    log_ratio: float
    interval: Interval
    p_value: float
    correlation: float
    power: float
    detectable_ratio: float


def spread_ratio(
    languages: Sequence[str], first: Sequence[float], second: Sequence[float], level: float
) -> SpreadRatio | None:
    """Of percentages, one per language; None below four languages, and where no spread is left to compare."""
    a, b = (_logit(check_scores(languages, scores, "scores")) for scores in (first, second))
    n = len(a)
    if n < 4 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return None
    r = float(np.corrcoef(a, b)[0, 1])
    if abs(r) > 1 - 1e-9:
        return None
    log_ratio = float(np.log(a.std() / b.std()))
    alike = float(np.corrcoef(a + b, a - b)[0, 1])
    p = float(2 * stats.t.sf(abs(alike) * np.sqrt((n - 2) / (1 - alike**2)), n - 2))
    quantile = float(stats.t.ppf((1 + level) / 2, n - 2))
    k = 1 + 2 * (1 - r**2) * quantile**2 / (n - 2)
    half = 0.5 * float(np.log(k + np.sqrt(k**2 - 1)))
    error = float(np.sqrt((1 - r**2) / (n - 2)))
    z, wanted = stats.norm.ppf(0.975), -np.log(MATTERS)
    power = float(stats.norm.sf(z - wanted / error) + stats.norm.cdf(-z - wanted / error))
    detectable = float(np.exp(-(z + stats.norm.ppf(POWER)) * error))
    interval = Interval(log_ratio - half, log_ratio + half, level, "Pitman and Morgan's test, inverted")
    return SpreadRatio(n, log_ratio, interval, p, r, power, detectable)


def _logit(scores: Floats) -> Floats:
    """Of percentages; 0 and 100 count as .05 and 99.95."""
    share = np.clip(scores / 100, 5e-4, 1 - 5e-4)
    return np.asarray(np.log(share / (1 - share)))
