"""Rank correlations, with the p-values and intervals that n allows (Table 3)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import permutations

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import gammaln

from isogloss.errors import InvalidInput
from isogloss.metrics.engine.checks import Floats, check_series
from isogloss.metrics.engine.cluster_bootstrap import cluster_counts, weighted_correlations
from isogloss.metrics.engine.intervals import Interval, percentile_interval

ALL_ORDERS_MAX = 9
"""All n! orders are tried up to here (362,880), with ties or without."""

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


def stratified(
    x: Sequence[float] | Floats,
    y: Sequence[float] | Floats,
    groups: Sequence[str],
    clusters: Sequence[str],
    *,
    draws: int,
    seed: int,
) -> Correlation | None:
    """Mean rank correlation within groups, so that what differs between groups alone counts for nothing.

    The null permutes y within groups, by whole clusters where each group has each cluster once (seeds that
    all pairs of languages share), else in each group by itself: all orders up to 9 clusters, else `draws`.
    None with fewer than two groups of three observations, or without draws.
    """
    left, right, labels = np.asarray(x, float), np.asarray(y, float), np.asarray(groups)
    names = [name for name in dict.fromkeys(groups) if name and np.sum(labels == name) >= MIN_GROUP]
    rows = [np.flatnonzero(labels == name) for name in names]
    rows = [group for group in rows if np.ptp(left[group]) > 0 and np.ptp(right[group]) > 0]
    if len(rows) < 2:
        return None
    jointly, rows = _aligned(rows, np.asarray(clusters))
    size = len(rows[0])
    generator = np.random.default_rng(seed)
    exact = jointly and size <= ALL_ORDERS_MAX
    if exact:
        orders = [np.array(list(permutations(range(size))), dtype=np.int64)] * len(rows)
    elif draws:
        one = [generator.permuted(np.tile(np.arange(len(g)), (draws, 1)), axis=1) for g in rows]
        orders = [one[0]] * len(rows) if jointly else one
    else:
        return None
    coefficients = []
    for kind in (_spearman_under, _kendall_under):
        pairs = [kind(left[group], right[group], order) for group, order in zip(rows, orders, strict=True)]
        value = float(np.mean([observed for observed, _ in pairs]))
        null = np.mean([drawn for _, drawn in pairs], axis=0)
        counted = 0 if exact else 1
        reached = np.sum(np.abs(null) >= abs(value) - 1e-9)
        p = float((counted + reached) / (counted + len(null)))
        how = "exact" if exact else f"{draws} permutations"
        what = "clusters permuted within groups jointly" if jointly else "permuted within groups"
        coefficients.append(Coefficient(value, p, f"{how}, {what}"))
    return Correlation("within groups", sum(map(len, rows)), *coefficients)


def _aligned(
    rows: list[NDArray[np.int64]], clusters: NDArray[np.str_]
) -> tuple[bool, list[NDArray[np.int64]]]:
    """Whether each group has each cluster once, and then all groups in the order of their clusters."""
    ordered = [group[np.argsort(clusters[group], kind="stable")] for group in rows]
    first = clusters[ordered[0]]
    once = len(set(first.tolist())) == len(first) and "" not in first
    alike = all(np.array_equal(clusters[group], first) for group in ordered)
    return (True, ordered) if once and alike else (False, rows)


def _spearman_under(x: Floats, y: Floats, orders: NDArray[np.int64]) -> tuple[float, Floats]:
    """Spearman's rho, and under each of the orders of y."""
    a, b = (stats.rankdata(values) - (len(x) + 1) / 2 for values in (x, y))
    scale = np.sqrt((a @ a) * (b @ b))
    return float(a @ b / scale), np.asarray(b[orders] @ a / scale)


def _kendall_under(x: Floats, y: Floats, orders: NDArray[np.int64]) -> tuple[float, Floats]:
    """Kendall's tau-b, and under each of the orders of y."""
    first, second = np.triu_indices(len(x), k=1)
    a, b = (np.sign(values[first] - values[second]) for values in (x, y))
    scale = np.sqrt(np.sum(np.abs(a)) * np.sum(np.abs(b)))
    signs = np.sign(y[:, None] - y)
    parts = np.array_split(orders, 1 + len(orders) // 10_000)
    null = np.concatenate([signs[part[:, first], part[:, second]] @ a for part in parts])
    return float(a @ b / scale), np.asarray(null / scale)


def spearman_p(rho: float, n: int) -> float:
    """Two-sided p-value by Student's t with n - 2 degrees of freedom, as the paper's Table 3 has it."""
    if abs(rho) >= 1:  # one order of n!, and its mirror
        return float(2 * np.exp(-gammaln(n + 1)))
    statistic = rho * np.sqrt((n - 2) / (1 - rho**2))
    return float(2 * stats.t.sf(abs(statistic), n - 2))


def _spearman(x: Floats, y: Floats) -> Coefficient:
    rho = float(np.clip(stats.spearmanr(x, y).statistic, -1, 1))
    if len(x) > ALL_ORDERS_MAX:
        if abs(rho) < 1 - 1e-12:
            return Coefficient(rho, spearman_p(rho, len(x)), "asymptotic")
        ties = sum(float(gammaln(count + 1)) for count in np.unique(x, return_counts=True)[1])
        return Coefficient(rho, float(min(1, 2 * np.exp(ties - gammaln(len(x) + 1)))), "exact")
    a, b = stats.rankdata(x) - (len(x) + 1) / 2, stats.rankdata(y) - (len(x) + 1) / 2
    return Coefficient(rho, _reached(_all_orders(len(x), lambda orders: b[orders] @ a), a @ b), "exact")


def _reached(null: Floats, observed: float) -> float:
    """Two-sided: the share of all orders that reach it."""
    return float(np.mean(np.abs(null) >= abs(observed) * (1 - 1e-9) - 1e-9))


def _all_orders(n: int, statistic: Callable[[NDArray[np.int64]], Floats]) -> Floats:
    """A statistic of [orders, n] for all n! orders of n."""
    orders = np.array(list(permutations(range(n))), dtype=np.int64)
    return np.concatenate([statistic(part) for part in np.array_split(orders, 1 + len(orders) // 40_000)])


def _kendall(x: Floats, y: Floats) -> Coefficient:
    if len(x) <= ALL_ORDERS_MAX:
        value = float(stats.kendalltau(x, y, variant="b").statistic)
        first, second = np.triu_indices(len(x), k=1)
        a = np.sign(x[first] - x[second])

        def concordance(orders: NDArray[np.int64]) -> Floats:
            moved = y[orders]
            return np.asarray(np.sign(moved[:, first] - moved[:, second]) @ a)

        observed = float(np.sign(y[first] - y[second]) @ a)
        return Coefficient(value, _reached(_all_orders(len(x), concordance), observed), "exact")
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
