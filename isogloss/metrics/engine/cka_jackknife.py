"""How far a CKA can be trusted: its jackknife over sentences.

Not the bootstrap: a sentence drawn twice is a pair of equal rows, which any kernel finds perfectly alike, so
the bootstrap of a CKA lies above it (point 0.669, "interval" 0.757 to 0.770). Leaving each sentence out in
turn has no such fault, and a closed form gives all n of them for all pairs in one more pass over the Grams.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from isogloss.metrics.engine.checks import Floats
from isogloss.metrics.engine.cka import (
    Features,
    GramSums,
    biased_cka,
    debiased_cka,
    row_blocks,
    uncentered_cka,
)


@dataclass(frozen=True)
class StandardErrors:
    """Of each pair [L, L], of the mean over all pairs, and of the mean without each language [L].

    `without` is NaN for two languages, which leave no pair behind. `mean_shifts` [n]: how far the mean moves
    when each sentence is left out.
    """

    pairs: Floats
    mean_shifts: Floats
    without: Floats

    @property
    def mean(self) -> float:
        """Of the mean over all pairs."""
        return jackknife_error(self.mean_shifts)


@dataclass(frozen=True)
class Jackknife:
    """The errors of each estimator."""

    biased: StandardErrors
    debiased: StandardErrors
    uncentered: StandardErrors


def jackknife_error(shifts: Floats) -> float:
    """Standard error of a value that moves by `shifts` [n] when each sentence is left out."""
    return float(np.sqrt((len(shifts) - 1) * shifts.var()))


def jackknife(features: Sequence[Features], sums: GramSums) -> Jackknife:
    """Standard errors of the three estimators of CKA over n sentences, n ≥ 5."""
    count, n = sums.squares.shape
    biased, debiased = Moments(biased_cka(sums)), Moments(debiased_cka(sums))
    uncentered = Moments(uncentered_cka(sums, features))
    for start, stop in row_blocks(count, n):
        rows = np.stack([f.centered[start:stop] @ f.centered.T for f in features], axis=1)  # [rows, L, n]
        index = np.arange(stop - start)
        rows[index, :, start + index] = 0
        p = (rows @ rows.transpose(0, 2, 1)).astype(np.float64)  # [rows, a, b]: Σ_j K̃_a,ij K̃_b,ij
        biased.add(_biased_without(sums, p, start, stop))
        debiased.add(_debiased_without(sums, p, rows, start, stop))
        uncentered.add(_uncentered_without(features, sums, p, rows, start, stop))
    return Jackknife(biased.errors(), debiased.errors(), uncentered.errors())


class Moments:
    """Standard errors from leave-one-out values, summed as differences from the value: no digits are lost."""

    def __init__(self, value: Floats) -> None:
        self._value = value
        self._total, self._square = np.zeros_like(value), np.zeros_like(value)
        self._sums: list[Floats] = []  # over the pairs of each language, [rows, L] a block

    def add(self, without: Floats) -> None:
        shift = without - self._value
        self._total += shift.sum(axis=0)
        self._square += np.einsum("iab,iab->ab", shift, shift)
        self._sums.append(shift.sum(axis=2) - np.einsum("iaa->ia", shift))

    def errors(self) -> StandardErrors:
        of_language = np.concatenate(self._sums)
        n, count = of_language.shape
        of_all = of_language.sum(axis=1) / 2  # each pair counted by both its languages
        pairs = np.sqrt(np.maximum((n - 1) / n * (self._square - self._total**2 / n), 0))
        without = np.full(count, np.nan)
        if count > 2:
            rest = of_all[:, None] - of_language
            without = np.sqrt((n - 1) * rest.var(axis=0)) / math.comb(count - 1, 2)
        return StandardErrors(pairs, of_all / math.comb(count, 2), without)


def _biased_without(sums: GramSums, p: Floats, start: int, stop: int) -> Floats:
    """Biased CKA without sentence i, [rows, L, L]: the Grams lose row and column i and are centered anew.

    Full rows of a centered Gram sum to 0, so those left sum to -K_ij, and centering needs nothing but p and
    K_ii.
    """
    n = sums.squares.shape[1] - 1
    own = sums.squares[:, start:stop].T  # K_ii, [rows, L]
    corner = own[:, :, None] * own[:, None, :]
    return _ratio(sums.products - 2 * p - corner - 2 / n * p + corner / n**2)


def _debiased_without(sums: GramSums, p: Floats, rows: Floats, start: int, stop: int) -> Floats:
    """Debiased CKA without sentence i, [rows, L, L].

    With K̃ the Gram with a zero diagonal and r = K̃1: tr(K̃_a K̃_b) loses 2 p, row sum r_j loses K̃_ij, and
    the total loses 2 r_i.
    """
    sums_of_rows = -sums.squares  # r, because the features are centered
    crossed = (rows @ sums_of_rows.T.astype(np.float32)).astype(np.float64)  # [rows, a, b]: Σ_j K̃_a,ij r_b,j
    own = sums_of_rows[:, start:stop].T
    n = sums.squares.shape[1] - 1
    dots = sums.squares @ sums.squares.T
    dot = dots - own[:, :, None] * own[:, None, :] - crossed - crossed.transpose(0, 2, 1) + p
    total = sums_of_rows.sum(axis=1) - 2 * own
    outer = total[:, :, None] * total[:, None, :]
    return _ratio(sums.products - dots - 2 * p + outer / ((n - 1) * (n - 2)) - 2 / (n - 2) * dot)


def _uncentered_without(
    features: Sequence[Features], sums: GramSums, p: Floats, rows: Floats, start: int, stop: int
) -> Floats:
    """Uncentered CKA without sentence i, [rows, L, L].

    Entry ij of an uncentered Gram is K_ij + a_i + a_j + q, with a = Cm along the mean m and q = |m|². Sums of
    K_ij and of a_j over all j are 0, so the sum of products over row i is one of five terms.
    """
    n = sums.squares.shape[1]
    along = np.stack([f.along_mean for f in features])  # a, [L, n]
    means = np.array([f.mean_square for f in features])  # q, [L]
    whole = sums.products + 2 * n * along @ along.T + n**2 * np.outer(means, means)
    own, here = sums.squares[:, start:stop].T, along[:, start:stop].T  # K_ii and a_i, [rows, L]
    crossed = (rows @ along.T.astype(np.float32)).astype(np.float64) + own[:, :, None] * here[:, None, :]
    level = here + means
    row = p + own[:, :, None] * own[:, None, :] + crossed + crossed.transpose(0, 2, 1)
    row += along @ along.T + n * level[:, :, None] * level[:, None, :]
    corner = own + 2 * here + means
    return _ratio(whole - 2 * row + corner[:, :, None] * corner[:, None, :])


def _ratio(products: Floats) -> Floats:
    scale = np.sqrt(np.einsum("iaa->ia", products))
    return np.asarray(products / (scale[:, :, None] * scale[:, None, :]))
