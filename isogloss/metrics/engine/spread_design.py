"""What a design could find at all of a ratio of two spreads over languages: power and smallest difference."""

import numpy as np
from scipy import stats
from scipy.optimize import brentq

MATTERS = 0.9
"""Ratio of spreads that is the smallest that matters."""

POWER = 0.8
_WIDEST = 5.0  # log ratio


def spread_power(
    ratio: float, languages: int, correlation: float, noise: float = 0.0, level: float = 0.95
) -> float:
    """Chance that Pitman's and Morgan's test finds a ratio of standard deviations, by Fisher's z.

    `correlation` of the two inputs' effects of language, `noise` of items and seeds as a share of the second
    input's variance over languages. At least four languages.
    """
    first, second = ratio**2 + noise, 1 + noise
    both = np.sqrt((first + second) ** 2 - 4 * (correlation * ratio) ** 2)
    z = np.arctanh(np.clip((first - second) / both, -1 + 1e-12, 1 - 1e-12)) * np.sqrt(languages - 3)
    t = stats.t.ppf((1 + level) / 2, languages - 2)
    critical = np.arctanh(t / np.sqrt(languages - 2 + t**2)) * np.sqrt(languages - 3)
    return float(stats.norm.cdf(z - critical) + stats.norm.cdf(-z - critical))


def detectable_ratio(languages: int, correlation: float, noise: float = 0.0, power: float = POWER) -> float:
    """The ratio nearest to 1, below it, that is found with this power at level .05; e⁻⁵ where none is."""

    def missing(log_ratio: float) -> float:
        return spread_power(float(np.exp(-log_ratio)), languages, correlation, noise) - power

    if missing(_WIDEST) < 0:
        return float(np.exp(-_WIDEST))
    return float(np.exp(-brentq(missing, 1e-6, _WIDEST, xtol=1e-6)))
