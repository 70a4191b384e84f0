"""Linear CKA between languages: how alike two languages' sentence vectors are, up to rotation and scale
(section 3.4).

All pairs of all languages at once. With K_l the Gram matrix of language l's centered vectors, all that CKA
needs are inner products <K_a, K_b> over n² entries, so one product of the stacked Grams gives all pairs. The
stack is never held: it is summed over row blocks, upper triangle only.

Three estimators (Kornblith et al. 2019; Song et al. 2012):
- biased: <K_a, K_b> / (|K_a| |K_b|) of centered Grams. What the paper prints, although its equation 2 omits
  the centering. For independent Gaussians at n = 1012, d = 768 it is 0.431, not 0.
- debiased: the same ratio of unbiased HSICs; 0 on average for independent features, and it may be negative.
- uncentered: equation 2 as printed. Its value is mostly the cosine of the two means.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from isogloss.metrics.engine.checks import Floats, Vectors

Single = NDArray[np.float32]

BLOCK_BYTES = 16 * 2**20
"""Memory of one block of stacked Grams. The vectors themselves are the larger part: 620 MB for 200
languages."""


@dataclass
class Features:
    """One language's sentence vectors, centered and scaled to mean squared row norm 1.

    Centering in float64 is what makes float32 safe afterwards: raw sums drift (0.467 for 0.461) when means
    are large. `along_mean` [n] and `mean_square` are what the uncentered Gram has besides: x · mean for each
    centered row x, and |mean|².
    """

    centered: Single
    along_mean: Floats
    mean_square: float

    @classmethod
    def of(cls, x: Vectors) -> "Features":
        """From raw vectors [n, d] that `checks.check_vectors` has passed."""
        wide = np.asarray(x, dtype=np.float64)
        mean = wide.mean(axis=0)
        wide = wide - mean
        scale = np.sqrt(np.mean(np.einsum("ij,ij->i", wide, wide)))
        mean /= scale
        wide /= scale
        return cls(wide.astype(np.float32), wide @ mean, float(mean @ mean))


@dataclass(frozen=True)
class GramSums:
    """What all estimators are made of: `products` <K_a, K_b> [L, L], and `squares` [L, n], the Grams'
    diagonals."""

    products: Floats
    squares: Floats


def gram_sums(features: Sequence[Features]) -> GramSums:
    """One pass over the Grams of all languages."""
    count, n = len(features), len(features[0].centered)
    products = np.zeros((count, count))
    for start, stop in row_blocks(count, n):
        flat = gram_rows([f.centered for f in features], start, stop)
        products += flat @ flat.T
    squares = np.stack([np.einsum("ij,ij->i", f.centered, f.centered, dtype=np.float64) for f in features])
    return GramSums(products, squares)


def row_blocks(count: int, n: int) -> Iterator[tuple[int, int]]:
    """Row ranges such that `count` Gram blocks of n columns fit in `BLOCK_BYTES`."""
    rows = max(1, min(n, 256, BLOCK_BYTES // (4 * count * n)))
    for start in range(0, n, rows):
        yield start, min(start + rows, n)


def gram_rows(centered: Sequence[Single], start: int, stop: int) -> Single:
    """Rows start to stop of every Gram from column `start` on, flattened: [L, (stop - start) (n - start)].

    Entries right of the diagonal block carry √2, so that an inner product counts them for their mirror image
    too: the sum over all blocks is the inner product of the whole matrices.
    """
    block = np.empty((len(centered), stop - start, len(centered[0]) - start), dtype=np.float32)
    for index, x in enumerate(centered):
        np.matmul(x[start:stop], x[start:].T, out=block[index])
    block[:, :, stop - start :] *= np.float32(np.sqrt(2))
    return block.reshape(len(centered), -1)


def biased_cka(sums: GramSums) -> Floats:
    """[L, L], symmetric, unit diagonal."""
    return _normalized(sums.products)


def debiased_cka(sums: GramSums) -> Floats:
    """[L, L], symmetric, unit diagonal. Needs n ≥ 4."""
    return _normalized(unbiased_hsic(sums))


def uncentered_cka(sums: GramSums, features: Sequence[Features]) -> Floats:
    """Equation 2 as printed: [L, L].

    With X = C + 1 m', |X_a' X_b|² = |C_a' C_b|² + 2 n (C_a m_a)·(C_b m_b) + n² |m_a|² |m_b|².
    """
    n = sums.squares.shape[1]
    along = np.stack([f.along_mean for f in features])
    means = np.array([f.mean_square for f in features])
    return _normalized(sums.products + 2 * n * along @ along.T + n**2 * np.outer(means, means))


def unbiased_hsic(sums: GramSums) -> Floats:
    """Song et al. (2012), equation 5, up to a common factor, from centered Grams: [L, L].

    With K̃ the Gram without its diagonal s, centering makes each row sum of K̃ equal -s_i, so all terms
    follow from the sums: tr(K̃_a K̃_b) = <K_a, K_b> - s_a·s_b and 1'K̃_a K̃_b 1 = s_a·s_b.
    """
    n = sums.squares.shape[1]
    dots = sums.squares @ sums.squares.T
    totals = sums.squares.sum(axis=1)
    return np.asarray(
        sums.products - dots + np.outer(totals, totals) / ((n - 1) * (n - 2)) - 2 / (n - 2) * dots
    )


def _normalized(products: Floats) -> Floats:
    scale = np.sqrt(np.diag(products))
    return np.asarray(products / np.outer(scale, scale))
