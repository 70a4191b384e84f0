"""Intervals: a range around a value, and how it was made."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm, t

from isogloss.errors import InvalidInput


@dataclass(frozen=True)
class Interval:
    """`method` says how it was made: "delta", "jackknife", "bootstrap", …; `level` is the coverage it aims
    at."""

    low: float
    high: float
    level: float
    method: str


def check_level(level: float) -> float:
    """Coverage between 0.5 and 1."""
    if not 0.5 <= level < 1:
        raise InvalidInput(
            "resampling.level", f"{level:g} is not in 0.5 to 1", "Send 0.95 for a 95 % interval."
        )
    return level


def normal_interval(
    value: float, standard_error: float, level: float, method: str, freedom: int = 0
) -> Interval:
    """value ± quantile × standard error; Student's t with `freedom` degrees, or the normal at 0."""
    tail = (1 + check_level(level)) / 2
    quantile = float(t.ppf(tail, freedom) if freedom else norm.ppf(tail))
    return Interval(value - quantile * standard_error, value + quantile * standard_error, level, method)


def percentile_interval(replicates: ArrayLike, level: float, method: str) -> Interval:
    """The middle `level` of the replicates [B]."""
    tail = (1 - check_level(level)) / 2
    low, high = np.quantile(np.asarray(replicates, dtype=np.float64), [tail, 1 - tail])
    return Interval(float(low), float(high), level, method)


def folded_interval(signed: ArrayLike, level: float, method: str) -> Interval:
    """Of an absolute difference, from replicates of the signed one: 0 lies inside if the sign is in doubt."""
    middle = percentile_interval(signed, level, method)
    ends = sorted((abs(middle.low), abs(middle.high)))
    return Interval(0.0 if middle.low < 0 < middle.high else ends[0], ends[1], level, method)


def spread(replicates: ArrayLike, level: float, what: str) -> Interval:
    """The middle `level` of the replicates as a description: level 0, since it claims no coverage."""
    middle = percentile_interval(replicates, level, what)
    return Interval(middle.low, middle.high, 0.0, f"middle {level:.0%} of {what}")
