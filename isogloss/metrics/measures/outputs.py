"""Output gap: optimal transport between languages' class probabilities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from isogloss.metrics.engine import output_gap
from isogloss.metrics.engine.checks import Floats
from isogloss.metrics.engine.intervals import Interval


@dataclass(frozen=True)
class PairDistance:
    """Two languages' class probabilities: 0 is equal, 2 opposite corners."""

    first: str
    second: str
    sinkhorn: float
    sinkhorn_interval: Interval
    sinkhorn_debiased: float
    sinkhorn_debiased_interval: Interval
    marginal_error: float
    converged: bool
    exact: float | None = None
    exact_interval: Interval | None = None


@dataclass(frozen=True)
class OutputGap:
    """Optimal transport between the outputs of all pairs of languages; `mean_…` over all pairs."""

    items: int
    regularization: float
    mean_sinkhorn: float
    mean_sinkhorn_interval: Interval
    mean_sinkhorn_debiased: float
    mean_sinkhorn_debiased_interval: Interval
    pairs: tuple[PairDistance, ...]
    mean_exact: float | None = None
    mean_exact_interval: Interval | None = None


def sinkhorn(
    probabilities: Mapping[str, ArrayLike],
    *,
    regularization: float = 0.1,
    exact: bool = True,
    level: float = 0.95,
) -> OutputGap:
    """How far apart languages' class probabilities for the same items lie.

    `probabilities[l]` [n, k]: row i the same item, column j the same class everywhere. `regularization` is in
    units of the cost, squared Euclidean distance (at most 2). A plan that does not converge is
    `isogloss.errors.Failed`.
    """
    clouds = [np.asarray(p, dtype=np.float64) for p in probabilities.values()]
    return outputs_of(list(probabilities), clouds, regularization, exact=exact, level=level)


def outputs_of(
    languages: Sequence[str], clouds: Sequence[Floats], regularization: float, *, exact: bool, level: float
) -> OutputGap:
    """`sinkhorn` of languages that a list names."""
    distances = output_gap.output_gap(languages, clouds, regularization, exact=exact)
    raw = output_gap.mean_estimate([pair.raw for pair in distances])
    debiased = output_gap.mean_estimate([pair.debiased for pair in distances])
    solved = [pair.exact for pair in distances if pair.exact]
    mean_exact = output_gap.mean_estimate(solved) if len(solved) == len(distances) else None
    return OutputGap(
        items=len(clouds[0]),
        regularization=regularization,
        mean_sinkhorn=raw.value,
        mean_sinkhorn_interval=raw.interval(level),
        mean_sinkhorn_debiased=debiased.value,
        mean_sinkhorn_debiased_interval=debiased.interval(level),
        mean_exact=mean_exact.value if mean_exact else None,
        mean_exact_interval=mean_exact.interval(level) if mean_exact else None,
        pairs=tuple(
            PairDistance(
                pair.first,
                pair.second,
                sinkhorn=pair.raw.value,
                sinkhorn_interval=pair.raw.interval(level),
                sinkhorn_debiased=pair.debiased.value,
                sinkhorn_debiased_interval=pair.debiased.interval(level),
                marginal_error=pair.marginal_error,
                converged=pair.converged,
                exact=pair.exact.value if pair.exact else None,
                exact_interval=pair.exact.interval(level) if pair.exact else None,
            )
            for pair in distances
        ),
    )
