"""Scores as sums over items, and their bootstrap."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from seqeval.metrics import f1_score

from isogloss.errors import InvalidInput
from isogloss.metrics.engine import bootstrap
from isogloss.metrics.engine.bootstrap import resampled_scores
from isogloss.metrics.engine.gap_intervals import (
    check_items,
    check_paired,
    difference_intervals,
    item_intervals,
)
from isogloss.metrics.engine.items import Items, pair_accuracy, span_f1, word_accuracy

SCHEMES = (("O", *"BI"), ("O", *"BIES"))
TAGS = [
    [f"{prefix}-{kind}" if prefix != "O" else "O" for prefix in scheme for kind in ("PER", "LOC")]
    for scheme in SCHEMES
]
sentences = st.sampled_from(TAGS).flatmap(
    lambda tags: st.lists(
        st.lists(st.tuples(st.sampled_from(tags), st.sampled_from(tags)), min_size=1, max_size=6), min_size=1
    )
)


@pytest.mark.filterwarnings("ignore")
@given(sentences)
def test_span_f1_equals_seqeval(rows: list[list[tuple[str, str]]]) -> None:
    """In BIO and IOBES, well formed or not."""
    labels = [[label for label, _ in row] for row in rows]
    made = [[tag for _, tag in row] for row in rows]
    if all(tag == "O" for row in (*labels, *made) for tag in row):
        with pytest.raises(InvalidInput, match="nothing to score"):
            span_f1(labels, made)
        return
    assert span_f1(labels, made).score == pytest.approx(100 * f1_score(labels, made, zero_division=0))


def test_a_cut_off_word_is_an_error() -> None:
    assert word_accuracy([["NOUN", "VERB"]], [["NOUN", None]]).score == 50
    assert span_f1([["B-PER", "I-PER"]], [["B-PER", None]]).score == 0


def test_pairs_are_drawn_within_their_label() -> None:
    """A balanced test set stays so: one label always right and one always wrong leave no noise."""
    items = pair_accuracy(["entailment"] * 50 + ["neutral"] * 50, ["entailment"] * 100)
    drawn = resampled_scores([items], 100, np.random.default_rng(0))
    assert set(drawn[:, 0]) == {50.0}


def test_both_ways_of_drawing_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    possible = rng.integers(1, 30, size=400).astype(float)
    items = Items(rng.binomial(possible.astype(int), 0.8).astype(float), possible, np.zeros(400, dtype=int))
    moments = []
    for few in (0, 10**9):  # all by category, all by item
        monkeypatch.setattr(bootstrap, "_FEW", few)
        drawn = resampled_scores([items], 4000, np.random.default_rng(2))[:, 0]
        moments.append((drawn.mean(), drawn.std()))
    assert moments[0][0] == pytest.approx(items.score, abs=0.1)
    assert moments[0] == pytest.approx(moments[1], rel=0.05)


def test_equal_scores_of_equal_items_leave_no_gap_outside_the_interval() -> None:
    items = [pair_accuracy(["a", "b"] * 100, (["a"] * 100) + (["b"] * 100)) for _ in range(2)]
    found = item_intervals(items, ddof=1, replicates=500, seed=0, level=0.95)
    assert found.absolute[0].low == 0
    assert found.gap.std.low == 0
    assert found.without == ()


def test_a_score_must_be_that_of_its_predictions() -> None:
    items = pair_accuracy(["a", "b"], ["a", "a"])
    check_items("scores[eng].predictions", 50.0, items)
    with pytest.raises(InvalidInput, match=r"the score is 51.0000, but its predictions give 50.0000"):
        check_items("scores[eng].predictions", 51.0, items)


def noisy(rng: np.random.Generator, right: NDArray[np.float64]) -> Items:
    """Pairs of which each is labeled right with its own probability."""
    gained = (rng.random(len(right)) < right).astype(float)
    return Items(gained, np.ones(len(right)), np.zeros(len(right), dtype=int))


def test_both_inputs_are_drawn_on_the_same_items() -> None:
    """Two inputs that err on the same items differ for sure, however few the items are."""
    rng = np.random.default_rng(3)
    items = [noisy(rng, np.full(300, share)) for share in (0.8, 0.6, 0.5)]
    found = difference_intervals(items, items, ddof=1, replicates=500, seed=0, level=0.95)
    for interval in (found.gap.std, found.gap.mean_rpd, *(pair for pair in found.rpd)):
        assert interval.low == interval.high == 0
    first, second = resampled_scores(items[:2], 4000, np.random.default_rng(4)).T
    assert first.std() == pytest.approx(resampled_scores(items[:1], 4000, rng).std(), rel=0.1)
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.15, "these two err on different items"


def test_a_gap_without_a_language_has_the_interval_of_the_rest() -> None:
    rng = np.random.default_rng(5)
    items = [noisy(rng, np.full(400, share)) for share in (0.9, 0.6, 0.3)]
    found = item_intervals(items, ddof=1, replicates=4000, seed=0, level=0.95)
    alone = item_intervals(items[:2], ddof=1, replicates=4000, seed=1, level=0.95)
    rest = found.without[2]
    assert (rest.std.low, rest.std.high) == pytest.approx((alone.gap.std.low, alone.gap.std.high), abs=0.01)


def test_inputs_on_other_items_are_not_compared() -> None:
    one, other = (pair_accuracy(labels, ["a"] * 4) for labels in (["a", "a", "b", "b"], ["a", "b", "b", "b"]))
    check_paired("eng", one, one)
    with pytest.raises(InvalidInput, match="the same set in the same order"):
        check_paired("eng", one, other)


@pytest.mark.parametrize(
    ("shares", "n", "low", "high"), [((81, 85, 79, 89), 400, 3.4, 9.5), ((53, 78, 76, 74), 80, 5.5, 28.4)]
)
def test_the_interval_of_a_spread_is_neither_empty_nor_down_to_zero(
    shares: tuple[int, ...], n: int, low: float, high: float
) -> None:
    """statistics.md, rows 2 and 3: equality of the first four is rejected at 2e-4: 0 must not lie inside."""
    rng = np.random.default_rng(0)
    items = []
    for share in shares:
        gained = np.arange(n) < round(share * n / 100)
        items.append(Items(rng.permutation(gained).astype(float), np.ones(n), np.zeros(n, dtype=int)))
    interval = item_intervals(items, ddof=1, replicates=4000, seed=0, level=0.95).gap.mean_rpd
    assert interval.low == pytest.approx(low, abs=1)
    assert interval.high == pytest.approx(high, abs=1)


def test_what_was_sampled_together_is_drawn_together() -> None:
    """statistics.md, row 11: a premise's three pairs, right or wrong together, are one item: √3 the noise."""
    rng = np.random.default_rng(6)
    right = np.repeat(rng.random(300) < 0.7, 3).astype(float)
    pairs = Items(right, np.ones(900), np.zeros(900, dtype=int))
    premises = pairs.by_unit(np.repeat(np.arange(300), 3))
    assert premises.score == pytest.approx(pairs.score)
    wide, narrow = (resampled_scores([i], 4000, rng).std() for i in (premises, pairs))
    assert wide / narrow == pytest.approx(np.sqrt(3), rel=0.1)


