"""A similarity of all pairs of languages beside what chance and what length make of it.

The measure is a class with `similarity` and `shifts` (`rsa.Geometry`, `procrustes.Cloud`). Each pair gets

- its null: sentences re-paired at random. The mean is what the measure gives for unrelated vectors;
  `debiased` is what is above it, as a share of what could be: (s − null) / (1 − null);
- its length-matched null: re-paired within narrow strata of length, none with its own translation. The mean,
  debiased alike, is the part that length makes;
- its residual: of vectors without their regression on a spline of length, above the length-matched null of
  these very residuals, which holds what rough functions of length leave. Where all that two languages share
  is length it is 0 on average.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from isogloss.errors import InvalidInput
from isogloss.metrics.engine.checks import Floats, check_languages, check_vectors
from isogloss.metrics.engine.cka import Features
from isogloss.metrics.engine.cka_jackknife import jackknife_error
from isogloss.metrics.engine.intervals import Interval, normal_interval
from isogloss.metrics.engine.length import (
    MIN_SENTENCES_OF_RESIDUAL,
    check_lengths,
    neighbors,
    smooth_basis,
    without_length,
)
from isogloss.metrics.engine.linguistic_gap import MIN_SENTENCES, Sentences
from isogloss.metrics.engine.permutation import holm, p_values

MAX_SENTENCES = 5_000
"""All pairs of sentences of a language are held: 100 MB."""

NEIGHBORS = 5
"""Sentences of a stratum of the length-matched null at least."""


class Shape(Protocol):
    """One language's vectors, made ready for a measure."""

    def similarity(self, other: Self, order: NDArray[np.int64] | None = None) -> float: ...

    def shifts(self, other: Self) -> Floats: ...


S = TypeVar("S", bound=Shape)


@dataclass(frozen=True)
class Estimate:
    """A value with its jackknife over sentences."""

    value: float
    interval: Interval


@dataclass(frozen=True)
class PairAlignment:
    """Two languages; p one-sided, `p_value_holm` by Holm over all pairs. None without lengths."""

    first: str
    second: str
    raw: Estimate
    null_mean: float
    debiased: Estimate
    p_value: float
    p_value_holm: float
    length_matched: float | None
    length_residual: Estimate | None


def align(
    languages: Sequence[str],
    sentences: Iterable[Sentences],
    shape: Callable[[Floats], S],
    *,
    permutations: int,
    seed: int,
    level: float,
) -> list[PairAlignment]:
    """All pairs. `shape` makes vectors [n, d] ready.

    The residual needs 100 sentences. Raises `InvalidInput` where rows do not align or are constant.
    """
    check_languages(languages, "languages")
    if permutations < 1:
        raise InvalidInput(
            "permutations", f"{permutations}", "Send 1 or more: 20 make a mean, 999 a p-value."
        )
    shapes: list[S] = []
    residuals: list[S] = []
    lengths: list[Floats] = []
    n = 0
    for language, item in zip(languages, sentences, strict=True):
        n = n or len(item.vectors)
        _check(item, f"languages[{language}]", n)
        shapes.append(shape(np.asarray(item.vectors, dtype=np.float64)))
        if item.lengths is not None:
            own = check_lengths(item.lengths, n, f"lengths[{language}]")
            lengths.append(own)
            if n >= MIN_SENTENCES_OF_RESIDUAL:
                left = without_length(Features.of(item.vectors), smooth_basis(own)).centered
                residuals.append(shape(np.asarray(left, dtype=np.float64)))
    if lengths and len(lengths) < len(languages):
        raise InvalidInput("lengths", "some languages have them and some do not", "Send all or none.")
    pairs = list(combinations(range(len(languages)), 2))
    draws = _Draws(n, lengths, permutations, seed)
    nulls = np.array([[shapes[i].similarity(shapes[j], order) for order in draws.free] for i, j in pairs])
    p = p_values(np.array([shapes[i].similarity(shapes[j]) for i, j in pairs]), nulls.T)
    made = []
    for (i, j), null, alone, corrected in zip(pairs, nulls.mean(axis=1), p, holm(p), strict=True):
        matched = (draws.matched_mean(shapes, i, j) - null) / (1 - null) if lengths else None
        left = draws.matched_mean(residuals, i, j) if residuals else 0.0
        made.append(
            PairAlignment(
                languages[i],
                languages[j],
                raw=_above(shapes[i], shapes[j], 0.0, level),
                null_mean=float(null),
                debiased=_above(shapes[i], shapes[j], float(null), level),
                p_value=float(alone),
                p_value_holm=float(corrected),
                length_matched=matched,
                length_residual=_above(residuals[i], residuals[j], left, level) if residuals else None,
            )
        )
    return made


def _check(item: Sentences, field: str, rows: int) -> None:
    check_vectors(item.vectors, f"{field}.vectors", rows, MIN_SENTENCES)
    if rows > MAX_SENTENCES:
        raise InvalidInput(f"{field}.vectors", f"{rows} sentences", f"Send at most {MAX_SENTENCES}.")


def _above(first: S, second: S, null: float, level: float) -> Estimate:
    """The similarity above a null, as a share of what could be."""
    shifts = first.shifts(second) / (1 - null)
    value = (first.similarity(second) - null) / (1 - null)
    error = jackknife_error(shifts)
    return Estimate(value, normal_interval(value, error, level, "jackknife over sentences", len(shifts) - 1))


class _Draws:
    """Re-pairings [n]: `free` of any two sentences, and of each language within strata of its lengths."""

    def __init__(self, n: int, lengths: Sequence[Floats], permutations: int, seed: int) -> None:
        generator = np.random.default_rng(seed)
        self.free = [generator.permutation(n) for _ in range(permutations)]
        half = (permutations + 1) // 2  # one language is re-paired, then the other
        self._within = [
            [_re_paired(neighbors(own, NEIGHBORS), generator) for _ in range(half)] for own in lengths
        ]

    def matched_mean(self, shapes: Sequence[S], first: int, second: int) -> float:
        """Of two languages' similarity over re-pairings within strata of length."""
        one = [shapes[second].similarity(shapes[first], order) for order in self._within[first]]
        other = [shapes[first].similarity(shapes[second], order) for order in self._within[second]]
        return float(np.mean(one + other))


def _re_paired(numbers: NDArray[np.int64], generator: np.random.Generator) -> NDArray[np.int64]:
    """An order within strata that leaves no sentence of a stratum of two or more in its place."""
    shuffled = generator.permutation(len(numbers))
    members = shuffled[np.argsort(numbers[shuffled], kind="stable")]
    order = np.empty(len(numbers), dtype=np.int64)
    start = 0
    for count in np.bincount(numbers):
        stratum = members[start : start + count]
        order[stratum] = np.roll(stratum, 1)
        start += count
    return order
