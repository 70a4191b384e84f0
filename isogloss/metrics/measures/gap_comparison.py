"""Whether one input's gap over the same languages, and over others, is wider than another's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from isogloss.errors import InvalidInput
from isogloss.metrics.engine import gap_comparison
from isogloss.metrics.engine.bootstrap import resampled_scores
from isogloss.metrics.engine.gap_intervals import check_paired, difference_intervals
from isogloss.metrics.engine.intervals import Interval
from isogloss.metrics.engine.items import Items
from isogloss.metrics.engine.other_languages import SpreadRatio, logit_noise, spread_ratio

NOISE_DRAWS = 2_000
"""Of items, for the covariance of their noise."""


@dataclass(frozen=True)
class GapDifferenceWithout:
    """The differences without one language."""

    language: str
    std_difference: float
    mean_rpd_difference: float
    std_difference_interval: Interval | None = None
    mean_rpd_difference_interval: Interval | None = None


@dataclass(frozen=True)
class PairGapDifference:
    """The difference of two languages' RPDs, in percent."""

    first: str
    second: str
    rpd_difference: float
    rpd_difference_interval: Interval | None = None


@dataclass(frozen=True)
class GapComparison:
    """Gap of the first input less that of the second; p two-sided, by exchange within languages."""

    std_difference: float
    mean_rpd_difference: float
    std_p_value: float
    mean_rpd_p_value: float
    permutations: int
    exact: bool
    pairs: tuple[PairGapDifference, ...]
    without: tuple[GapDifferenceWithout, ...]
    std_difference_interval: Interval | None = None
    mean_rpd_difference_interval: Interval | None = None
    other_languages: SpreadRatio | None = None


def compare_gaps(
    first: Mapping[str, float | Items],
    second: Mapping[str, float | Items],
    *,
    ddof: int = 1,
    replicates: int = 0,
    permutations: int = 10_000,
    seed: int = 0,
    level: float = 0.95,
) -> GapComparison:
    """Whether the first input's gap over the same languages (and items) is wider than the second's.

    As `gaps` for each; both name the same languages in the same order.
    """
    if list(first) != list(second):
        problem = f"languages {list(second)}, but {list(first)} in first"
        raise InvalidInput("second", problem, "Send the same languages in the same order.")
    sides = [[side[name] for name in first] for side in (first, second)]
    items = [[item for item in side if isinstance(item, Items)] for side in sides]
    if any(items) and any(len(side) < len(first) for side in items):
        raise InvalidInput("second", "some scores are numbers and some are items", "Send one kind.")
    values = [[i.score if isinstance(i, Items) else float(i) for i in side] for side in sides]
    return comparison_of(
        list(first),
        values[0],
        values[1],
        items[0],
        items[1],
        ddof=ddof,
        replicates=replicates,
        permutations=permutations,
        seed=seed,
        level=level,
    )


def comparison_of(
    languages: Sequence[str],
    first: Sequence[float],
    second: Sequence[float],
    first_items: Sequence[Items],
    second_items: Sequence[Items],
    *,
    ddof: int,
    replicates: int,
    permutations: int,
    seed: int,
    level: float,
) -> GapComparison:
    """`compare_gaps` of scores that were read beside their items; the items may be empty."""
    test = gap_comparison.compare_gaps(
        languages, first, second, ddof=ddof, permutations=permutations, seed=seed
    )
    over = noise = None
    if first_items and replicates:
        for name, a, b in zip(languages, first_items, second_items, strict=True):
            check_paired(name, a, b)
        over = difference_intervals(first_items, second_items, ddof, replicates, seed, level)
        draws = np.random.default_rng(seed)
        noise = logit_noise(
            resampled_scores([*first_items, *second_items], min(replicates, NOISE_DRAWS), draws)
        )
    return GapComparison(
        std_difference=test.difference.std,
        mean_rpd_difference=test.difference.mean_rpd,
        std_p_value=test.std_p_value,
        mean_rpd_p_value=test.mean_rpd_p_value,
        permutations=test.permutations,
        exact=test.exact,
        pairs=tuple(
            PairGapDifference(a, b, test.rpd[k], over.rpd[k] if over else None)
            for k, (a, b) in enumerate(combinations(languages, 2))
        ),
        without=tuple(
            GapDifferenceWithout(
                name,
                rest.std,
                rest.mean_rpd,
                over.without[k].std if over else None,
                over.without[k].mean_rpd if over else None,
            )
            for k, (name, rest) in enumerate(zip(languages, test.without, strict=False))
        ),
        std_difference_interval=over.gap.std if over else None,
        mean_rpd_difference_interval=over.gap.mean_rpd if over else None,
        other_languages=spread_ratio(languages, first, second, level, noise),
    )


def compare_spreads(
    first: Mapping[str, float | Sequence[float]],
    second: Mapping[str, float | Sequence[float]],
    *,
    level: float = 0.95,
) -> SpreadRatio | None:
    """Whether the first input spreads *other* languages further apart than the second: a ratio of spreads.

    Of each language its score in percent, or one a seed: then what a seed does to one language alone is noise
    that is taken out. None below four languages, or where no spread is left. `compare_gaps` has the same with
    the noise of items taken out.
    """
    if list(first) != list(second):
        problem = f"languages {list(second)}, but {list(first)} in first"
        raise InvalidInput("second", problem, "Send the same languages in the same order.")
    sides = []
    for name, side in (("first", first), ("second", second)):
        rows = [np.atleast_1d(np.asarray(scores, dtype=np.float64)) for scores in side.values()]
        if len({len(row) for row in rows}) > 1:
            raise InvalidInput(
                name, f"{sorted({len(row) for row in rows})} seeds", "As many of each language."
            )
        sides.append(np.stack(rows) if rows else np.zeros((0, 1)))
    return spread_ratio(list(first), sides[0], sides[1], level)
