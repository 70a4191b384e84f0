"""Performance gap: how unequal the scores of one model type are across languages (section 3.3, Tables 1 and
2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from isogloss.errors import InvalidInput
from isogloss.metrics.engine.checks import Floats, check_scores


@dataclass(frozen=True)
class PairGap:
    """The gap between two languages: `rpd` in percent (equation 1), `absolute` in points."""

    first: str
    second: str
    rpd: float
    absolute: float


@dataclass(frozen=True)
class PerformanceGap:
    """`std` is of scores as fractions, as Table 1 prints it (0.0316); `mean_rpd` is in percent."""

    std: float
    mean_rpd: float
    pairs: tuple[PairGap, ...]


def performance_gap(languages: Sequence[str], scores: Sequence[float] | Floats, ddof: int) -> PerformanceGap:
    """All gaps between the languages' scores.

    `scores` are percentages, one per language. `ddof` 1 gives the sample standard deviation, 0 the
    population's: three of the paper's four are ddof 1, one is ddof 0, so it has no default.
    """
    values = check_scores(languages, scores, "scores")
    rpds = relative_differences(values)
    named = list(zip(languages, values, strict=True))
    pairs = tuple(
        PairGap(first, second, float(rpd), float(abs(a - b)))
        for ((first, a), (second, b)), rpd in zip(combinations(named, 2), rpds, strict=True)
    )
    return PerformanceGap(float(standard_deviation(values, ddof)), float(rpds.mean()), pairs)


def relative_differences(scores: Floats) -> Floats:
    """Equation 1 for all pairs, |a - b| / ((a + b) / 2) × 100: [..., n] scores → [..., n(n-1)/2] percent."""
    return np.abs(signed_relative_differences(scores))


def signed_relative_differences(scores: Floats) -> Floats:
    """The same with the sign of a - b. Two zeros do not differ: redrawn items can leave two of them."""
    first, second = np.triu_indices(scores.shape[-1], k=1)
    a, b = scores[..., first], scores[..., second]
    middle = (a + b) / 2
    return np.asarray((a - b) / np.where(middle > 0, middle, 1) * 100)


def standard_deviation(scores: Floats, ddof: int) -> Floats:
    """Standard deviation of percentages, as a fraction: [..., n] → [...]."""
    if ddof not in (0, 1):
        raise InvalidInput(
            "ddof", f"{ddof}", "Send 1 (sample, what the paper mostly prints) or 0 (population)."
        )
    return np.asarray(scores.std(axis=-1, ddof=ddof) / 100)


@dataclass(frozen=True)
class WithoutLanguage:
    """The gap when one language is left out: what hangs on that language alone."""

    language: str
    std: float
    mean_rpd: float


def leave_one_out(
    languages: Sequence[str], scores: Sequence[float] | Floats, ddof: int
) -> list[WithoutLanguage]:
    """The gap without each language in turn; empty for two languages, which leave no gap behind."""
    values = check_scores(languages, scores, "scores")
    if len(languages) < 3:
        return []
    kept = [np.asarray(rest) for rest in combinations(values, len(values) - 1)][
        ::-1
    ]  # [i] is without language i
    return [
        WithoutLanguage(
            language, float(standard_deviation(rest, ddof)), float(relative_differences(rest).mean())
        )
        for language, rest in zip(languages, kept, strict=True)
    ]
