"""Rank correlations against scipy, and their bootstrap over clusters."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from isogloss.errors import InvalidInput
from isogloss.metrics.engine.cluster_bootstrap import cluster_counts, weighted_correlations
from isogloss.metrics.engine.correlation import correlate, correlations, stratified
from isogloss.metrics.engine.paper import kendall_p
from isogloss.metrics.engine.permutation import holm

series = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=10, max_size=40).filter(
    lambda pairs: len({x for x, _ in pairs}) > 1 and len({y for _, y in pairs}) > 1
)


@given(series)
def test_equals_scipy(pairs: list[tuple[int, int]]) -> None:
    x, y = (np.array(column, dtype=float) for column in zip(*pairs, strict=True))
    found = correlate(x, y)
    rho, tau = stats.spearmanr(x, y), stats.kendalltau(x, y, variant="b")
    assert found.spearman.value == pytest.approx(rho.statistic)
    if abs(rho.statistic) < 1 - 1e-9:  # at 1 scipy says 0, which no finite number of orders allows
        assert found.spearman.p_value == pytest.approx(rho.pvalue, abs=1e-6)
    assert found.kendall.value == pytest.approx(tau.statistic)


def test_few_observations_get_exact_p_values() -> None:
    found = correlate([1, 2, 3, 4, 5], [2, 1, 3, 4, 5])
    assert (found.spearman.p_method, found.kendall.p_method) == ("exact", "exact")
    assert found.spearman.p_value == pytest.approx(10 / 120), "five orders reach 0.9, and five -0.9"
    assert correlate([1, 2, 3, 4, 5], [1, 2, 3, 4, 5]).kendall.p_value == pytest.approx(2 / 120)


@given(series, st.integers(0, 10**6))
def test_weighted_correlations_equal_those_of_the_drawn_sample(
    pairs: list[tuple[int, int]], seed: int
) -> None:
    x, y = (np.array(column, dtype=float) for column in zip(*pairs, strict=True))
    counts = cluster_counts(np.array([str(i) for i in range(len(x))]), 3, seed)
    found = weighted_correlations(x, y, counts)
    for index, drawn in enumerate(counts.astype(int)):
        sample_x, sample_y = np.repeat(x, drawn), np.repeat(y, drawn)
        if np.ptp(sample_x) == 0 or np.ptp(sample_y) == 0:
            assert not np.isfinite(found.kendall[index])
            continue
        assert found.spearman[index] == pytest.approx(stats.spearmanr(sample_x, sample_y).statistic)
        assert found.kendall[index] == pytest.approx(stats.kendalltau(sample_x, sample_y).statistic)


def test_whole_clusters_are_drawn() -> None:
    counts = cluster_counts(np.array(["a", "a", "b", "b", "c", "c"]), 50, 0)
    assert (counts[:, 0] == counts[:, 1]).all()
    assert (counts.sum(axis=1) == 6).all()


def test_too_few_clusters_give_no_interval() -> None:
    values = list(np.arange(6.0))
    two = ["s1"] * 3 + ["s2"] * 3
    found = correlations(values, values[::-1], [""] * 6, two, replicates=100, seed=0, level=0.95)
    assert found[0].spearman.interval is None


def test_series_of_different_lengths_are_refused() -> None:
    with pytest.raises(InvalidInput, match="3 values for 4"):
        correlate([1, 2, 3, 4], [1, 2, 3])


def test_kendalls_p_from_tau_alone() -> None:
    x, y = [1, 2, 3, 4, 5, 6, 7], [2, 1, 4, 3, 7, 5, 6]
    test = stats.kendalltau(x, y, method="exact")
    assert kendall_p(test.statistic, 7) == pytest.approx(test.pvalue)


def test_holm() -> None:
    assert holm(np.array([0.01, 0.04, 0.03])) == pytest.approx([0.03, 0.06, 0.06])


def test_a_perfect_order_of_nine_is_one_of_all() -> None:
    """statistics.md, row 7."""
    found = correlate(range(9), range(9))
    assert found.spearman.p_value == pytest.approx(2 / 362_880)
    assert found.kendall.p_value == pytest.approx(2 / 362_880)
    assert correlate(range(12), range(12)).spearman.p_value == pytest.approx(2 / 479_001_600)


@pytest.mark.parametrize(
    ("x", "y", "p"),
    [((2, 2, 1, 1), (2, 2, 2, 1), 1.0), ((3, 2, 0, 2, 3, 3), (2, 3, 3, 3, 2, 2), 0.1)],
)
def test_ties_among_few_observations_are_counted_over_all_orders(
    x: tuple[float, ...], y: tuple[float, ...], p: float
) -> None:
    """statistics.md, row 8."""
    assert correlate(x, y).kendall.p_value == pytest.approx(p, abs=5e-4)


def test_a_difference_between_pairs_alone_is_no_correlation_within_them() -> None:
    """statistics.md, row 12: 15 seeds of two pairs, two SD apart: pooled it looks like a finding."""
    rng = np.random.default_rng(0)
    groups, seeds = ["eng-swa", "eng-urd"] * 15, [f"seed {i // 2}" for i in range(30)]
    pooled = within = 0
    for _ in range(60):
        apart = np.tile([0.0, 2.0], 15)
        x, y = rng.normal(size=30) + apart, rng.normal(size=30) + apart
        pooled += correlate(x, y).spearman.p_value < 0.05
        found = stratified(x, y, groups, seeds, draws=199, seed=0)
        assert found is not None
        within += found.spearman.p_value < 0.05
    assert pooled > 40
    assert within < 10
    related = rng.normal(size=30)
    found = stratified(related, related + 0.3 * rng.normal(size=30), groups, seeds, draws=999, seed=0)
    assert found is not None
    assert found.spearman.p_value < 0.01
    assert "jointly" in found.spearman.p_method
