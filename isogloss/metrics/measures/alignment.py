"""How alike languages' vectors are by RSA and by orthogonal Procrustes, with the controls of CKA."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from isogloss.errors import InvalidInput
from isogloss.metrics.engine import alignment
from isogloss.metrics.engine.checks import Vectors
from isogloss.metrics.engine.intervals import Interval
from isogloss.metrics.engine.linguistic_gap import Sentences
from isogloss.metrics.engine.procrustes import Cloud
from isogloss.metrics.engine.rsa import Geometry


@dataclass(frozen=True)
class PairAlignment:
    """Two languages: `similarity` 1 is equal up to what the measure is indifferent to, `null_mean` what
    unrelated vectors give, and `debiased` what is above it, as a share of what could be."""

    first: str
    second: str
    similarity: float
    similarity_interval: Interval
    null_mean: float
    debiased: float
    debiased_interval: Interval
    p_value: float
    p_value_holm: float
    distance: float | None = None
    length_matched: float | None = None
    length_residual: float | None = None
    length_residual_interval: Interval | None = None


@dataclass(frozen=True)
class Alignment:
    """All pairs of languages by one measure; `mean_…` over all pairs. `note` says what the residual keeps."""

    measure: str
    sentences: int
    permutations: int
    mean_similarity: float
    mean_debiased: float
    pairs: tuple[PairAlignment, ...]
    mean_length_matched: float | None = None
    mean_length_residual: float | None = None
    note: str = ""


RESIDUAL = {
    "rsa": "where only length is shared, up to .006 was left in length_residual",
    "procrustes": "where only length is shared, up to .012 was left in length_residual: read less as nothing",
}
"""What the control of length is known to leave; tests/unit/metrics/test_alignment.py has the worlds."""


def rsa(
    vectors: Mapping[str, Vectors],
    lengths: Mapping[str, ArrayLike] | None = None,
    *,
    permutations: int = 99,
    seed: int = 0,
    level: float = 0.95,
) -> Alignment:
    """Representational similarity analysis: rank correlation of two languages' correlations of sentences.

    Arguments as `cka`: `vectors[l]` [n, d_l], row i the same sentence in every language, `lengths[l]` [n].
    `permutations` re-pairings make each null; n is 6 to 5,000.
    """
    _check_rows(vectors)
    draws = {"permutations": permutations, "seed": seed}
    pairs = alignment.align(list(vectors), _sentences(vectors, lengths), Geometry.of, level=level, **draws)
    return _record("rsa", pairs, vectors, permutations)


def procrustes(
    vectors: Mapping[str, Vectors],
    lengths: Mapping[str, ArrayLike] | None = None,
    *,
    permutations: int = 20,
    seed: int = 0,
    level: float = 0.95,
) -> Alignment:
    """Orthogonal Procrustes: how well two languages' centered, normalized vectors fit after a rotation.

    Arguments as `cka`. Noise alone is far from 0: read `debiased`. 20 re-pairings make the mean of a null,
    and a p-value of .048 at least; each costs a decomposition of [d, d] a pair.
    """
    draws = {"permutations": permutations, "seed": seed}
    pairs = alignment.align(list(vectors), _sentences(vectors, lengths), Cloud.of, level=level, **draws)
    return _record("procrustes", pairs, vectors, permutations)


def _sentences(vectors: Mapping[str, Vectors], lengths: Mapping[str, ArrayLike] | None) -> list[Sentences]:
    own = dict(lengths or {})
    unknown = sorted(set(own) - set(vectors))
    if unknown:
        raise InvalidInput("lengths", f"of {', '.join(unknown)}, who have no vectors", "Send both or none.")
    return [
        Sentences(np.asarray(x), np.asarray(own[name], dtype=np.float64) if name in own else None)
        for name, x in vectors.items()
    ]


def _check_rows(vectors: Mapping[str, Vectors]) -> None:
    """A row of equal numbers correlates with nothing."""
    for name, x in vectors.items():
        rows = np.asarray(x)
        if rows.ndim == 2 and len(rows) and rows.shape[1]:
            constant = np.ptp(rows, axis=1) == 0
            if constant.any():
                problem = f"row {int(np.argmax(constant))} is constant: it correlates with no other"
                raise InvalidInput(f"languages[{name}].vectors", problem, "Send wider vectors, or use cka.")


def _record(
    measure: str, found: list[alignment.PairAlignment], vectors: Mapping[str, Vectors], permutations: int
) -> Alignment:
    pairs = tuple(
        PairAlignment(
            pair.first,
            pair.second,
            similarity=pair.raw.value,
            similarity_interval=pair.raw.interval,
            null_mean=pair.null_mean,
            debiased=pair.debiased.value,
            debiased_interval=pair.debiased.interval,
            p_value=pair.p_value,
            p_value_holm=pair.p_value_holm,
            distance=float(np.sqrt(max(0.0, 2 - 2 * pair.raw.value))) if measure == "procrustes" else None,
            length_matched=pair.length_matched,
            length_residual=pair.length_residual.value if pair.length_residual else None,
            length_residual_interval=pair.length_residual.interval if pair.length_residual else None,
        )
        for pair in found
    )
    residuals = [pair.length_residual for pair in pairs if pair.length_residual is not None]
    matched = [pair.length_matched for pair in pairs if pair.length_matched is not None]
    return Alignment(
        measure,
        sentences=len(next(iter(vectors.values()))),
        permutations=permutations,
        mean_similarity=float(np.mean([pair.similarity for pair in pairs])),
        mean_debiased=float(np.mean([pair.debiased for pair in pairs])),
        pairs=pairs,
        mean_length_matched=float(np.mean(matched)) if matched else None,
        mean_length_residual=float(np.mean(residuals)) if residuals else None,
        note=RESIDUAL[measure] if residuals else "",
    )
