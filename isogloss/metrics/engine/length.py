"""Sentence length, taken out of sentence vectors.

Mean-pooled vectors of an embedding layer contain averaged positions, and averaged positions are sentence
length, which is aligned across translations: length alone can make the paper's order of CKA, and reverse it.
"""

import numpy as np
from numpy.typing import ArrayLike

from isogloss.errors import InvalidInput
from isogloss.metrics.engine.checks import Floats
from isogloss.metrics.engine.cka import Features

DEGREE = 4
"""Of the polynomial in log length. Averaged positions are a smooth curve in it; four terms follow it
closely."""


def check_lengths(lengths: ArrayLike, rows: int, field: str) -> Floats:
    """Units per sentence, [n], all positive."""
    values = np.asarray(lengths, dtype=np.float64)
    if values.shape != (rows,):
        raise InvalidInput(
            field, f"shape {values.shape} for {rows} sentences", "Send one length per sentence."
        )
    if not np.isfinite(values).all() or values.min() < 1:
        raise InvalidInput(
            field, "a length below 1", "Send the number of units that were averaged, 1 or more."
        )
    return values


def length_basis(lengths: Floats) -> Floats:
    """Centered orthonormal polynomials in log length: [n, at most DEGREE]; no column where all are equal."""
    log = np.log(lengths)
    spread = np.ptp(log)
    if spread == 0:
        return np.zeros((len(lengths), 0))
    scaled = (log - log.min()) / spread * 2 - 1
    degree = min(DEGREE, len(np.unique(lengths)) - 1, len(lengths) - 2)
    columns = np.polynomial.chebyshev.chebvander(scaled, degree)[:, 1:]
    q, _ = np.linalg.qr(columns - columns.mean(axis=0))
    return np.asarray(q)


def without_length(features: Features, basis: Floats) -> Features:
    """The residual of centered features [n, d] after regression on `basis`, scaled anew."""
    narrow = basis.astype(np.float32)
    residual = features.centered - narrow @ (narrow.T @ features.centered)
    scale = np.sqrt(np.mean(np.einsum("ij,ij->i", residual, residual, dtype=np.float64)))
    if scale < 1e-5:
        raise InvalidInput(
            "vectors", "they are a function of sentence length and nothing else", "Check the model."
        )
    n = len(residual)
    return Features(residual / np.float32(scale), np.zeros(n), 0.0)
