"""Sentence length, taken out of sentence vectors: by regression on it, and by strata of one length.

Mean-pooled vectors of an embedding layer contain averaged positions, and averaged positions are sentence
length, which is aligned across translations: length alone can make the paper's order of CKA, and reverse it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import BSpline
from scipy.sparse import csr_array

from isogloss.errors import InvalidInput
from isogloss.metrics.engine.checks import Floats
from isogloss.metrics.engine.cka import Features

REPEATED = 0.9
"""Share of sentences whose length another one has, from which on each length is a column of its own. Then no
function of length is left, however rough."""

KNOTS = 10
"""Of the cubic spline in log length, at quantiles, where lengths repeat less. A polynomial of degree 4 left
.143 of nothing but length; this one leaves .001 (docs/metrics.md)."""

SENTENCES_PER_KNOT = 20

MIN_SENTENCES_OF_RESIDUAL = 100
"""Below, what the regression does to noise is alike in both languages: .03 at n = 50, d = 256."""

NEIGHBORS = 4
"""Sentences of a stratum at least, where lengths hardly ever repeat."""

TIED = 0.5
"""Share of sentences whose length another one has, from which on only equal lengths are compared."""


@dataclass(frozen=True)
class Strata:
    """`numbers` [n] of the strata of sentences of about one length; `exact` where all are of exactly one."""

    numbers: NDArray[np.int64]
    exact: bool


def check_lengths(lengths: ArrayLike, rows: int, field: str) -> Floats:
    """Units per sentence, [n], all positive."""
    values = np.asarray(lengths, dtype=np.float64)
    if values.shape != (rows,):
        raise InvalidInput(
            field, f"shape {values.shape} for {rows} sentences", "Send one length per sentence."
        )
    wrong = ~(np.isfinite(values) & (values >= 1))
    if wrong.any():
        row = int(np.argmax(wrong))
        fix = "Send the number of units that were averaged, 1 or more."
        raise InvalidInput(field, f"a length of {values[row]:g} in row {row}", fix)
    return values


def length_basis(lengths: Floats) -> csr_array:
    """Orthonormal columns, all functions of length: sparse [n, columns].

    One column a length where `REPEATED`. Else a cubic spline in log length: `KNOTS` + 3 columns, fewer where
    sentences are few, none where all lengths are equal.
    """
    n = len(lengths)
    _, numbers, counts = np.unique(lengths, return_inverse=True, return_counts=True)
    if len(counts) > 1 and _repeated(lengths) >= REPEATED:
        return csr_array((1 / np.sqrt(counts[numbers]), (np.arange(n), numbers)), shape=(n, len(counts)))
    return smooth_basis(lengths)


def smooth_basis(lengths: Floats) -> csr_array:
    """The cubic spline in log length, however often lengths repeat."""
    return csr_array(_spline(np.log(lengths)))


def _spline(log: Floats) -> Floats:
    """Centered orthonormal columns: [n, columns]."""
    n, distinct = len(log), len(np.unique(log))
    if distinct < 2:
        return np.zeros((n, 0))
    degree = min(3, distinct - 1)
    inner = max(0, min(KNOTS, n // SENTENCES_PER_KNOT, distinct - degree - 1))
    knots = np.unique(np.quantile(log, np.linspace(0, 1, inner + 2)))
    padded = np.r_[[knots[0]] * degree, knots, [knots[-1]] * degree]
    columns = BSpline.design_matrix(log, padded, degree).toarray()
    u, singular, _ = np.linalg.svd(columns - columns.mean(axis=0), full_matrices=False)
    return np.asarray(u[:, singular > 1e-8 * singular[0]])


def _repeated(lengths: Floats) -> float:
    """Share of sentences whose length another one has."""
    _, numbers, counts = np.unique(lengths, return_inverse=True, return_counts=True)
    return float(np.mean(counts[numbers] > 1))


def without_length(features: Features, basis: csr_array) -> Features:
    """The residual of centered features [n, d] after regression on `basis`; not scaled anew."""
    residual = features.centered - (basis @ (basis.T @ features.centered)).astype(np.float32)
    return Features(residual, np.zeros(len(residual)), 0.0)


def length_strata(lengths: Floats) -> Strata:
    """Sentences of exactly one length where lengths repeat, else of neighboring ones.

    Within equal lengths every function of length, however rough, is a constant.
    """
    if _repeated(lengths) >= TIED:
        _, numbers = np.unique(lengths, return_inverse=True)
        return Strata(np.asarray(numbers, dtype=np.int64), exact=True)
    return Strata(neighbors(lengths, NEIGHBORS), exact=False)


def neighbors(lengths: Floats, at_least: int) -> NDArray[np.int64]:
    """Strata of neighboring lengths, each of `at_least` sentences; equal lengths stay together: [n]."""
    _, rank, counts = np.unique(lengths, return_inverse=True, return_counts=True)
    stratum = np.empty(len(counts), dtype=np.int64)
    current = gathered = 0
    for value, count in enumerate(counts):
        stratum[value] = current
        gathered += int(count)
        if gathered >= at_least:
            current, gathered = current + 1, 0
    if gathered and current:  # too few are left at the end: they join the last stratum
        stratum[stratum == current] = current - 1
    return stratum[rank]