def test_an_interval_that_covers_less_says_so() -> None:
    """133 premises of three pairs, and differences of four languages on 400 items (docs/metrics.md)."""
    rng = np.random.default_rng(8)
    few = [noisy(rng, np.full(399, s)).by_unit(np.repeat(np.arange(133), 3)) for s in (0.6, 0.7, 0.8)]
    gap = item_intervals(few, ddof=1, replicates=200, seed=0, level=0.95).gap
    assert "133 units of several items: may cover 2 points less" in gap.mean_rpd.method
    assert "less" not in gap.std.method
    four = [noisy(rng, np.full(400, share)) for share in (0.6, 0.7, 0.8, 0.85)]
    other = [noisy(rng, np.full(400, share)) for share in (0.7, 0.7, 0.75, 0.85)]
    assert "less" not in item_intervals(four, 1, 200, 0, 0.95).gap.mean_rpd.method
    found = difference_intervals(four, other, ddof=1, replicates=200, seed=0, level=0.95)
    assert "400 items, 4 languages: may cover 2 to 4 points less" in found.gap.mean_rpd.method
    assert all("less" not in interval.method for interval in found.rpd)


def test_parallel_items_are_drawn_once_for_all_languages() -> None:
    """statistics.md, row 11: two languages that err on the same items lie as far apart in each draw."""
    items = noisy(np.random.default_rng(7), np.full(500, 0.7))
    found = item_intervals([items, items], ddof=1, replicates=500, seed=0, level=0.95)
    assert found.absolute[0].high == 0
    assert found.gap.std.high == 0
