"""How far a CKA can be trusted: its jackknife over sentences.

Not the bootstrap: a sentence drawn twice is a pair of equal rows, which any kernel finds perfectly alike, so
the bootstrap of a CKA lies above it (point 0.669, "interval" 0.757 to 0.770). Leaving each sentence out in
turn has no such fault, and a closed form gives all n of them for all pairs in one more pass over the Grams.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.metrics.engine.checks import Floats
from services.metrics.engine.cka import Features, GramSums, biased_cka, debiased_cka, row_blocks


@dataclass(frozen=True)
class StandardErrors:
    """Of each pair [L, L], and of the mean over all pairs."""

    pairs: Floats
    mean: float


def jackknife(features: Sequence[Features], sums: GramSums) -> tuple[StandardErrors, StandardErrors]:
    """Standard errors of the biased and of the debiased CKA over n sentences, n ≥ 5."""
    count, n = sums.squares.shape
    biased, debiased = _Moments(biased_cka(sums)), _Moments(debiased_cka(sums))
    for start, stop in row_blocks(count, n):
        rows = np.stack([f.centered[start:stop] @ f.centered.T for f in features], axis=1)  # [rows, L, n]
        index = np.arange(stop - start)
        rows[index, :, start + index] = 0
        p = (rows @ rows.transpose(0, 2, 1)).astype(np.float64)  # [rows, a, b]: Σ_j K̃_a,ij K̃_b,ij
        biased.add(_biased_without(sums, p, start, stop))
        debiased.add(_debiased_without(sums, p, rows, start, stop))
    return biased.errors(), debiased.errors()


class _Moments:
    """Sums over leave-one-out values, as differences from the value: their squares lose no digits."""

    def __init__(self, value: Floats) -> None:
        self._value = value
        self._upper = np.triu_indices(len(value), k=1)
        self._total, self._square = np.zeros_like(value), np.zeros_like(value)
        self._means: list[Floats] = []

    def add(self, without: Floats) -> None:
        shift = without - self._value
        self._total += shift.sum(axis=0)
        self._square += np.einsum("iab,iab->ab", shift, shift)
        self._means.append(shift[:, self._upper[0], self._upper[1]].mean(axis=1))

    def errors(self) -> StandardErrors:
        means = np.concatenate(self._means)
        n = len(means)
        pairs = np.sqrt(np.maximum((n - 1) / n * (self._square - self._total**2 / n), 0))
        return StandardErrors(pairs, float(np.sqrt((n - 1) * means.var())))


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


def _ratio(products: Floats) -> Floats:
    scale = np.sqrt(np.einsum("iaa->ia", products))
    return np.asarray(products / (scale[:, :, None] * scale[:, None, :]))
