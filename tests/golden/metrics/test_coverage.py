"""Do the intervals cover what they say? 95 % intervals must cover in 93 to 97 % of 1,000 simulated worlds.

Where one does not, its limits are stated in docs/metrics.md.
"""

from collections.abc import Callable, Mapping

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import norm

from isogloss.metrics.engine.correlation import correlations
from isogloss.metrics.engine.gap import relative_differences, standard_deviation
from isogloss.metrics.engine.gap_intervals import difference_intervals, item_intervals, language_spread
from isogloss.metrics.engine.intervals import Interval
from isogloss.metrics.engine.items import Items
from isogloss.metrics.engine.linguistic_gap import LinguisticGap, Sentences, linguistic_gap
from isogloss.metrics.engine.output_gap import output_gap
from isogloss.metrics.engine.similarity_comparison import compare_similarities

pytestmark = pytest.mark.slow
WORLDS = 1000
Draw = Callable[[np.random.Generator], Mapping[str, Interval]]


def coverage(draw: Draw, truths: Mapping[str, float]) -> dict[str, float]:
    """Share of worlds in whose interval the truth lies, by name."""
    rng = np.random.default_rng(0)
    hits = dict.fromkeys(truths, 0)
    for _ in range(WORLDS):
        intervals = draw(rng)
        for name, truth in truths.items():
            hits[name] += intervals[name].low <= truth <= intervals[name].high
    return {name: count / WORLDS for name, count in hits.items()}


def assert_covers(draw: Draw, truths: Mapping[str, float]) -> None:
    """All between 93 and 97 %; `pytest -s` prints them."""
    found = coverage(draw, truths)
    print({name: f"{share:.1%}" for name, share in found.items()})
    assert all(0.93 <= share <= 0.97 for share in found.values()), found


def heavy_tailed(rng: np.random.Generator, n: int) -> list[NDArray[np.float64]]:
    """Two languages with a common part; some sentences lie far out, as they do in real models."""
    shared = rng.normal(size=(n, 20)) * np.linspace(1, 0.2, 20) * rng.gamma(2, size=(n, 1))
    return [0.3 * shared + rng.normal(size=(n, 20)) for _ in range(2)]


def test_cka_jackknife() -> None:
    x, y = (item - item.mean(axis=0) for item in heavy_tailed(np.random.default_rng(9), 400_000))
    truth = np.sum((x.T @ y) ** 2) / np.sqrt(np.sum((x.T @ x) ** 2) * np.sum((y.T @ y) ** 2))

    def draw(rng: np.random.Generator) -> dict[str, Interval]:
        gap = linguistic_gap(["a", "b"], [Sentences(item) for item in heavy_tailed(rng, 400)])
        return {"debiased": gap.plain.debiased.interval(0, 1)}

    assert_covers(draw, {"debiased": float(truth)})


