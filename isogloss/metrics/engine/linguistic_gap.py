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
    unbiased_hsic,
    uncentered_cka,
)
from isogloss.metrics.engine.cka_jackknife import StandardErrors, jackknife
from isogloss.metrics.engine.cka_length import Residual, length_matched_cka, residual_cka
from isogloss.metrics.engine.cka_null import permuted_cka
from isogloss.metrics.engine.intervals import Interval, normal_interval
from isogloss.metrics.engine.length import (
    MIN_SENTENCES_OF_RESIDUAL,
    check_lengths,
    length_basis,
    length_strata,
    without_length,
)
from isogloss.metrics.engine.permutation import holm, p_values

OUTLIER = 1e-3
"""Variance of all other sentences over what one adds to it, below which that one is all there is."""

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
class LengthControl:
    """What sentence length makes of debiased CKA: see `cka_length`.

    `residual` is without it, None below 100 sentences. `matched` [L, L] is the length-matched null, `lengths`
    [L, L] the CKA of length alone (None where all sentences of a language are of one length). `freedom`,
    `exact` and `remaining` [L] are of each language: columns of its spline, whether only sentences of exactly
    one length are compared, and the share of its Gram that is left. `note` says what was refused, and why.
    """

    residual: Estimates | None
    matched: Floats
    lengths: Floats | None
    freedom: tuple[int, ...]
    exact: tuple[bool, ...]
    remaining: Floats | None
    note: str

    @property
    def matched_mean(self) -> float:
        """Over all pairs."""
        return mean_over_pairs(self.matched)


@dataclass(frozen=True)
class LinguisticGap:
    """`length` is None unless every language came with lengths, `null` without permutations."""

    plain: Similarity
    length: LengthControl | None
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
    lengths: list[Floats] = []
    for language, item in zip(languages, sentences, strict=True):
        rows = len(features[0].centered) if features else len(item.vectors)
        check_vectors(item.vectors, f"{field}[{language}].vectors", rows, MIN_SENTENCES)
        features.append(Features.of(item.vectors))
        if item.lengths is not None:
            lengths.append(check_lengths(item.lengths, rows, f"{field}[{language}].lengths"))

    sums = gram_sums(features)
    _check_spread(languages, sums, field)
    plain = _similarity(features, sums, level)
    null = _null(features, sums, plain, permutations, seed) if permutations else None
    if not lengths:
        return LinguisticGap(plain, None, null)
    if len(lengths) < len(languages):
        raise InvalidInput(field, "some vectors have lengths and some have none", "Embed them all anew.")
    return LinguisticGap(plain, _length_control(languages, features, lengths, sums, level), null)


def _check_spread(languages: Sequence[str], sums: GramSums, field: str) -> None:
    """The unbiased HSIC of vectors with themselves, with and without any sentence, must be positive.

    One sentence far from all others makes up all of the variance, and nothing can be said of the rest.
    """
    hsic = np.diag(unbiased_hsic(sums))
    for language, value, squares in zip(languages, hsic, sums.squares, strict=True):
        row = int(np.argmax(squares))
        alone = squares[row] * len(squares) / (len(squares) - 1)  # it draws the mean to itself
        if value <= 0 or squares.sum() - alone < OUTLIER * alone:
            problem = f"row {row} makes up {min(1, alone / squares.sum()):.2%} of the variance"
            fix = "Check that sentence, or leave it out in all languages."
            raise InvalidInput(f"{field}[{language}].vectors", problem, fix)


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


def _length_control(
    languages: Sequence[str],
    features: list[Features],
    lengths: Sequence[Floats],
    sums: GramSums,
    level: float,
) -> LengthControl:
    """Puts the residuals in the place of `features`, for the memory."""
    n = len(lengths[0])
    matched = length_matched_cka(features, lengths, sums)
    bases = [length_basis(own) for own in lengths]
    freedom, alone = tuple(int(basis.shape[1]) for basis in bases), _cka_of_lengths(lengths)
    strata = [length_strata(own) for own in lengths]
    exact = tuple(item.exact for item in strata)
    if n < MIN_SENTENCES_OF_RESIDUAL:
        note = f"{n} sentences; the residual is biased below {MIN_SENTENCES_OF_RESIDUAL}"
        return LengthControl(None, matched, alone, freedom, exact, None, note)
    for index, basis in enumerate(bases):
        features[index] = without_length(features[index], basis)
    residual = residual_cka(features, bases, strata, sums)
    estimates = Estimates(residual.values, residual.errors, n, level)
    note = _note(languages, residual)
    return LengthControl(estimates, matched, alone, freedom, exact, residual.remaining, note)


def _note(languages: Sequence[str], residual: Residual) -> str:
    emptied = [name for name, nothing in zip(languages, residual.nothing_left, strict=True) if nothing]
    if not emptied:
        return ""
    return f"vectors of {', '.join(emptied)} are a function of length: what is left of nothing counts as 0"


def _cka_of_lengths(lengths: Sequence[Floats]) -> Floats | None:
    """Of the log of length alone; None when some language's sentences are all of one length."""
    if any(np.ptp(own) == 0 for own in lengths):
        return None
    return debiased_cka(gram_sums([Features.of(np.log(own)[:, None]) for own in lengths]))
