"""Several seeds' figures become one number, and their interval covers what it says."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from report.record import Interval, Number
from report.seeds import Noise, noise, over_seeds
from report.student import quantile, two_sided

URI = "s3://b/m"


def of_seed(seed: int, value: float | None, half: float | None = 1.0, **fields: object) -> tuple[int, Number]:
    if value is None:
        return seed, Number("mean_rpd", None, reason="failed: out of memory")
    bounds = None if half is None else Interval(value - half, value + half, 0.95, "bootstrap over items")
    return seed, Number("mean_rpd", value, f"{URI}{seed}", interval=bounds, **fields)  # type: ignore[arg-type]


def test_one_seed_is_left_as_it_is() -> None:
    seed, number = of_seed(0, 4.0)
    assert over_seeds([(seed, number)]) is number


def test_several_are_their_mean_their_deviation_and_each_of_them() -> None:
    number = over_seeds([of_seed(0, 3.0), of_seed(1, 4.0), of_seed(2, 5.0)])
    assert (number.value, number.seeds, number.seed_std) == (4.0, 3, 1.0)
    assert [(item.seed, item.value, item.manifest) for item in number.by_seed] == [
        (0, 3.0, "s3://b/m0"),
        (1, 4.0, "s3://b/m1"),
        (2, 5.0, "s3://b/m2"),
    ]
    assert number.interval
    half = math.hypot(1.0, 4.3027 / math.sqrt(3))  # of the items, and Student's t of the seeds
    assert number.interval.high - 4.0 == pytest.approx(half, abs=1e-3)
    assert number.interval.method == "bootstrap over items, and Student's t over 3 seeds"


def test_an_interval_stays_within_what_the_measure_can_be() -> None:
    number = over_seeds([of_seed(0, 0.5), of_seed(1, 2.5)])
    assert number.interval
    assert number.interval.low == 0.0


def test_a_seed_that_failed_is_named_and_does_not_count() -> None:
    number = over_seeds([of_seed(0, 3.0), of_seed(1, None), of_seed(2, 5.0)])
    assert (number.value, number.seeds) == (4.0, 2)
    assert number.note == "seed 1: failed: out of memory"
    alone = over_seeds([of_seed(0, None), of_seed(1, 3.0)])
    assert (alone.value, alone.seeds, alone.note) == (3.0, 1, "seed 0: failed: out of memory")
    assert over_seeds([of_seed(0, None), of_seed(1, None)]).reason == "failed: out of memory"


def test_the_largest_p_counts_and_a_seed_counts_once() -> None:
    assert over_seeds([of_seed(0, 3.0, p=0.01), of_seed(1, 4.0, p=0.2)]).p == 0.2
    with pytest.raises(ValueError, match="twice"):
        over_seeds([of_seed(0, 3.0), of_seed(0, 4.0)])


def test_without_intervals_over_items_the_seeds_alone_make_one() -> None:
    number = over_seeds([of_seed(0, 3.0, None), of_seed(1, 4.0, None)])
    assert number.interval
    assert number.interval.method == "Student's t over 2 seeds, for these items"


@pytest.mark.parametrize(("seeds", "ratio"), list(itertools.product((2, 3, 5), (0.0, 0.5, 1.0, 4.0))))
def test_it_never_covers_less_than_it_says_at_the_level_that_holm_leaves(seeds: int, ratio: float) -> None:
    """Worlds in which seeds move the mean `ratio` times as much as items do."""
    chance = np.random.default_rng(0)
    worlds = 20_000
    error = chance.normal(0, 1, worlds) + ratio * chance.normal(0, 1, worlds)
    scatter = ratio * np.sqrt(chance.chisquare(seeds - 1, worlds) / (seeds - 1))
    for level in (0.95, 0.995):
        of_seeds = stats.t.ppf((1 + level) / 2, seeds - 1) * scatter
        half = np.hypot(stats.norm.ppf((1 + level) / 2), of_seeds)
        assert Noise(1.0, scatter[0], seeds - 1).half(level) == pytest.approx(half[0])
        assert np.mean(np.abs(error) <= half) > level - 3 * math.sqrt(level * (1 - level) / worlds)


@pytest.mark.parametrize("of", [Noise(1.0), Noise(0.0, 0.5, 2), Noise(1.0, 0.5, 2), Noise(0.2, 0.5, 4)])
def test_p_is_the_level_at_which_the_interval_reaches_the_null(of: Noise) -> None:
    assert of.p(of.half(0.95)) == pytest.approx(0.05)
    assert of.p(of.half(0.995)) == pytest.approx(0.005)
    assert of.p(0.0) == 1.0
    assert of.p(1e6) < 1e-5


def test_what_can_be_found_is_found_four_times_in_five() -> None:
    """Without scatter of seeds: a normal with a standard error of 1 at level .05."""
    found = Noise(1.0).detectable(0.05, 0.8)
    assert found == pytest.approx(stats.norm.ppf(0.975) + stats.norm.ppf(0.8))


def test_noise_is_read_off_the_seeds_own_intervals() -> None:
    number = over_seeds([of_seed(0, 3.0), of_seed(1, 4.0), of_seed(2, 5.0)])
    of = noise(number, "low")
    assert of
    assert (of.items, of.seeds, of.freedom) == pytest.approx((1 / 1.959964, 1 / math.sqrt(3), 2))


@pytest.mark.parametrize("freedom", [1, 1.5, 2, 4, 33.3, 5e4])
def test_students_t_is_scipys(freedom: float) -> None:
    for t in (0.0, 0.1, 1.0, 2.5, 6.0, 40.0):
        assert two_sided(t, freedom) == pytest.approx(2 * stats.t.sf(t, freedom), abs=1e-10)
    for tail in (0.5, 0.05, 0.005, 1e-6):
        assert quantile(tail, freedom) == pytest.approx(stats.t.isf(tail / 2, freedom))
