"""How far the performance gap can be trusted.

Two questions with two answers. How exactly do these test sets measure the gap between *these* languages:
items are drawn anew, and the intervals cover as they claim. What would *other* languages have given:
languages are drawn anew, and with ten of them no method covers as it should (docs/metrics.md), so that is
called a spread and claims no coverage.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from isogloss.errors import InvalidInput
from services.metrics.engine.bootstrap import language_draws, resampled_scores
from services.metrics.engine.checks import Floats
from services.metrics.engine.gap import relative_differences, signed_relative_differences, standard_deviation
from services.metrics.engine.intervals import (
    Interval,
    basic_interval,
    folded_interval,
    percentile_interval,
    spread,
)
from services.metrics.engine.items import Items

SCORE_TOLERANCE = 0.006
"""Percentage points by which a score may differ from what its predictions give: two printed digits."""


@dataclass(frozen=True)
class ItemIntervals:
    """Over test items. `scores` per language; `rpd` and `absolute` per pair, as `itertools.combinations`."""

    scores: tuple[Interval, ...]
    std: Interval
    mean_rpd: Interval
    rpd: tuple[Interval, ...]
    absolute: tuple[Interval, ...]


def check_items(language: str, score: float, items: Items) -> None:
    """A score must be what its predictions give, or its interval would belong to another number."""
    if abs(items.score - score) > SCORE_TOLERANCE:
        problem = f"the score is {score:.4f}, but its predictions give {items.score:.4f}"
        raise InvalidInput(
            f"scores[{language}].predictions", problem, "Send the predictions that it was read from."
        )


def item_intervals(
    items: Sequence[Items], ddof: int, replicates: int, seed: int, level: float
) -> ItemIntervals:
    """Bootstrap over the items of each language; `items[l]` are language l's.

    Std. and mean RPD count noise as gap, and every redrawing adds some: see `basic_interval`.
    """
    generator = np.random.default_rng(seed)
    scores = np.array([item.score for item in items])
    drawn = np.stack([resampled_scores(item, replicates, generator) for item in items], axis=1)  # [B, L]
    drawn = drawn[np.isfinite(drawn).all(axis=1)]
    method = "bootstrap over items"
    first, second = np.triu_indices(len(items), k=1)
    signed = drawn[:, first] - drawn[:, second]
    relative = signed_relative_differences(drawn)
    return ItemIntervals(
        scores=tuple(percentile_interval(column, level, method) for column in drawn.T),
        std=basic_interval(
            float(standard_deviation(scores, ddof)), standard_deviation(drawn, ddof), level, method
        ),
        mean_rpd=basic_interval(
            float(relative_differences(scores).mean()),
            relative_differences(drawn).mean(axis=1),
            level,
            method,
        ),
        rpd=tuple(folded_interval(column, level, method) for column in relative.T),
        absolute=tuple(folded_interval(column, level, method) for column in signed.T),
    )


@dataclass(frozen=True)
class LanguageSpread:
    """Middle part of the gaps that redrawn languages give."""

    std: Interval
    mean_rpd: Interval


def language_spread(scores: Floats, ddof: int, replicates: int, seed: int, level: float) -> LanguageSpread:
    """Draw as many languages with replacement, [L] percentages; a language makes no pair with itself."""
    draws = language_draws(len(scores), replicates, np.random.default_rng(seed))
    mean = draws @ scores / len(scores)
    square = np.einsum("bl,bl->b", draws, (scores - mean[:, None]) ** 2)
    std = np.sqrt(square / (len(scores) - ddof)) / 100
    first, second = np.triu_indices(len(scores), k=1)
    weights = draws[:, first] * draws[:, second]
    mean_rpd = weights @ relative_differences(scores) / weights.sum(axis=1)
    method = "draws of languages"
    return LanguageSpread(spread(std, level, method), spread(mean_rpd, level, method))
