"""Is one model type's gap smaller than another's? A paired permutation test over the languages."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from isogloss.errors import InvalidInput
from isogloss.metrics.engine.checks import Floats, check_scores
from isogloss.metrics.engine.gap import relative_differences, standard_deviation

EXACT_MAX_LANGUAGES = 14
"""All 2^n exchanges are tried up to here: 16,384."""


@dataclass(frozen=True)
class Difference:
    """Gap of the first less gap of the second: `std` of scores as fractions, `mean_rpd` in percent."""

    std: float
    mean_rpd: float


@dataclass(frozen=True)
class GapComparison:
    """Two-sided p-values; `exact` when all exchanges were tried. `without[l]` lacks language l.

    `rpd`: of each pair, as `itertools.combinations`.
    """

    difference: Difference
    rpd: tuple[float, ...]
    std_p_value: float
    mean_rpd_p_value: float
    permutations: int
    exact: bool
    without: tuple[Difference, ...]


def compare_gaps(
    languages: Sequence[str],
    first: Sequence[float],
    second: Sequence[float],
    *,
    ddof: int,
    permutations: int,
    seed: int,
) -> GapComparison:
    """Under the null the two inputs are interchangeable within each language.

    `first` and `second` are percentages, one per language. All 2^n exchanges up to `EXACT_MAX_LANGUAGES`,
    else `permutations` drawn ones.
    """
    a = check_scores(languages, first, "first")
    b = check_scores(languages, second, "second")
    observed = _differences(a, b, ddof)
    exact = len(languages) <= EXACT_MAX_LANGUAGES
    if not exact and permutations < 1:
        fix = (
            f"With more than {EXACT_MAX_LANGUAGES} languages send how many exchanges to draw, such as 10,000."
        )
        raise InvalidInput("resampling.permutations", "0", fix)
    exchanged = _all_exchanges(len(a)) if exact else _drawn_exchanges(len(a), permutations, seed)
    null = _differences(np.where(exchanged, b, a), np.where(exchanged, a, b), ddof)
    counted = 0 if exact else 1  # the observed order is one of all exchanges, but not of the drawn ones
    p = [
        float((counted + np.sum(np.abs(drawn) >= abs(value) - 1e-12)) / (counted + len(exchanged)))
        for value, drawn in zip(observed, null, strict=True)
    ]
    kept = [np.delete(np.arange(len(a)), index) for index in range(len(a))] if len(a) > 2 else []
    without = tuple(Difference(*map(float, _differences(a[rest], b[rest], ddof))) for rest in kept)
    rpd = tuple(float(value) for value in relative_differences(a) - relative_differences(b))
    return GapComparison(Difference(*map(float, observed)), rpd, p[0], p[1], len(exchanged), exact, without)


def _differences(a: Floats, b: Floats, ddof: int) -> tuple[Floats, Floats]:
    """Of std and of mean RPD, [..., L] → [...] each."""
    std = standard_deviation(a, ddof) - standard_deviation(b, ddof)
    return std, relative_differences(a).mean(axis=-1) - relative_differences(b).mean(axis=-1)


def _all_exchanges(languages: int) -> np.ndarray:
    return (np.arange(2**languages)[:, None] >> np.arange(languages) & 1).astype(bool)


def _drawn_exchanges(languages: int, permutations: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random((permutations, languages)) < 0.5
