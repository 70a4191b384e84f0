"""Performance gap: equation 1, standard deviations, what hangs on one language."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isogloss.errors import InvalidInput
from isogloss.metrics.engine.gap import leave_one_out, performance_gap
from isogloss.metrics.engine.gap_comparison import compare_gaps

scores = st.lists(st.floats(1, 100), min_size=2, max_size=8)


def codes(count: int) -> list[str]:
    return [f"l{index:02d}" for index in range(count)]


def test_equation_1() -> None:
    gap = performance_gap(["eng", "swa"], [71.89, 60.88], ddof=1)
    assert gap.mean_rpd == pytest.approx(abs(71.89 - 60.88) / ((71.89 + 60.88) / 2) * 100)
    assert gap.pairs[0].absolute == pytest.approx(11.01)


@given(scores)
def test_rpd_is_between_0_and_200_and_free_of_scale(values: list[float]) -> None:
    gap = performance_gap(codes(len(values)), values, ddof=0)
    halved = performance_gap(codes(len(values)), [value / 2 for value in values], ddof=0)
    assert 0 <= gap.mean_rpd <= 200
    assert halved.mean_rpd == pytest.approx(gap.mean_rpd)
    assert halved.std == pytest.approx(gap.std / 2)


@given(scores)
def test_std_is_of_fractions(values: list[float]) -> None:
    gap = performance_gap(codes(len(values)), values, ddof=1)
    assert gap.std == pytest.approx(np.std(np.array(values) / 100, ddof=1))


def test_leaving_out_the_outlier_closes_the_gap() -> None:
    without = leave_one_out(["eng", "fra", "hun"], [90, 90, 50], ddof=1)
    assert [rest.language for rest in without] == ["eng", "fra", "hun"]
    assert without[2].mean_rpd == 0
    assert leave_one_out(["eng", "fra"], [90, 50], ddof=1) == []


def test_two_scores_of_zero_have_no_relative_gap() -> None:
    with pytest.raises(InvalidInput, match="two scores are 0"):
        performance_gap(["eng", "fra", "hun"], [0, 0, 50], ddof=1)


def test_a_language_given_twice_is_refused() -> None:
    with pytest.raises(InvalidInput, match="eng given twice"):
        performance_gap(["eng", "eng"], [80, 70], ddof=1)


def test_all_exchanges_are_tried_for_few_languages() -> None:
    found = compare_gaps(codes(4), [90, 50, 80, 60], [70, 70, 70, 70], ddof=1, permutations=0, seed=0)
    assert found.exact
    assert found.permutations == 16
    assert found.std_p_value == pytest.approx(2 / 16), "only the order itself and its mirror are as extreme"


def test_exchanges_are_drawn_for_many_languages() -> None:
    rng = np.random.default_rng(0)
    wide, narrow = 50 + 30 * rng.random(20), 60 + 2 * rng.random(20)
    found = compare_gaps(codes(20), list(wide), list(narrow), ddof=1, permutations=999, seed=0)
    assert not found.exact
    assert found.std_p_value < 0.05
    with pytest.raises(InvalidInput, match="permutations"):
        compare_gaps(codes(20), list(wide), list(narrow), ddof=1, permutations=0, seed=0)
