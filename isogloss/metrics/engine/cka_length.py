"""How much of a CKA is sentence length, and how much is left without it.

Two figures of each pair of languages, both of debiased CKA:

- The **residual**: each language's vectors lose their regression on its own length, and their Gram loses,
  entry by entry, its mean over all re-orderings of sentences within strata of one length. What any function
  of length puts into a Gram is the same under such a re-ordering and so goes, however rough it is; and
  where all that two languages share is length, the expected value is 0 at any n and d. (A regression alone
  is not enough: what it does to noise depends on length, too, about d p / n² for p columns.)
- The **length-matched null**: the mean debiased CKA when sentences are re-paired at random within narrow
  strata of length, none with its own translation. It *is* the part of CKA that length makes.

Both are computed in row blocks, without holding any language's Gram. What is regressed out and averaged away
is not the same in two languages, so fewer comparisons are left of a pair than of a language and itself:
products are taken per comparison (`_comparisons`), or a shared factor would lose up to a third of its CKA.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack

from isogloss.metrics.engine.checks import Floats
from isogloss.metrics.engine.cka import Features, GramSums, row_blocks, unbiased_hsic
from isogloss.metrics.engine.cka_jackknife import Moments, StandardErrors
from isogloss.metrics.engine.length import Strata, neighbors

NEIGHBORS = 5
"""Sentences of a stratum of the null at least: four to re-pair each with."""

NOTHING_LEFT = {True: 1e-4, False: 0.01}
"""Share of a Gram, by whether strata are of equal lengths, below which nothing is left without length."""


@dataclass(frozen=True)
class Residual:
    """Debiased CKA without length: [L, L], with its jackknife over sentences.

    `remaining` [L]: the share of each language's Gram (Frobenius norm) that is left. Where it is nothing,
    the language's vectors are a function of length and its values are 0.
    """

    values: Floats
    errors: StandardErrors
    remaining: Floats
    nothing_left: NDArray[np.bool_]


@dataclass(frozen=True)
class _Groups:
    """Strata as means: `numbers` [n], `means` [strata, d], and `within` [strata]: the mean Gram entry of two
    different sentences of one stratum."""

    numbers: NDArray[np.int64]
    means: NDArray[np.float32]
    within: NDArray[np.float32]


def residual_cka(
    features: Sequence[Features], bases: Sequence[csr_array], strata: Sequence[Strata], whole: GramSums
) -> Residual:
    """From residuals of `without_length` on `bases`, each language's strata, and the Grams' sums before."""
    count, n = len(features), len(features[0].centered)
    groups = [_groups(f.centered, s.numbers) for f, s in zip(features, strata, strict=True)]

    def row_products() -> Iterator[Floats]:
        """Σ_j K̃_a,ij K̃_b,ij of the rows i of a block: [rows, L, L]."""
        for start, stop in row_blocks(count, n):
            pairs = zip(features, groups, strict=True)
            block = np.stack([_centered_rows(f.centered, g, start, stop) for f, g in pairs], axis=1)
            yield (block @ block.transpose(0, 2, 1)).astype(np.float64)

    products = sum((p.sum(axis=0) for p in row_products()), np.zeros((count, count)))
    norms = np.sqrt(np.diag(products))
    share = _comparisons(bases, [s.numbers for s in strata])
    remaining = norms / np.sqrt(np.diag(unbiased_hsic(whole)))
    nothing = remaining < np.array([NOTHING_LEFT[s.exact] for s in strata])
    scale = np.where(nothing, np.inf, norms)
    values = products / np.outer(scale, scale) / share
    np.fill_diagonal(values, 1.0)
    moments = Moments(values)
    for p in row_products():  # anew: for 200 languages they do not fit in memory
        own = np.sqrt(np.maximum(np.diag(products) - 2 * np.einsum("iaa->ia", p), 1e-300))
        own[:, nothing] = np.inf
        without = (products - 2 * p) / (own[:, :, None] * own[:, None, :]) / share
        np.einsum("iaa->ia", without)[:] = 1.0
        moments.add(without)
    return Residual(values, moments.errors(), remaining, nothing)


def length_matched_cka(features: Sequence[Features], lengths: Sequence[Floats], whole: GramSums) -> Floats:
    """The null's mean, [L, L], symmetric: one language re-paired against the other, then the other way."""
    count, n = len(features), len(features[0].centered)
    numbers = [neighbors(own, NEIGHBORS) for own in lengths]
    others = [_means_of_others(f.centered, g) for f, g in zip(features, numbers, strict=True)]
    within = [_groups(f.centered, g).within for f, g in zip(features, numbers, strict=True)]
    products = np.zeros((count, count))
    repaired_sums, own_sums = np.zeros((count, n)), np.zeros((count, n))
    for start, stop in row_blocks(count, n):
        repaired = np.empty((count, stop - start, n), dtype=np.float32)
        own = np.empty_like(repaired)
        diagonal = np.arange(stop - start), np.arange(start, stop)
        for index, (f, y, g, w) in enumerate(zip(features, others, numbers, within, strict=True)):
            np.matmul(y[start:stop], y.T, out=repaired[index])
            same = g[start:stop, None] == g
            np.copyto(repaired[index], w[g[start:stop], None], where=same)
            np.matmul(f.centered[start:stop], f.centered.T, out=own[index])
            repaired[index][diagonal] = own[index][diagonal] = 0
        products += repaired.reshape(count, -1) @ own.reshape(count, -1).T
        repaired_sums[:, start:stop] = repaired.sum(axis=2, dtype=np.float64)
        own_sums[:, start:stop] = own.sum(axis=2, dtype=np.float64)
    totals = np.outer(repaired_sums.sum(axis=1), own_sums.sum(axis=1)) / ((n - 1) * (n - 2))
    crossed = products + totals - 2 / (n - 2) * repaired_sums @ own_sums.T
    norms = np.sqrt(np.diag(unbiased_hsic(whole)))
    values = (crossed + crossed.T) / 2 / np.outer(norms, norms)
    return np.asarray(values)


