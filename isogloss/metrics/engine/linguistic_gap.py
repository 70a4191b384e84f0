"""Linguistic gap: CKA of all pairs of languages with everything that is needed to read it (section 3.4,
Figure 2)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from isogloss.errors import InvalidInput
from isogloss.metrics.engine.checks import Floats, Vectors, check_languages, check_vectors
from isogloss.metrics.engine.cka import (
    Features,
    GramSums,
    biased_cka,
    debiased_cka,
    gram_sums,
    uncentered_cka,
)
from isogloss.metrics.engine.cka_jackknife import StandardErrors, jackknife
from isogloss.metrics.engine.cka_null import permuted_cka
from isogloss.metrics.engine.intervals import Interval, normal_interval
from isogloss.metrics.engine.length import check_lengths, length_basis, without_length
from isogloss.metrics.engine.permutation import holm, p_values

MIN_SENTENCES = 6
"""The unbiased HSIC divides by n - 3, and its jackknife leaves one more out."""


@dataclass(frozen=True)
class Sentences:
    """One language's vectors [n, d], row i the same sentence everywhere, and units per sentence [n] where
    known."""

    vectors: Vectors
    lengths: Floats | None = None


@dataclass(frozen=True)
class Estimates:
    """One CKA of all pairs, [L, L], with its jackknife over sentences."""

    values: Floats
    errors: StandardErrors
    sentences: int
    level: float

    @property
    def mean(self) -> float:
        """Over all pairs."""
        return mean_over_pairs(self.values)

    def interval(self, first: int, second: int) -> Interval:
        """Of two languages."""
        return self._interval(float(self.values[first, second]), float(self.errors.pairs[first, second]))

    def mean_interval(self) -> Interval:
        """Of the mean over all pairs."""
        return self._interval(self.mean, self.errors.mean)

    def without(self, language: int) -> float:
        """Mean over the pairs that remain without one language of three or more."""
        kept = np.delete(np.arange(len(self.values)), language)
        return mean_over_pairs(self.values[np.ix_(kept, kept)])

    def interval_without(self, language: int) -> Interval:
        """Of that mean."""
        return self._interval(self.without(language), float(self.errors.without[language]))

    def _interval(self, value: float, error: float) -> Interval:
        return normal_interval(value, error, self.level, "jackknife over sentences", self.sentences - 1)


@dataclass(frozen=True)
class Similarity:
    """All estimators of one set of features; `uncentered` is for comparison."""

    biased: Estimates
    debiased: Estimates
    uncentered: Estimates


@dataclass(frozen=True)
class Null:
    """Biased CKA with sentences paired at random, [L, L] each; only entries above the diagonal mean anything.

    `mean` over permutations, the share of them that reaches the real CKA, and that by Holm over all pairs.
    """

    mean: Floats
    p_value: Floats
    p_value_holm: Floats


@dataclass(frozen=True)
class LinguisticGap:
    """`residual` is with each language's own sentence length regressed out, `lengths` the debiased CKA of
    length alone; both None unless every language came with lengths. `null` is None without permutations."""

    plain: Similarity
    residual: Similarity | None
    lengths: Floats | None
    null: Null | None


def linguistic_gap(
    languages: Sequence[str],
    sentences: Iterable[Sentences],
    *,
    permutations: int = 0,
    seed: int = 0,
    level: float = 0.95,
    field: str = "languages",
) -> LinguisticGap:
    """CKA of all pairs of languages.

    `sentences` yields one language after another; each is reduced to float32 features before the next is
    asked for, so that 200 languages of [1012, 768] need 620 MB and no copy. Raises `InvalidInput`, naming
    `field`, where rows do not align.
    """
    check_languages(languages, field)
    features: list[Features] = []
    bases: list[Floats] = []
    for language, item in zip(languages, sentences, strict=True):
        rows = len(features[0].centered) if features else len(item.vectors)
        check_vectors(item.vectors, f"{field}[{language}].vectors", rows, MIN_SENTENCES)
        features.append(Features.of(item.vectors))
        if item.lengths is not None:
            bases.append(length_basis(check_lengths(item.lengths, rows, f"{field}[{language}].lengths")))

    sums = gram_sums(features)
    plain = _similarity(features, sums, level)
    null = _null(features, sums, plain, permutations, seed) if permutations else None
    if not bases:
        return LinguisticGap(plain, None, None, null)
    if len(bases) < len(languages):
        raise InvalidInput(field, "some vectors have lengths and some have none", "Embed them all anew.")
    for index, basis in enumerate(bases):  # in place, for the memory
        features[index] = without_length(features[index], basis)
    residual = _similarity(features, gram_sums(features), level)
    return LinguisticGap(plain, residual, _cka_of_lengths(bases), null)


def mean_over_pairs(matrix: Floats) -> float:
    """Of a symmetric [L, L] matrix, without its diagonal."""
    return float(matrix[np.triu_indices(len(matrix), k=1)].mean())


def _similarity(features: list[Features], sums: GramSums, level: float) -> Similarity:
    errors = jackknife(features, sums)
    n = sums.squares.shape[1]
    return Similarity(
        Estimates(biased_cka(sums), errors.biased, n, level),
        Estimates(debiased_cka(sums), errors.debiased, n, level),
        Estimates(uncentered_cka(sums, features), errors.uncentered, n, level),
    )


def _null(features: list[Features], sums: GramSums, plain: Similarity, permutations: int, seed: int) -> Null:
    permuted = permuted_cka(features, sums, permutations, seed)
    p = p_values(plain.biased.values, permuted)
    corrected = np.ones_like(p)
    upper = np.triu_indices(len(p), k=1)
    corrected[upper] = holm(p[upper])
    return Null(permuted.mean(axis=0), p, corrected)


def _cka_of_lengths(bases: list[Floats]) -> Floats | None:
    """None when some language's sentences are all of one length."""
    if any(basis.shape[1] == 0 for basis in bases):
        return None
    return debiased_cka(gram_sums([Features.of(basis) for basis in bases]))
