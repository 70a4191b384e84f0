"""Drawing anew, with replacement: test items for a score, languages for a gap."""

import numpy as np
from numpy.typing import NDArray

from services.metrics.engine.checks import Floats
from services.metrics.engine.items import Items

CHUNK = 2_000_000
"""Draws held at once: 24 MB."""

_FEW = 12  # one binomial of a category costs about as much as drawing and adding up this many items


def resampled_scores(items: Items, replicates: int, generator: np.random.Generator) -> Floats:
    """Scores in percent of `replicates` draws of as many items from each stratum: [B].

    Items that count alike are one category, and how often each category comes is multinomial: a test set of
    10,000 sentences with 30 different outcomes costs 30 binomials a draw instead of 10,000 indices. Where
    outcomes are many, the items themselves are drawn; the distribution is the same.
    """
    sums = np.zeros((replicates, 2))
    for stratum in np.unique(items.stratum):
        inside = items.stratum == stratum
        outcomes = np.stack([items.gained[inside], items.possible[inside]], axis=1)
        kinds, counts = np.unique(outcomes, axis=0, return_counts=True)
        if len(kinds) * _FEW < len(outcomes):
            sums += _draw_categories(kinds, counts, replicates, generator)
        else:
            sums += _draw_items(outcomes, replicates, generator)
    with np.errstate(invalid="ignore"):
        return np.asarray(100 * sums[:, 0] / sums[:, 1])


def language_draws(languages: int, replicates: int, generator: np.random.Generator) -> Floats:
    """How often each language comes when as many are drawn: [B, L], at least two different ones in each."""
    drawn = generator.multinomial(languages, np.full(languages, 1 / languages), size=replicates).astype(float)
    return np.asarray(drawn[(drawn > 0).sum(axis=1) >= 2])


def _draw_categories(
    kinds: Floats, counts: NDArray[np.int64], replicates: int, generator: np.random.Generator
) -> Floats:
    step = max(1, CHUNK // len(kinds))
    sizes = [min(step, replicates - start) for start in range(0, replicates, step)]
    share = counts / counts.sum()
    return np.concatenate([generator.multinomial(counts.sum(), share, size=size) @ kinds for size in sizes])


def _draw_items(outcomes: Floats, replicates: int, generator: np.random.Generator) -> Floats:
    n = len(outcomes)
    packed = outcomes[:, 0] + 1j * outcomes[:, 1]  # one gather instead of two
    step = max(1, CHUNK // n)
    sums = np.empty(replicates, dtype=np.complex128)
    for start in range(0, replicates, step):
        stop = min(start + step, replicates)
        sums[start:stop] = packed[generator.integers(n, size=(stop - start, n), dtype=np.int32)].sum(axis=1)
    return np.stack([sums.real, sums.imag], axis=1)