def test_cka_jackknife_of_a_difference() -> None:
    """Two inputs of the same sentences: what is far out for one is so for the other."""

    def vectors(rng: np.random.Generator, n: int) -> list[list[NDArray[np.float64]]]:
        shared = rng.normal(size=(n, 20)) * np.linspace(1, 0.2, 20) * rng.gamma(2, size=(n, 1))
        return [[share * shared + rng.normal(size=(n, 20)) for _ in range(2)] for share in (0.4, 0.3)]

    def gaps(made: list[list[NDArray[np.float64]]]) -> list[LinguisticGap]:
        return [linguistic_gap(["a", "b"], [Sentences(x) for x in languages]) for languages in made]

    def truth(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
        x, y = x - x.mean(axis=0), y - y.mean(axis=0)
        return float(np.sum((x.T @ y) ** 2) / np.sqrt(np.sum((x.T @ x) ** 2) * np.sum((y.T @ y) ** 2)))

    first, second = (truth(*languages) for languages in vectors(np.random.default_rng(9), 400_000))

    def draw(rng: np.random.Generator) -> dict[str, Interval]:
        return {"debiased": compare_similarities(*gaps(vectors(rng, 1012))).debiased.interval}

    assert_covers(draw, {"debiased": first - second})


def outputs(rng: np.random.Generator, n: int) -> list[NDArray[np.float64]]:
    """Two languages' probabilities for the same items."""
    item = rng.normal(size=(n, 3))
    clouds = []
    for shift in (0, 1):
        logits = 1.5 * (item + rng.normal(size=(n, 3)))
        logits[:, 0] += shift
        p = np.exp(logits - logits.max(axis=1, keepdims=True))
        clouds.append(p / p.sum(axis=1, keepdims=True))
    return clouds


def test_sinkhorn_delta_method() -> None:
    (whole,) = output_gap(["a", "b"], outputs(np.random.default_rng(9), 200_000), 0.1, exact=False)

    def draw(rng: np.random.Generator) -> dict[str, Interval]:
        (pair,) = output_gap(["a", "b"], outputs(rng, 300), 0.1, exact=False)
        return {"raw": pair.raw.interval(0.95), "debiased": pair.debiased.interval(0.95)}

    assert_covers(draw, {"raw": whole.raw.value, "debiased": whole.debiased.value})


def test_bootstrap_over_items() -> None:
    """XNLI's dev set of 2,490 pairs in each of three languages."""
    truth = np.array([72.0, 61.0, 56.0])
    one, stratum = np.ones(2490), np.zeros(2490, dtype=np.int64)

    def draw(rng: np.random.Generator) -> dict[str, Interval]:
        items = [Items((rng.random(2490) < score / 100).astype(float), one, stratum) for score in truth]
        found = item_intervals(items, 1, 1000, int(rng.integers(2**31)), 0.95)
        gaps = {"std": found.gap.std, "mean_rpd": found.gap.mean_rpd}
        return gaps | {"score": found.scores[0], "rpd": found.rpd[0], "absolute": found.absolute[0]}

    rpds = relative_differences(truth)
    gaps = {"std": float(standard_deviation(truth, 1)), "mean_rpd": float(rpds.mean())}
    assert_covers(draw, gaps | {"score": 72.0, "rpd": float(rpds[0]), "absolute": 11.0})


@pytest.mark.parametrize("languages", [2, 3, 5, 10])
@pytest.mark.parametrize("apart", [1, 2, 5])
def test_gaps_near_their_noise_are_covered(languages: int, apart: float) -> None:
    """Languages within so many points of each other, noise 1 point: coverage stays near the level."""
    truth = np.linspace(60, 60 + apart, languages)
    one, stratum = np.ones(2490), np.zeros(2490, dtype=np.int64)

    def draw(rng: np.random.Generator) -> dict[str, Interval]:
        items = [Items((rng.random(2490) < score / 100).astype(float), one, stratum) for score in truth]
        found = item_intervals(items, 1, 500, int(rng.integers(2**31)), 0.95)
        return {"std": found.gap.std, "mean_rpd": found.gap.mean_rpd}

    truths = {"std": float(standard_deviation(truth, 1)), "mean_rpd": relative_differences(truth).mean()}
    found = coverage(draw, truths)
    print(languages, apart, {name: f"{share:.1%}" for name, share in found.items()})
    assert min(found.values()) >= 0.92


def test_differences_of_two_inputs() -> None:
    """Two models of five languages, which find the same pairs hard."""
    shares = np.array([[0.85, 0.70, 0.62, 0.75, 0.80], [0.80, 0.72, 0.68, 0.74, 0.77]])
    one, stratum = np.ones(1500), np.zeros(1500, dtype=np.int64)

    def predictions(rng: np.random.Generator) -> list[list[Items]]:
        common, own = rng.normal(size=(1, 5, 1500)), rng.normal(size=(2, 5, 1500))
        hard = norm.cdf(np.sqrt(0.6) * common + np.sqrt(0.4) * own)
        return [
            [
                Items((row < share).astype(float), one, stratum)
                for row, share in zip(rows, of_input, strict=True)
            ]
            for rows, of_input in zip(hard, shares, strict=True)
        ]

    def draw(rng: np.random.Generator) -> dict[str, Interval]:
        found = difference_intervals(*predictions(rng), 1, 500, int(rng.integers(2**31)), 0.95)
        return {"std": found.gap.std, "mean_rpd": found.gap.mean_rpd, "rpd": found.rpd[0]}

    stds, rpds = standard_deviation(100 * shares, 1), relative_differences(100 * shares)
    truths = {"std": stds[0] - stds[1], "rpd": rpds[0, 0] - rpds[1, 0]}
    assert_covers(draw, truths | {"mean_rpd": rpds[0].mean() - rpds[1].mean()})


def test_bootstrap_over_seeds() -> None:
    """Table 3's design: 15 seeds, two pairs of languages each, which share what the seed does."""
    rho = -0.8
    seeds = [f"seed {index // 2}" for index in range(30)]
    covariance = [[1, rho], [rho, 1]]

    def draw(rng: np.random.Generator) -> dict[str, Interval]:
        shared = rng.multivariate_normal([0, 0], covariance, size=15)
        own = rng.multivariate_normal([0, 0], covariance, size=(15, 2))
        x, y = (np.sqrt(0.4) * shared[:, None] + np.sqrt(0.6) * own).reshape(30, 2).T
        seed = int(rng.integers(2**31))
        (found,) = correlations(list(x), list(y), [""] * 30, seeds, replicates=500, seed=seed, level=0.95)
        assert found.spearman.interval is not None
        assert found.kendall.interval is not None
        return {"spearman": found.spearman.interval, "kendall": found.kendall.interval}

    truths = {"spearman": 6 / np.pi * np.arcsin(rho / 2), "kendall": 2 / np.pi * np.arcsin(rho)}
    assert_covers(draw, truths)


def test_languages_drawn_anew_do_not_cover_and_are_not_called_an_interval() -> None:
    """Ten languages from a normal world: some 79 %, and less where one language lies far out."""

    def draw(rng: np.random.Generator) -> dict[str, Interval]:
        scores = 90 + 3 * rng.normal(size=10)
        return {"std": language_spread(scores, 1, 500, int(rng.integers(2**31)), 0.95).std}

    assert 0.70 < coverage(draw, {"std": 0.03})["std"] < 0.88
    assert draw(np.random.default_rng(0))["std"].level == 0
