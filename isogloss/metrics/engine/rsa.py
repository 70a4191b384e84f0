"""Representational similarity analysis: are the same sentences alike in two languages?

Each language's vectors are reduced to the correlations of all pairs of sentences, and these are compared by
rank (Kriegeskorte et al. 2008; `correlation` and `spearman` in ReSi, Klabunde et al. 2025). Nothing is
rotated or fitted, so independent vectors give 0 on average at any width. It is not indifferent to rotation.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from isogloss.metrics.engine.checks import Floats, Vectors

Single = NDArray[np.float32]


@dataclass(frozen=True)
class Geometry:
    """Centered ranks of how alike each two of n sentences are: [n, n], symmetric, 0 on the diagonal, norm 1
    over both triangles."""

    ranks: Single

    @classmethod
    def of(cls, x: Vectors) -> "Geometry":
        """From vectors [n, d] of which no row is constant."""
        wide = np.asarray(x, dtype=np.float64)
        wide = wide - wide.mean(axis=1, keepdims=True)
        norm = np.sqrt(np.einsum("ij,ij->i", wide, wide))
        wide /= np.where(norm > 0, norm, 1)[:, None]
        n = len(wide)
        upper = np.triu_indices(n, k=1)
        ranks = np.zeros((n, n), dtype=np.float32)
        order = rankdata((wide @ wide.T)[upper])
        ranks[upper] = order - order.mean()
        ranks += ranks.T
        norm_of_all = np.sqrt(np.einsum("ij,ij->", ranks, ranks, dtype=np.float64))
        return cls(ranks / np.float32(norm_of_all) if norm_of_all > 0 else ranks)

    def similarity(self, other: "Geometry", order: NDArray[np.int64] | None = None) -> float:
        """Spearman's rho, -1 to 1; `order` re-pairs the other's sentences."""
        theirs = other.ranks if order is None else other.ranks[np.ix_(order, order)]
        return float(np.einsum("ij,ij->", self.ranks, theirs, dtype=np.float64))

    def shifts(self, other: "Geometry") -> Floats:
        """How far the similarity moves when each sentence is left out, to first order: [n]."""
        together, own, theirs = (
            np.einsum("ij,ij->i", a, b, dtype=np.float64)
            for a, b in ((self.ranks, other.ranks), (self.ranks, self.ranks), (other.ranks, other.ranks))
        )
        return np.asarray(-2 * together + together.sum() * (own + theirs))
