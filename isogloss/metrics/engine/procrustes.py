"""Orthogonal Procrustes: how well one language's vectors fit another's after the best rotation.

Of centered vectors scaled to norm 1 (Ding et al. 2021; `orthogonal_procrustes_centered_and_normalized` in
ReSi, Klabunde et al. 2025). The similarity is the nuclear norm of X'Y, 0 to 1; the distance is
√(2 − 2 similarity). A rotation that is fitted fits noise too: independent vectors are far from 0, and the
more so the wider they are, so read it beside its null.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from isogloss.metrics.engine.checks import Floats, Vectors


@dataclass(frozen=True)
class Cloud:
    """Vectors [n, d], centered, of Frobenius norm 1."""

    vectors: Floats

    @classmethod
    def of(cls, x: Vectors) -> "Cloud":
        """From vectors [n, d]; where they are wider than n, their coordinates in the space that they span."""
        wide = np.asarray(x, dtype=np.float64)
        wide = wide - wide.mean(axis=0)
        if wide.shape[1] > len(wide):
            u, singular, _ = np.linalg.svd(wide, full_matrices=False)
            wide = u * singular
        norm = np.linalg.norm(wide)
        return cls(wide / norm if norm > 0 else wide)

    def similarity(self, other: "Cloud", order: NDArray[np.int64] | None = None) -> float:
        """The nuclear norm of X'Y; `order` re-pairs the other's sentences."""
        theirs = other.vectors if order is None else other.vectors[order]
        return float(np.linalg.svd(self.vectors.T @ theirs, compute_uv=False).sum())

    def shifts(self, other: "Cloud") -> Floats:
        """How far the similarity moves when each sentence is left out, to first order: [n]."""
        u, singular, v = np.linalg.svd(self.vectors.T @ other.vectors, full_matrices=False)
        together = np.einsum("ij,ij->i", self.vectors @ u, other.vectors @ v.T)
        own, theirs = (np.einsum("ij,ij->i", x, x) for x in (self.vectors, other.vectors))
        return np.asarray(-together + singular.sum() * (own + theirs) / 2)
