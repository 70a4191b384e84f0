"""Student's t without scipy, which the flow's image does not have: its two-sided tail and its quantile.

The tail is the regularized incomplete beta function, by Lentz's continued fraction (DLMF 8.17.22). Degrees of
freedom need not be whole; infinity is the normal.
"""

import math
from collections.abc import Callable
from functools import lru_cache
from statistics import NormalDist

_NORMAL = NormalDist()
_TERMS = 500  # of the continued fraction; a tenth is enough up to a thousand degrees of freedom
_NORMAL_FROM = 1e5  # degrees of freedom
_HALVINGS = 60
_FAR = 1e15


def two_sided(t: float, freedom: float = math.inf) -> float:
    """P(|T| ≥ |t|)."""
    if freedom >= _NORMAL_FROM:
        return 2.0 * _NORMAL.cdf(-abs(t))
    if math.isinf(t):
        return 0.0
    return _beta(freedom / (freedom + t * t), freedom / 2, 0.5)


@lru_cache(maxsize=1024)
def quantile(tail: float, freedom: float = math.inf) -> float:
    """The t > 0 that |T| exceeds with probability `tail`, above 0 and at most 1."""
    if freedom >= _NORMAL_FROM:
        return -_NORMAL.inv_cdf(tail / 2)
    return rising(lambda t: -two_sided(t, freedom), -tail)


def rising(function: Callable[[float], float], value: float) -> float:
    """The smallest x ≥ 0 at which a function that rises reaches a value, to the last digits."""
    low, high = 0.0, 2.0
    while function(high) < value and high < _FAR:
        low, high = high, 2 * high
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) < value else (low, middle)
    return high


def _beta(x: float, a: float, b: float) -> float:
    """I_x(a, b)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):  # where the fraction converges slowly
        return 1.0 - _beta(1 - x, b, a)
    logarithm = a * math.log(x) + b * math.log1p(-x)
    logarithm += math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    value, c, d = 1.0, 1.0, 0.0
    for step in range(_TERMS):
        half = step // 2
        if step == 0:
            numerator = 1.0
        elif step % 2 == 0:
            numerator = half * (b - half) * x / ((a + step - 1) * (a + step))
        else:
            numerator = -(a + half) * (a + b + half) * x / ((a + step - 1) * (a + step))
        d = 1.0 / (1.0 + numerator * d)
        c = 1.0 + numerator / c
        value *= c * d
        if abs(c * d - 1.0) < 1e-13:
            break
    return math.exp(logarithm) * (value - 1.0) / a
