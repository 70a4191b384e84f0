"""Rank correlations, with the p-values and intervals that n allows (Table 3)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from isogloss.errors import InvalidInput
from isogloss.metrics.engine.checks import Floats, check_series
from isogloss.metrics.engine.cluster_bootstrap import cluster_counts, weighted_correlations
from isogloss.metrics.engine.intervals import Interval, percentile_interval

SPEARMAN_EXACT_MAX = 8
"""All n! orders are tried up to here (40,320); above, the t distribution with n - 2 degrees of freedom."""

KENDALL_EXACT_MAX = 100
"""scipy's exact distribution of untied tau."""

MIN_CLUSTERS = 6
"""With fewer there are so few different draws that an interval would mean nothing."""

MIN_GROUP = 3


@dataclass(frozen=True)
class Coefficient:
    """A coefficient with its two-sided p-value and how that was had: "exact" or "asymptotic"."""

    value: float
    p_value: float
    p_method: str
    interval: Interval | None = None


@dataclass(frozen=True)
class Correlation:
    """Of n observations. `group` is empty for all of them together."""

    group: str
    n: int
    spearman: Coefficient
    kendall: Coefficient


def correlations(
    x: Sequence[float],
    y: Sequence[float],
    groups: Sequence[str],
    clusters: Sequence[str],
    *,
    replicates: int,
    seed: int,
    level: float,
) -> list[Correlation]:
    """All observations together, then each named group of three or more in order of appearance.

    The paper pools eng-swa and eng-urd, where a difference between the two pairs alone makes a correlation.
    Intervals redraw whole clusters (observations without one are clusters of their own); none with
    `replicates` 0.
    """
    left, right, labels = np.asarray(x, float), np.asarray(y, float), np.asarray(groups)
    names = np.array([cluster or f"observation {index}" for index, cluster in enumerate(clusters)])
    everything = np.ones(len(left), dtype=bool)
    kept = [group for group in dict.fromkeys(groups) if group and np.sum(labels == group) >= MIN_GROUP]
    found = []
    for group, chosen in [("", everything), *((group, labels == group) for group in kept)]:
        item = correlate(left[chosen], right[chosen], group)
        if replicates:
            item = _with_intervals(item, left[chosen], right[chosen], names[chosen], replicates, seed, level)
        found.append(item)
    return found


def correlate(x: Sequence[float] | Floats, y: Sequence[float] | Floats, group: str = "") -> Correlation:
    """Spearman's rho and Kendall's tau-b of two series [n], n ≥ 3, neither constant."""
    field = f"observations[{group}]" if group else "observations"
    left, right = check_series(x, f"{field}.x"), check_series(y, f"{field}.y")
    if len(left) != len(right):
        fix = "Value i of both is one observation."
        raise InvalidInput(f"{field}.y", f"{len(right)} values for {len(left)}", fix)
    return Correlation(group, len(left), _spearman(left, right), _kendall(left, right))


def spearman_p(rho: float, n: int) -> float:
    """Two-sided p-value by Student's t with n - 2 degrees of freedom, as the paper's Table 3 has it."""
    if abs(rho) >= 1:
        return 0.0
    statistic = rho * np.sqrt((n - 2) / (1 - rho**2))
    return float(2 * stats.t.sf(abs(statistic), n - 2))


def _spearman(x: Floats, y: Floats) -> Coefficient:
    rho = float(stats.spearmanr(x, y).statistic)
    if len(x) > SPEARMAN_EXACT_MAX:
        return Coefficient(rho, spearman_p(rho, len(x)), "asymptotic")
    ranks = stats.rankdata(y)
    test = stats.permutation_test(
        (stats.rankdata(x),),
        lambda order: float(np.corrcoef(order, ranks)[0, 1]),
        permutation_type="pairings",
        n_resamples=np.inf,
    )
    return Coefficient(rho, float(test.pvalue), "exact")


def _kendall(x: Floats, y: Floats) -> Coefficient:
    tied = len(np.unique(x)) < len(x) or len(np.unique(y)) < len(y)
    method = "asymptotic" if tied or len(x) > KENDALL_EXACT_MAX else "exact"
    test = stats.kendalltau(x, y, variant="b", method=method)
    return Coefficient(float(test.statistic), float(test.pvalue), method)


def _with_intervals(
    item: Correlation,
    x: Floats,
    y: Floats,
    clusters: NDArray[np.str_],
    replicates: int,
    seed: int,
    level: float,
) -> Correlation:
    distinct = len(np.unique(clusters))
    if distinct < MIN_CLUSTERS:
        return item
    drawn = weighted_correlations(x, y, cluster_counts(clusters, replicates, seed))
    method = f"bootstrap over {distinct} clusters"
    intervals = [
        percentile_interval(values[np.isfinite(values)], level, method)
        for values in (drawn.spearman, drawn.kendall)
    ]
    return replace(
        item,
        spearman=replace(item.spearman, interval=intervals[0]),
        kendall=replace(item.kendall, interval=intervals[1]),
    )