def _comparisons(bases: Sequence[csr_array], strata: Sequence[NDArray[np.int64]]) -> Floats:
    """Comparisons left of two languages, over the geometric mean of each one's own: [L, L], diagonal 1.

    With H the regression, P the averaging within strata (which keeps H: both are functions of length),
    M = I - H and Q = P - H, a Gram is mapped by M ⊗ M - Q ⊗ Q; of independent entries such a pair of maps
    keeps the trace of their product.
    """
    count, n = len(bases), bases[0].shape[0]
    columns = [basis.shape[1] for basis in bases]
    stacked = csr_array(hstack(bases))
    edges = np.r_[0, np.cumsum(columns)].astype(int)
    regressed = np.empty((count, count))  # tr(H_a H_b)
    averaged, crossed = np.empty((count, count)), np.empty((count, count))  # tr(P_a P_b), tr(P_a H_b)
    sizes = [np.bincount(numbers) for numbers in strata]
    for a, numbers in enumerate(strata):
        weights = 1 / np.sqrt(sizes[a][numbers])
        indicator = csr_array((weights, (numbers, np.arange(n))), shape=(len(sizes[a]), n))
        for matrix, left in ((crossed, indicator), (regressed, bases[a].T)):
            squares = np.asarray((left @ stacked).power(2).sum(axis=0)).ravel()
            matrix[a] = [squares[start:stop].sum() for start, stop in pairwise(edges)]
        for b, others in enumerate(strata):
            cells, times = np.unique(numbers * len(sizes[b]) + others, return_counts=True)
            averaged[a, b] = np.sum(
                times**2 / sizes[a][cells // len(sizes[b])] / sizes[b][cells % len(sizes[b])]
            )
    p, g = np.array(columns), np.array([len(size) for size in sizes])
    both = n - p[:, None] - p + regressed  # tr(M_a M_b)
    one = g[:, None] - p[:, None] - crossed + regressed  # tr(Q_a M_b)
    neither = averaged - crossed - crossed.T + regressed  # tr(Q_a Q_b)
    kept = np.maximum(both**2 - one**2 - one.T**2 + neither**2, 1)
    own = np.sqrt(np.diag(kept))
    return np.asarray(kept / np.outer(own, own))


def _centered_rows(x: NDArray[np.float32], groups: _Groups, start: int, stop: int) -> NDArray[np.float32]:
    """Rows of the Gram less its mean over re-orderings within strata; 0 on the diagonal: [rows, n]."""
    here, means = groups.numbers[start:stop], groups.means
    block = x[start:stop] @ x.T - (means[here] @ means.T)[:, groups.numbers]
    row, column = np.nonzero(here[:, None] == groups.numbers)
    squares = np.einsum("ij,ij->i", means, means)
    block[row, column] += (squares - groups.within)[here[row]]
    block[np.arange(stop - start), np.arange(start, stop)] = 0
    return np.asarray(block)


def _groups(x: NDArray[np.float32], numbers: NDArray[np.int64]) -> _Groups:
    count = np.bincount(numbers)
    sums = _sums(x, numbers)
    squares = np.bincount(numbers, weights=np.einsum("ij,ij->i", x, x, dtype=np.float64))
    pairs = np.maximum(count * (count - 1), 1)
    within = (np.einsum("ij,ij->i", sums, sums) - squares) / pairs
    means = sums / np.maximum(count, 1)[:, None]
    return _Groups(numbers, means.astype(np.float32), within.astype(np.float32))


def _means_of_others(x: NDArray[np.float32], numbers: NDArray[np.int64]) -> NDArray[np.float32]:
    """[n, d]: of the other members of each row's stratum, of which there is one at least."""
    count = np.bincount(numbers)[numbers]
    return np.asarray((_sums(x, numbers)[numbers] - x) / (count - 1)[:, None], dtype=np.float32)


def _sums(x: NDArray[np.float32], numbers: NDArray[np.int64]) -> Floats:
    sums = np.zeros((numbers.max() + 1, x.shape[1]))
    np.add.at(sums, numbers, x)
    return sums
