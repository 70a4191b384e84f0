"""Does one model type find the languages more alike than another? The mean CKAs of two, compared."""

from dataclasses import dataclass

from isogloss.errors import InvalidInput
from isogloss.metrics.engine.cka_jackknife import jackknife_error
from isogloss.metrics.engine.intervals import Interval, normal_interval
from isogloss.metrics.engine.linguistic_gap import Estimates, LinguisticGap


@dataclass(frozen=True)
class Difference:
    """Mean CKA of the first less that of the second."""

    value: float
    interval: Interval


@dataclass(frozen=True)
class SimilarityComparison:
    """By estimator; `residual`, the debiased one without length, is None unless both have it."""

    biased: Difference
    debiased: Difference
    residual: Difference | None


def compare_similarities(first: LinguisticGap, second: LinguisticGap) -> SimilarityComparison:
    """Both of the same sentences in the same languages: what is hard to align in one may be so in the other.

    So each sentence is left out of both at once: the jackknife of the difference.
    """
    counts = [gap.plain.biased.sentences for gap in (first, second)]
    if counts[0] != counts[1]:
        problem = f"{counts[1]} sentences, but {counts[0]} in first"
        raise InvalidInput("second", problem, "Send vectors of the same sentences.")
    residuals = [gap.length.residual if gap.length else None for gap in (first, second)]
    return SimilarityComparison(
        _difference(first.plain.biased, second.plain.biased),
        _difference(first.plain.debiased, second.plain.debiased),
        _difference(residuals[0], residuals[1]) if residuals[0] and residuals[1] else None,
    )


def _difference(first: Estimates, second: Estimates) -> Difference:
    value = first.mean - second.mean
    error = jackknife_error(first.errors.mean_shifts - second.errors.mean_shifts)
    freedom = first.sentences - 1
    return Difference(value, normal_interval(value, error, first.level, "jackknife over sentences", freedom))
