"""Linear CKA: what it must not see, its jackknife and its null, and what length does to it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from isogloss.errors import InvalidInput
from isogloss.metrics.engine import cka, cka_null
from isogloss.metrics.engine.checks import Floats
from isogloss.metrics.engine.cka import Features, biased_cka, debiased_cka, gram_sums, uncentered_cka
from isogloss.metrics.engine.cka_jackknife import jackknife
from isogloss.metrics.engine.linguistic_gap import LinguisticGap, Sentences, linguistic_gap
from isogloss.metrics.engine.similarity_comparison import compare_similarities


def world(seed: int, n: int = 30, d: int = 5, languages: int = 3) -> list[Floats]:
    """Vectors with a part that all languages share, away from the origin."""
    rng = np.random.default_rng(seed)
    shared = rng.normal(size=(n, d))
    return [shared + rng.normal(size=(n, d)) + 3 for _ in range(languages)]


def gap_of(vectors: list[Floats], **options: int) -> LinguisticGap:
    names = [f"l{index}" for index in range(len(vectors))]
    return linguistic_gap(names, [Sentences(x) for x in vectors], **options)


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.floats(0.01, 100))
def test_rotation_scale_and_shift_are_not_seen(seed: int, scale: float) -> None:
    x, y, _ = world(seed)
    rotation, _ = np.linalg.qr(np.random.default_rng(seed + 1).normal(size=(5, 5)))
    plain, moved = gap_of([x, y]).plain, gap_of([x, scale * y @ rotation + 7]).plain
    assert moved.biased.mean == pytest.approx(plain.biased.mean, abs=1e-4)
    assert moved.debiased.mean == pytest.approx(plain.debiased.mean, abs=1e-4)


def test_all_pairs_at_once_equal_each_pair_alone() -> None:
    vectors = world(0)
    together = gap_of(vectors).plain
    for a, b in ((0, 1), (0, 2), (1, 2)):
        alone = gap_of([vectors[a], vectors[b]]).plain
        assert together.debiased.values[a, b] == pytest.approx(alone.debiased.mean, abs=1e-6)


def test_blocks_do_not_change_the_value(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = world(1, n=70)
    whole = gap_of(vectors).plain
    monkeypatch.setattr(cka, "BLOCK_BYTES", 4 * 3 * 70 * 9)  # nine rows at a time
    blocks = gap_of(vectors).plain
    np.testing.assert_allclose(blocks.biased.values, whole.biased.values, atol=1e-6)
    np.testing.assert_allclose(blocks.debiased.errors.pairs, whole.debiased.errors.pairs, atol=1e-6)


def test_jackknife_equals_leaving_each_sentence_out() -> None:
    vectors = world(2)
    features = [Features.of(x) for x in vectors]
    n = len(vectors[0])
    rest = [[Features.of(np.delete(x, i, axis=0)) for x in vectors] for i in range(n)]
    found = jackknife(features, gram_sums(features))
    for errors, left_out in (
        (found.biased, np.stack([biased_cka(gram_sums(kept)) for kept in rest])),
        (found.debiased, np.stack([debiased_cka(gram_sums(kept)) for kept in rest])),
        (found.uncentered, np.stack([uncentered_cka(gram_sums(kept), kept) for kept in rest])),
    ):
        np.testing.assert_allclose(errors.pairs, np.sqrt((n - 1) * left_out.var(axis=0)), atol=1e-5)
        means = left_out[:, [0, 0, 1], [1, 2, 2]].mean(axis=1)
        assert errors.mean == pytest.approx(np.sqrt((n - 1) * means.var()), abs=1e-5)
        without_first = np.sqrt((n - 1) * left_out[:, 1, 2].var())
        assert errors.without[0] == pytest.approx(without_first, abs=1e-5)


def test_null_is_the_chance_level_of_the_biased_estimator() -> None:
    x, y, _ = world(3, n=40, d=30)
    rng = np.random.default_rng(4)
    gap = gap_of([x, y, rng.normal(size=(40, 30))], permutations=99, seed=5)
    assert gap.null is not None
    assert gap.null.mean[0, 1] > 0.3, "noise alone looks alike when dimensions are many"
    assert gap.null.p_value[0, 1] == pytest.approx(0.01)
    assert gap.null.p_value[0, 2] > 0.05
    assert gap.null.p_value_holm[0, 1] == pytest.approx(0.03)


def test_nulls_too_large_for_memory_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cka_null, "MAX_BYTES", 1000)
    with pytest.raises(InvalidInput, match=r"resampling.permutations.*Send 0, or fewer languages"):
        gap_of(world(6), permutations=10)


def length_world(meaning: float) -> list[Sentences]:
    """Vectors made of length and noise, and of meaning that the languages share."""
    rng = np.random.default_rng(7)
    n, d = 300, 6
    length, shared = rng.integers(5, 60, size=n), rng.normal(size=(n, d))
    made = []
    for _ in range(2):
        own = np.maximum(1, length + rng.integers(-3, 4, size=n))
        curve = np.stack([np.log(own) ** power for power in (1, 2)], axis=1) @ rng.normal(size=(2, d))
        made.append(Sentences(curve + meaning * shared + 0.3 * rng.normal(size=(n, d)), own.astype(float)))
    return made


def test_length_alone_makes_languages_look_alike() -> None:
    gap = linguistic_gap(["eng", "kor"], length_world(meaning=0))
    assert gap.plain.debiased.mean > 0.6
    assert gap.length is not None
    assert gap.length.residual is not None
    assert gap.length.lengths is not None
    assert abs(gap.length.residual.mean) < 0.02
    assert gap.length.matched_mean == pytest.approx(gap.plain.debiased.mean, abs=0.02), (
        "length makes all of it"
    )
    assert gap.length.lengths[0, 1] > 0.3


def test_what_is_not_length_remains() -> None:
    gap = linguistic_gap(["eng", "kor"], length_world(meaning=1))
    assert gap.length is not None
    assert gap.length.residual is not None
    assert gap.length.residual.mean > 0.8
    low, high = gap.length.residual.mean_interval().low, gap.length.residual.mean_interval().high
    assert low < gap.length.residual.mean < high


def test_vectors_that_are_length_and_nothing_else_share_nothing_beside_it() -> None:
    length = np.tile(np.arange(1.0, 31), 5)
    sentences = [Sentences(np.log(length)[:, None] * np.ones(3), length) for _ in range(2)]
    control = linguistic_gap(["eng", "kor"], sentences).length
    assert control is not None
    assert control.residual is not None
    assert control.residual.mean == 0
    assert "eng, kor are a function of length" in control.note


def test_the_residual_of_few_sentences_is_refused() -> None:
    """12 sentences of 8 dimensions: a regression alone leaves .198 of nothing."""
    rng = np.random.default_rng(0)
    lengths = rng.integers(5, 60, size=60).astype(float)
    sentences = [Sentences(rng.normal(size=(60, 8)), lengths) for _ in range(2)]
    control = linguistic_gap(["eng", "kor"], sentences).length
    assert control is not None
    assert control.residual is None
    assert "60 sentences" in control.note


@pytest.mark.parametrize("width", [20, 80])
@pytest.mark.parametrize("repeating", [True, False])
def test_no_function_of_length_leaks(width: int, repeating: bool) -> None:
    """statistics.md, row 1: averaged positions, smooth, each language its own: only length is shared."""
    rng = np.random.default_rng(width)
    base = rng.lognormal(4.7 if repeating else 6.5, 0.4, size=800)
    sentences = []
    for _ in range(3):
        own = np.round(base * rng.lognormal(0, 0.1, size=800)).astype(int)
        kernel = np.exp(-0.5 * (np.arange(-4 * width, 4 * width + 1) / width) ** 2)
        white = rng.normal(size=(own.max() + 8 * width, 16))
        table = np.stack([np.convolve(column, kernel, "valid") for column in white.T], axis=1)
        averaged = np.cumsum(table / table.std(), axis=0)[own - 1] / own[:, None]
        tokens = rng.normal(size=averaged.shape) / np.sqrt(own)[:, None]
        sentences.append(Sentences(averaged + tokens, own.astype(float)))
    gap = linguistic_gap(["eng", "hun", "kor"], sentences)
    assert gap.length is not None
    assert gap.length.residual is not None
    assert gap.plain.debiased.mean > 0.5
    assert abs(gap.length.residual.mean) < 0.01
    assert gap.length.matched_mean == pytest.approx(gap.plain.debiased.mean, abs=0.01)


def test_what_is_taken_out_of_a_language_is_its_own_length() -> None:
    """statistics.md, row 13: what follows the *other* language's length is left."""
    rng = np.random.default_rng(21)
    n = 1200
    own, other = rng.integers(5, 60, size=(2, n)).astype(float)
    curve = np.stack([np.log(own), np.sqrt(own)], axis=1) @ rng.normal(size=(2, 4))
    first, second = (curve + 0.1 * rng.normal(size=(n, 4)) for _ in range(2))
    left = linguistic_gap(["eng", "kor"], [Sentences(first, other), Sentences(second, other)]).length
    gone = linguistic_gap(["eng", "kor"], [Sentences(first, own), Sentences(second, own)]).length
    crossed = linguistic_gap(["eng", "kor"], [Sentences(first, own), Sentences(second, other)])
    assert left is not None
    assert gone is not None
    assert crossed.length is not None
    assert left.residual is not None
    assert gone.residual is not None
    assert crossed.length.residual is not None
    assert left.residual.mean > 0.9, "lengths that these vectors do not follow take nothing out"
    assert abs(gone.residual.mean) < 0.01
    assert abs(crossed.length.residual.mean) < 0.01, "one side without its length shares nothing"


