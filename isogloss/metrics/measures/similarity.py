"""Linguistic gap: linear CKA of languages' sentence vectors, with all that is needed to read it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from isogloss.errors import InvalidInput
from isogloss.metrics.engine import linguistic_gap
from isogloss.metrics.engine.checks import Floats, Vectors
from isogloss.metrics.engine.intervals import Interval
from isogloss.metrics.engine.linguistic_gap import LinguisticGap, Sentences


@dataclass(frozen=True)
class PairSimilarity:
    """Two languages' vectors: `cka` biased as the paper prints it, `cka_debiased` 0 on average for noise."""

    first: str
    second: str
    cka: float
    cka_interval: Interval
    cka_debiased: float
    cka_debiased_interval: Interval
    cka_uncentered: float
    cka_debiased_length_residual: float | None = None
    cka_debiased_length_residual_interval: Interval | None = None
    cka_length_matched: float | None = None
    cka_lengths: float | None = None
    null_mean: float | None = None
    p_value: float | None = None
    p_value_holm: float | None = None


@dataclass(frozen=True)
class SimilarityWithout:
    """Means over the pairs that remain without one language."""

    language: str
    mean_cka: float
    mean_cka_interval: Interval
    mean_cka_debiased: float
    mean_cka_debiased_interval: Interval


@dataclass(frozen=True)
class LengthControl:
    """How sentence length was taken out of one language: by a cubic spline of `degrees_of_freedom` columns,
    then by comparing sentences of `equal_lengths` or of neighboring ones. `remaining` is the share of the
    vectors' Gram (0 to 1, Frobenius norm) that is left."""

    language: str
    degrees_of_freedom: int
    equal_lengths: bool
    remaining: float | None


@dataclass(frozen=True)
class Similarity:
    """Linear CKA of all pairs of languages; `mean_…` over all pairs."""

    sentences: int
    mean_cka: float
    mean_cka_interval: Interval
    mean_cka_debiased: float
    mean_cka_debiased_interval: Interval
    mean_cka_uncentered: float
    mean_cka_uncentered_interval: Interval
    pairs: tuple[PairSimilarity, ...]
    without: tuple[SimilarityWithout, ...]
    mean_cka_debiased_length_residual: float | None = None
    mean_cka_debiased_length_residual_interval: Interval | None = None
    mean_cka_length_matched: float | None = None
    length_controls: tuple[LengthControl, ...] = ()
    length_note: str | None = None


def cka(
    vectors: Mapping[str, Vectors],
    lengths: Mapping[str, ArrayLike] | None = None,
    *,
    permutations: int = 0,
    seed: int = 0,
    level: float = 0.95,
) -> Similarity:
    """How alike two or more languages' vectors of the same sentences are, up to rotation and scale.

    `vectors[l]` [n, d_l]: row i is the same sentence in every language. `lengths[l]` [n]: units (characters,
    tokens) of which each vector is the mean; with them come the values without sentence length.
    `permutations` of the rows make each pair's null. Intervals are jackknives over sentences of coverage
    `level`. Needs 6 sentences.
    """
    own = dict(lengths or {})
    unknown = sorted(set(own) - set(vectors))
    if unknown:
        raise InvalidInput("lengths", f"of {', '.join(unknown)}, who have no vectors", "Send both or none.")
    sentences = [Sentences(np.asarray(x), _floats(own.get(name))) for name, x in vectors.items()]
    return similarity(list(vectors), sentences, permutations=permutations, seed=seed, level=level)


def similarity(
    languages: Sequence[str],
    sentences: Iterable[Sentences],
    *,
    permutations: int = 0,
    seed: int = 0,
    level: float = 0.95,
) -> Similarity:
    """`cka` of vectors that arrive one language after another: 200 languages need no copy."""
    gap = linguistic_gap.linguistic_gap(
        languages, sentences, permutations=permutations, seed=seed, level=level
    )
    plain, length = gap.plain, gap.length
    residual = length.residual if length else None
    rest = range(len(languages)) if len(languages) > 2 else ()
    return Similarity(
        sentences=plain.biased.sentences,
        mean_cka=plain.biased.mean,
        mean_cka_interval=plain.biased.mean_interval(),
        mean_cka_debiased=plain.debiased.mean,
        mean_cka_debiased_interval=plain.debiased.mean_interval(),
        mean_cka_uncentered=plain.uncentered.mean,
        mean_cka_uncentered_interval=plain.uncentered.mean_interval(),
        mean_cka_debiased_length_residual=residual.mean if residual else None,
        mean_cka_debiased_length_residual_interval=residual.mean_interval() if residual else None,
        mean_cka_length_matched=length.matched_mean if length else None,
        length_controls=_length_controls(languages, length) if length else (),
        length_note=(length.note or None) if length else None,
        pairs=tuple(
            _pair_similarity(gap, languages, i, j) for i, j in combinations(range(len(languages)), 2)
        ),
        without=tuple(
            SimilarityWithout(
                languages[index],
                plain.biased.without(index),
                plain.biased.interval_without(index),
                plain.debiased.without(index),
                plain.debiased.interval_without(index),
            )
            for index in rest
        ),
    )


def _length_controls(
    languages: Sequence[str], length: linguistic_gap.LengthControl
) -> tuple[LengthControl, ...]:
    remaining = [None] * len(languages) if length.remaining is None else length.remaining.tolist()
    return tuple(map(LengthControl, languages, length.freedom, length.exact, remaining))


def _pair_similarity(gap: LinguisticGap, languages: Sequence[str], i: int, j: int) -> PairSimilarity:
    plain, length, null = gap.plain, gap.length, gap.null
    residual = length.residual if length else None
    return PairSimilarity(
        languages[i],
        languages[j],
        cka=float(plain.biased.values[i, j]),
        cka_interval=plain.biased.interval(i, j),
        cka_debiased=float(plain.debiased.values[i, j]),
        cka_debiased_interval=plain.debiased.interval(i, j),
        cka_uncentered=float(plain.uncentered.values[i, j]),
        cka_debiased_length_residual=float(residual.values[i, j]) if residual else None,
        cka_debiased_length_residual_interval=residual.interval(i, j) if residual else None,
        cka_length_matched=float(length.matched[i, j]) if length else None,
        cka_lengths=float(length.lengths[i, j]) if length and length.lengths is not None else None,
        null_mean=float(null.mean[i, j]) if null else None,
        p_value=float(null.p_value[i, j]) if null else None,
        p_value_holm=float(null.p_value_holm[i, j]) if null else None,
    )


def _floats(values: ArrayLike | None) -> Floats | None:
    return None if values is None else np.asarray(values, dtype=np.float64)
