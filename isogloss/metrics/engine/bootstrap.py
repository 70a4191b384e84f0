"""Drawing anew, with replacement: test items for a score, languages for a gap."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from isogloss.metrics.engine.checks import Floats
from isogloss.metrics.engine.items import Items

CHUNK = 2_000_000
"""Draws held at once: 24 MB."""

_COLUMNS = 6  # from so many on, counting how often each item comes and one product are faster than gathering
_FEW = 12  # one binomial of a category costs about as much as drawing and adding up this many items


def resampled_scores(models: Sequence[Items], replicates: int, generator: np.random.Generator) -> Floats:
    """Scores in percent of models, `replicates` draws of as many items from each stratum: [B, models].

    Models that were tested on the same items (`Items.alike`) get the same draws: an item that is hard in one
    language or for one input may be hard in another. Others are drawn independently.
    """
    drawn = np.empty((replicates, len(models)))
    left = list(range(len(models)))
    while left:
        group = [index for index in left if models[index].alike(models[left[0]])]
        drawn[:, group] = _scores([models[index] for index in group], replicates, generator)
        left = [index for index in left if index not in group]
    return drawn


def language_draws(languages: int, replicates: int, generator: np.random.Generator) -> Floats:
    """How often each language comes when as many are drawn: [B, L], at least two different ones in each."""
    drawn = generator.multinomial(languages, np.full(languages, 1 / languages), size=replicates).astype(float)
    return np.asarray(drawn[(drawn > 0).sum(axis=1) >= 2])


def _scores(models: Sequence[Items], replicates: int, generator: np.random.Generator) -> Floats:
    """Scores of models that saw the same items: [B, models].

    Items that count alike are one category, and how often each category comes is multinomial: a test set of
    10,000 sentences with 30 different outcomes costs 30 binomials a draw instead of 10,000 indices. Where
    outcomes are many, the items themselves are drawn; the distribution is the same.
    """
    columns = np.stack([part for items in models for part in (items.gained, items.possible)], axis=1)
    sums = np.zeros((replicates, columns.shape[1]))
    for stratum in np.unique(models[0].stratum):
        outcomes = columns[models[0].stratum == stratum]
        kinds, counts = np.unique(outcomes, axis=0, return_counts=True)
        if len(kinds) * _FEW < len(outcomes):
            sums += _draw_categories(kinds, counts, replicates, generator)
        elif columns.shape[1] > _COLUMNS:
            sums += _draw_counts(kinds, counts, replicates, generator)
        else:
            sums += _draw_items(outcomes, replicates, generator)
    with np.errstate(invalid="ignore"):
        return np.asarray(100 * sums[:, 0::2] / sums[:, 1::2])


def _draw_categories(
    kinds: Floats, counts: NDArray[np.int64], replicates: int, generator: np.random.Generator
) -> Floats:
    step = max(1, CHUNK // len(kinds))
    sizes = [min(step, replicates - start) for start in range(0, replicates, step)]
    share = counts / counts.sum()
    return np.concatenate([generator.multinomial(counts.sum(), share, size=size) @ kinds for size in sizes])


def _draw_counts(
    kinds: Floats, counts: NDArray[np.int64], replicates: int, generator: np.random.Generator
) -> Floats:
    n, step = int(counts.sum()), max(1, CHUNK // int(counts.sum()))
    owner = np.repeat(np.arange(len(kinds)), counts)
    sums = np.empty((replicates, kinds.shape[1]))
    for start in range(0, replicates, step):
        size = min(step, replicates - start)
        drawn = owner[generator.integers(n, size=(size, n))] + len(kinds) * np.arange(size)[:, None]
        times = np.bincount(drawn.ravel(), minlength=size * len(kinds)).reshape(size, -1)
        sums[start : start + size] = times @ kinds
    return sums


def _draw_items(outcomes: Floats, replicates: int, generator: np.random.Generator) -> Floats:
    n = len(outcomes)
    exact = n * outcomes.max() < 2**24  # whole numbers that float32 adds without rounding
    dtype = np.complex64 if exact else np.complex128
    packed = (outcomes[:, 0::2].T + 1j * outcomes[:, 1::2].T).astype(dtype)  # one gather instead of two
    step = max(1, CHUNK // n)
    sums = np.empty((replicates, len(packed)), dtype=np.complex128)
    for start in range(0, replicates, step):
        stop = min(start + step, replicates)
        drawn = generator.integers(n, size=(stop - start, n), dtype=np.int32)
        for column, values in enumerate(packed):
            sums[start:stop, column] = np.take(values, drawn).sum(axis=1)
    return sums.view(np.float64)