def test_one_sentence_far_from_all_others_is_refused_with_its_row() -> None:
    """statistics.md, row 10."""
    x, y, _ = world(13, n=100)
    y = 1e-3 * y
    y[57] = 50
    with pytest.raises(InvalidInput, match=r"row 57 makes up 100.00% of the variance"):
        gap_of([x, y])


def test_lengths_of_some_languages_only_are_refused() -> None:
    first, second = length_world(meaning=1)
    with pytest.raises(InvalidInput, match="some have none"):
        linguistic_gap(["eng", "kor"], [first, Sentences(second.vectors)])


def test_two_inputs_are_compared_on_the_same_sentences() -> None:
    first, second = world(10, n=60), world(11, n=60)
    same = compare_similarities(gap_of(first), gap_of(first))
    assert same.debiased.value == same.debiased.interval.low == same.debiased.interval.high == 0
    found = compare_similarities(gap_of(first), gap_of(second))
    left_out = [
        gap_of([np.delete(x, i, axis=0) for x in first]).plain.debiased.mean
        - gap_of([np.delete(x, i, axis=0) for x in second]).plain.debiased.mean
        for i in range(60)
    ]
    half = (found.debiased.interval.high - found.debiased.interval.low) / 2
    assert half == pytest.approx(stats.t.ppf(0.975, 59) * np.sqrt(59 * np.var(left_out)), rel=1e-3)
    assert found.residual is None
    with pytest.raises(InvalidInput, match="50 sentences, but 60 in first"):
        compare_similarities(gap_of(first), gap_of(world(12, n=50)))


def test_without_a_language() -> None:
    x, y, _ = world(8)
    noise = np.random.default_rng(9).normal(size=x.shape)
    gap = gap_of([x, y, noise])
    debiased = gap.plain.debiased
    assert debiased.without(2) == pytest.approx(debiased.values[0, 1])
    alone, together = debiased.interval(0, 1), debiased.interval_without(2)
    assert (together.low, together.high) == pytest.approx((alone.low, alone.high), abs=1e-6)
