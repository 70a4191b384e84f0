"""The ratio of two spreads over languages: against Pitman and Morgan, and where the truth is known."""

import numpy as np
import pytest

from isogloss.errors import InvalidInput
from isogloss.metrics import compare_gaps, compare_spreads
from isogloss.metrics.engine.items import Items
from isogloss.metrics.engine.other_languages import _logit, pitman_morgan, spread_ratio
from isogloss.metrics.engine.spread_design import detectable_ratio, spread_power


def names(count: int) -> list[str]:
    return [f"l{index}" for index in range(count)]


def percent(logits: np.ndarray) -> np.ndarray:
    return np.asarray(100 / (1 + np.exp(-logits)))


def effects(rng: np.random.Generator, languages: int, ratio: float, correlation: float) -> np.ndarray:
    """Logits [2, languages] of two inputs, the first `ratio` times as spread, at different levels."""
    both = rng.multivariate_normal([0, 0], [[1, correlation], [correlation, 1]], size=languages)
    return np.asarray((both * [0.5 * ratio, 0.5] + [2, 1.4]).T)


@pytest.mark.parametrize("languages", [4, 10])
def test_without_noise_it_is_pitman_and_morgan_turned_around(languages: int) -> None:
    a, b = effects(np.random.default_rng(languages), languages, 1.3, 0.7)
    found = spread_ratio(names(languages), percent(a), percent(b), 0.95)
    ratio, p = pitman_morgan(a, b)
    assert found is not None
    assert found.log_ratio == pytest.approx(ratio, abs=1e-3)
    assert found.p_value == pytest.approx(p, rel=0.02)
    assert (found.interval.low > 0 or found.interval.high < 0) == (p < 0.05)
    _, at_the_end = pitman_morgan(a * np.exp(-found.interval.low), b)
    assert at_the_end == pytest.approx(0.05, abs=0.003), "at its ends the ratio is just rejected"


def test_known_noise_is_taken_out_of_the_ratio() -> None:
    """Equal noise draws a ratio of 2 towards 1; with its covariance the ratio comes back."""
    rng, n = np.random.default_rng(1), 60
    a, b = effects(rng, n, 2.0, 0.7)
    noisy_a, noisy_b = (x + rng.normal(0, 0.5, n) for x in (a, b))
    plain = spread_ratio(names(n), percent(noisy_a), percent(noisy_b), 0.95)
    known = spread_ratio(names(n), percent(noisy_a), percent(noisy_b), 0.95, 0.25 * np.eye(2 * n))
    assert plain is not None
    assert known is not None
    assert plain.log_ratio < 0.6
    assert known.log_ratio == pytest.approx(np.log(2), abs=0.3)
    assert known.interval.low < np.log(2) < known.interval.high
    assert known.noise_second > known.noise_first > 0.1
    assert known.detectable_ratio < plain.detectable_ratio, "noise costs power"


def test_seeds_tell_their_own_noise() -> None:
    rng, n, seeds = np.random.default_rng(2), 40, 3
    a, b = effects(rng, n, 1.0, 0.7)
    shift = rng.normal(0, 0.2, (2, 1, seeds))  # a seed moves all languages of an input
    first = a[:, None] - 0.6 + shift[0] + rng.normal(0, 0.9, (n, seeds))
    second = b[:, None] + shift[1] + rng.normal(0, 0.1, (n, seeds))
    found = compare_spreads(
        dict(zip(names(n), percent(first).tolist(), strict=True)),
        dict(zip(names(n), percent(second).tolist(), strict=True)),
    )
    assert found is not None
    assert found.seeds == 3
    assert found.interval.low < 0 < found.interval.high
    assert found.pitman_morgan_log_ratio > 0.1, "what looks like a wider spread is the noise of seeds"


def test_items_of_a_comparison_give_its_noise() -> None:
    rng = np.random.default_rng(3)

    def items(share: float) -> Items:
        return Items((rng.random(200) < share).astype(float), np.ones(200), np.zeros(200, dtype=int))

    first, second = (
        {name: items(s) for name, s in zip(names(5), (0.5, 0.6, 0.7, 0.8, 0.9), strict=True)} for _ in "ab"
    )
    found = compare_gaps(first, second, replicates=200).other_languages
    assert found is not None
    assert 0.02 < found.noise_first < 0.3
    without = compare_gaps({n: i.score for n, i in first.items()}, {n: i.score for n, i in second.items()})
    assert without.other_languages is not None
    assert without.other_languages.noise_first == 0


def test_the_papers_effect_needs_more_languages() -> None:
    """FACTS: power of Pitman and Morgan at the paper's effect and correlation, in points."""
    pos, ner = (0.657, 0.853), (0.866, 0.828)
    assert [round(spread_power(pos[0], n, pos[1]), 1) for n in (10, 20)] == [0.5, 0.9]
    assert [round(spread_power(ner[0], n, ner[1]), 1) for n in (10, 80, 160)] == [0.1, 0.6, 0.9]


def test_the_smallest_detectable_ratio_has_its_power() -> None:
    assert detectable_ratio(6, 0.8, noise=0.1) < 0.01, "six languages find none"
    for languages in (12, 100):
        ratio = detectable_ratio(languages, 0.8, noise=0.1)
        assert spread_power(ratio, languages, 0.8, noise=0.1) == pytest.approx(0.8, abs=1e-3)
    assert spread_power(1.0, 10, 0.8) == pytest.approx(0.05, abs=0.01)


def test_nothing_to_compare_and_bad_input() -> None:
    assert spread_ratio(names(3), [70, 80, 90], [70, 75, 80], 0.95) is None
    assert spread_ratio(names(4), [70, 70, 70, 70], [70, 75, 80, 72], 0.95) is None
    with pytest.raises(InvalidInput, match="seeds"):
        compare_spreads({"a": [1, 2], "b": [3]}, {"a": 1, "b": 2})
    with pytest.raises(InvalidInput, match="same languages"):
        compare_spreads({"a": 1, "b": 2}, {"b": 1, "a": 2})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("languages", "ratio", "noise"), [(5, 1.0, 0.2), (10, 1.0, 0.3), (10, 1.5, 0.3), (40, 1.2, 0.3)]
)
def test_the_interval_covers_with_noise(languages: int, ratio: float, noise: float) -> None:
    """300 worlds; noise of logits, correlated .5 between inputs. Printed: coverage of the worlds
    with an answer, rejections of 1, and worlds without an answer, which cover nothing."""
    rng, hits, rejected, silent, worlds = np.random.default_rng(languages), 0, 0, 0, 300
    known = noise**2 * np.kron([[1, 0.5], [0.5, 1]], np.eye(languages))
    for _ in range(worlds):
        both = effects(rng, languages, ratio, 0.8)
        e = rng.multivariate_normal([0, 0], noise**2 * np.array([[1, 0.5], [0.5, 1]]), size=languages).T
        first, second = percent(both + e)
        found = spread_ratio(names(languages), first, second, 0.95, known)
        if found is None:
            silent += 1  # nothing is said
            continue
        hits += found.interval.low <= np.log(ratio) <= found.interval.high
        rejected += found.p_value < 0.05
    said = worlds - silent
    print(f"| {languages} | {ratio} | {noise} | {hits / said:.1%} | {rejected / worlds:.2f} | {silent} |")
    assert hits / said >= 0.93 - 2 * np.sqrt(0.93 * 0.07 / said)
    assert np.isfinite(_logit(np.array([0.0, 100.0]))).all()
