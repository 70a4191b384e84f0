"""Output gap: Sinkhorn against POT, the corners of the simplex, what is refused."""

import numpy as np
import ot
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isogloss.errors import Failed, InvalidInput
from isogloss.metrics.engine import sinkhorn
from isogloss.metrics.engine.checks import Floats
from isogloss.metrics.engine.gauss_kernel import DenseKernel, GridKernel
from isogloss.metrics.engine.output_gap import output_gap
from isogloss.metrics.engine.sinkhorn import solve


def cloud(seed: int, n: int = 150, classes: int = 3, temperature: float = 1.0) -> Floats:
    """Probabilities of a classifier; the colder, the nearer to the corners."""
    rng = np.random.default_rng(seed)
    logits = (rng.normal(size=(n, classes)) + 0.5 * rng.normal(size=classes)) / temperature
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(p / p.sum(axis=1, keepdims=True))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([0.01, 0.1, 1.0]), st.sampled_from([2, 3]))
def test_grid_kernel_equals_the_dense_one(seed: int, regularization: float, classes: int) -> None:
    """To 1e-3 of each sum; the values that are made of many such sums agree better."""
    left, right = cloud(seed, 40, classes), cloud(seed + 1, 50, classes)
    weights = np.random.default_rng(seed).random(50)
    grid = GridKernel(left, right, regularization).apply(weights)
    dense = DenseKernel(left, right, regularization).apply(weights)
    np.testing.assert_allclose(grid[dense > 1e-3], dense[dense > 1e-3], rtol=5e-3)
    np.testing.assert_allclose(
        GridKernel(left, right, regularization).apply_transposed(np.ones(40)),
        GridKernel(right, left, regularization).apply(np.ones(40)),
    )


@pytest.mark.parametrize("classes", [2, 3, 5])
@pytest.mark.parametrize("regularization", [0.1, 0.02])
def test_raw_value_equals_pot(classes: int, regularization: float) -> None:
    left, right = cloud(0, classes=classes), cloud(1, classes=classes)
    (pair,) = output_gap(["eng", "swa"], [left, right], regularization)
    reference = ot.sinkhorn2([], [], ot.dist(left, right), regularization, numItermax=100_000, stopThr=1e-10)
    assert pair.raw.value == pytest.approx(float(reference), rel=1e-4)
    assert pair.marginal_error <= sinkhorn.TOLERANCE


def test_all_three_meet_where_regularization_ends() -> None:
    left, right = cloud(2), cloud(3)
    distances = []
    for regularization in (0.5, 0.1, 0.02, sinkhorn.MIN_REGULARIZATION):
        (pair,) = output_gap(["eng", "swa"], [left, right], regularization)
        assert pair.exact is not None
        distances.append(abs(pair.raw.value - pair.exact.value))
        assert pair.exact.value == pytest.approx(ot.emd2([], [], ot.dist(left, right)))
    assert distances == sorted(distances, reverse=True)
    assert distances[-1] < sinkhorn.MIN_REGULARIZATION
    assert pair.debiased.value == pytest.approx(pair.exact.value, rel=0.1)


def test_corners_converge_where_sinkhorns_iteration_alone_does_not() -> None:
    """One-hot outputs with different class counts: mass must change corners at a rate of exp(-20)."""
    left, right = np.eye(3)[[0, 0, 1, 1, 2, 2] * 40], np.eye(3)[[0, 1, 1, 1, 2, 2] * 40]
    (pair,) = output_gap(["eng", "swa"], [left, right], 0.1)
    assert pair.exact is not None
    assert pair.exact.value == pytest.approx(2 / 6)
    assert pair.raw.value == pytest.approx(2 / 6, rel=1e-3)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.2, 2))
def test_divergence_is_zero_for_equal_clouds_and_else_positive(seed: int, temperature: float) -> None:
    left, right = cloud(seed, temperature=temperature), cloud(seed + 1, temperature=temperature)
    gaps = output_gap(["eng", "swa", "urd"], [left, left, right], 0.1, exact=False)
    assert gaps[0].debiased.value == pytest.approx(0, abs=1e-6)
    assert gaps[0].raw.value > 0
    assert gaps[1].debiased.value > 0
    assert gaps[1].debiased.value == pytest.approx(gaps[2].debiased.value)


def test_influence_is_what_an_item_moves() -> None:
    """The delta method's linear term against really leaving items out."""
    left, right = cloud(4, n=120), cloud(5, n=120)
    (whole,) = output_gap(["eng", "swa"], [left, right], 0.1, exact=False)
    for name in ("raw", "debiased"):
        estimate = getattr(whole, name)
        moved, predicted = [], []
        for item in range(0, 120, 10):
            kept = np.delete(np.arange(120), item)
            (rest,) = output_gap(["eng", "swa"], [left[kept], right[kept]], 0.1, exact=False)
            moved.append(120 * (estimate.value - getattr(rest, name).value))
            predicted.append(estimate.influence[item] - estimate.influence.mean())
        assert np.corrcoef(moved, predicted)[0, 1] > 0.99
        assert np.std(moved) == pytest.approx(np.std(predicted), rel=0.1)


def test_not_converged_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sinkhorn, "MAX_ROUNDS", 1)
    monkeypatch.setattr(sinkhorn, "_SWEEPS", 2)
    with pytest.raises(Failed, match=r"did not converge at regularization 0\.01") as caught:
        solve(cloud(6), cloud(7), 0.01)
    assert caught.value.metadata["converged"] == "false"
    assert float(caught.value.metadata["marginal_error"]) > sinkhorn.TOLERANCE


@pytest.mark.parametrize(
    ("right", "problem"),
    [
        (cloud(1, n=149), r"shape \(149, 3\), but \(150, 3\) in eng"),
        (cloud(1, classes=2), r"shape \(150, 2\), but \(150, 3\) in eng"),
        (cloud(1) * 1.1, "sums to 1.1"),
        (np.log(cloud(1)), "negative"),
        (np.full((150, 3), np.nan), "NaN or infinity"),
    ],
)
def test_bad_probabilities_are_refused(right: Floats, problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem) as caught:
        output_gap(["eng", "swa"], [cloud(0), right], 0.1)
    assert caught.value.field == "languages[swa].predictions"


@pytest.mark.parametrize("regularization", [0.005, 0.1])
@pytest.mark.parametrize("rows", [20, 2000])
def test_opposite_corners_are_two_apart(regularization: float, rows: int) -> None:
    """statistics.md, row 9."""
    clouds = [np.tile(np.eye(3)[corner], (rows, 1)) for corner in (0, 1)]
    (pair,) = output_gap(["eng", "swa"], clouds, regularization, exact=False)
    assert pair.debiased.value == pytest.approx(2, abs=1e-6)
