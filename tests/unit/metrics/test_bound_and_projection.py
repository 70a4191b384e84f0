"""Theorem C.2 and t-SNE."""

import numpy as np
import pytest

from isogloss.errors import InvalidInput
from isogloss.metrics.engine.transfer_bound import complexity_term, distance, transfer_bounds
from isogloss.metrics.engine.tsne import project
from report.record import MEASURES


def test_bound_is_the_sum_of_the_theorems_terms() -> None:
    """statistics.md, row 14: of a *lower* bound of the divergence, so it is named a sum (test_theorem.py)."""
    assert [item.title for item in MEASURES.values() if item.name == "bound"] == ["Sum of both"]
    rng = np.random.default_rng(0)
    vectors = [rng.normal(size=(200, 4)) + shift for shift in (0, 1)]
    found = transfer_bounds(["eng", "kor"], vectors, delta=0.05, pseudo_dimension=None, seed=0, level=0.95)
    (pair,) = found.pairs
    complexity = 2 * np.sqrt((5 * np.log(400) + np.log(2 / 0.05)) / 200)
    assert pair.complexity_term == pytest.approx(complexity)
    assert pair.bound == pytest.approx(pair.empirical_divergence / 2 + complexity)
    assert pair.proxy_a_distance == distance(pair.held_out_error)
    assert pair.proxy_interval.low < pair.proxy_a_distance < pair.proxy_interval.high


def test_the_bound_says_nothing_at_the_papers_size() -> None:
    assert complexity_term(1012, 769, 0.05) == pytest.approx(4.82, abs=0.01), (
        "a difference of risks is at most 1"
    )
    assert complexity_term(100_000_000, 769, 0.05) < 0.05


def test_delta_is_a_probability() -> None:
    with pytest.raises(InvalidInput, match="delta"):
        transfer_bounds(
            ["eng", "kor"], [np.eye(20)] * 2, delta=1.0, pseudo_dimension=None, seed=0, level=0.95
        )


def test_one_seed_one_map() -> None:
    rng = np.random.default_rng(1)
    vectors = [rng.normal(size=(30, 5)), rng.normal(size=(30, 5)) + 20]
    first, again = (project(["eng", "kor"], vectors, perplexity=8, seed=3, sentences=20) for _ in range(2))
    assert first.shape == (2, 20, 2)
    assert (first == again).all()
    centers = first.mean(axis=1)
    assert np.linalg.norm(centers[0] - centers[1]) > np.linalg.norm(first - centers[:, None], axis=-1).mean()


@pytest.mark.parametrize(
    ("vectors", "perplexity", "problem"),
    [
        ([np.eye(9)], 5, "perplexity: 5. With 9 points send 1 to 2"),
        ([np.eye(9), np.eye(9)[:, :8]], 2, "vectors of widths"),
    ],
)
def test_what_cannot_be_mapped_is_refused(vectors: list[np.ndarray], perplexity: float, problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        project(["eng", "kor"][: len(vectors)], vectors, perplexity=perplexity, seed=0)
