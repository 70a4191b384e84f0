"""What every measure demands of its inputs, checked before any arithmetic.

Each function returns the input as an array or raises `InvalidInput` with the field and the fix. A measure on
bad input would give a number all the same (a constant feature matrix has CKA 0/0, a row of zeros is a fine
point for Sinkhorn): that is why nothing here is left to numpy's warnings.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isogloss.errors import InvalidInput

Floats = NDArray[np.float64]
Vectors = NDArray[np.floating]

PROBABILITY_TOLERANCE = 1e-3
"""How far a row may be from summing to 1: float32 softmax of up to a few hundred classes stays well
inside."""


def check_languages(languages: Sequence[str], field: str, at_least: int = 2) -> None:
    """A gap needs two languages, each named once."""
    if len(languages) < at_least:
        raise InvalidInput(field, f"{len(languages)} language(s)", f"A gap lies between at least {at_least}.")
    repeated = sorted({language for language in languages if languages.count(language) > 1})
    if repeated:
        raise InvalidInput(field, f"{', '.join(repeated)} given twice", "Send each language once.")


def check_scores(languages: Sequence[str], scores: ArrayLike, field: str) -> Floats:
    """Scores in percent, [languages]: finite, 0 to 100, not all zero."""
    check_languages(languages, field)
    values = np.asarray(scores, dtype=np.float64)
    for language, value in zip(languages, values, strict=True):
        if not np.isfinite(value) or not 0 <= value <= 100:
            raise InvalidInput(
                f"{field}[{language}]", f"{value} is no score", "Send percentages from 0 to 100."
            )
    if np.count_nonzero(values) < len(values) - 1:
        raise InvalidInput(
            field, "two scores are 0", "The relative gap between two zeros is 0/0; check the models."
        )
    return values


def check_vectors(x: Vectors, field: str, rows: int, at_least: int) -> None:
    """One language's sentence vectors: [rows, d], rows ≥ `at_least`, finite, not constant."""
    if x.ndim != 2 or x.shape[1] == 0:
        raise InvalidInput(field, f"shape {x.shape}", "Send one vector per sentence: [n, d].")
    if len(x) != rows:
        fix = "Row i must be the same sentence in every language."
        raise InvalidInput(field, f"{len(x)} sentences, but {rows} in the first language", fix)
    if rows < at_least:
        raise InvalidInput(field, f"{rows} sentences", f"Send at least {at_least}.")
    finite = np.isfinite(x).all(axis=1)
    if not finite.all():
        fix = "Check the model that made these vectors."
        raise InvalidInput(field, f"NaN or infinity in row {int(np.argmin(finite))}", fix)
    if (x == x[0]).all():
        raise InvalidInput(
            field, "all rows are equal", "Constant vectors have no similarity; check the model."
        )


def check_probabilities(probabilities: ArrayLike, field: str, at_least: int = 3) -> Floats:
    """Class probabilities [n, k], k ≥ 2: finite, not negative, rows summing to 1. Returned renormalized."""
    p = np.asarray(probabilities, dtype=np.float64)
    if p.ndim != 2 or p.shape[1] < 2:
        raise InvalidInput(field, f"shape {p.shape}", "Send [n, k] probabilities of k ≥ 2 classes.")
    if len(p) < at_least:
        raise InvalidInput(field, f"{len(p)} rows", f"Send at least {at_least}.")
    finite = np.isfinite(p).all(axis=1)
    if not finite.all():
        fix = "Check the model that made these probabilities."
        raise InvalidInput(field, f"NaN or infinity in row {int(np.argmin(finite))}", fix)
    if p.min() < 0:
        row = int(np.argmin(p.min(axis=1)))
        raise InvalidInput(field, f"negative in row {row}: {p.min():g}", "Send probabilities, not logits.")
    sums = p.sum(axis=1)
    worst = int(np.argmax(np.abs(sums - 1)))
    if abs(sums[worst] - 1) > PROBABILITY_TOLERANCE:
        raise InvalidInput(
            field, f"row {worst} sums to {sums[worst]:.4g}", "Send probabilities that sum to 1."
        )
    return np.asarray(p / sums[:, None])


def check_series(x: ArrayLike, field: str, at_least: int = 3) -> Floats:
    """One series [n] for a correlation: finite and not constant."""
    values = np.asarray(x, dtype=np.float64)
    if values.ndim != 1 or len(values) < at_least:
        raise InvalidInput(field, f"{values.size} values", f"A correlation needs at least {at_least}.")
    if not np.isfinite(values).all():
        row = int(np.argmin(np.isfinite(values)))
        fix = "Leave out what was not measured, in both series."
        raise InvalidInput(field, f"NaN or infinity in row {row}", fix)
    if np.ptp(values) == 0:
        raise InvalidInput(field, "constant", "A constant correlates with nothing; the coefficient is 0/0.")
    return values
