"""Performance gap: how unequal one input's scores are over languages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from isogloss.errors import InvalidInput
from isogloss.metrics.engine.gap import leave_one_out, performance_gap
from isogloss.metrics.engine.gap_intervals import check_items, item_intervals, language_spread
from isogloss.metrics.engine.intervals import Interval
from isogloss.metrics.engine.items import Items


@dataclass(frozen=True)
class ScoreInterval:
    """A score in percent; `interval` and the number of `items` where there are predictions."""

    language: str
    value: float
    interval: Interval
    items: int


@dataclass(frozen=True)
class PairGap:
    """`rpd` in percent (equation 1), `absolute` in points."""

    first: str
    second: str
    rpd: float
    absolute: float
    rpd_interval: Interval | None = None
    absolute_interval: Interval | None = None


@dataclass(frozen=True)
class GapWithout:
    """The gap when one language is left out."""

    language: str
    std: float
    mean_rpd: float
    std_interval: Interval | None = None
    mean_rpd_interval: Interval | None = None


@dataclass(frozen=True)
class Gap:
    """How unequal scores are: `std` of scores as fractions, `mean_rpd` in percent over all pairs."""

    std: float
    mean_rpd: float
    pairs: tuple[PairGap, ...]
    without: tuple[GapWithout, ...]
    scores: tuple[ScoreInterval, ...] = ()
    std_interval: Interval | None = None
    mean_rpd_interval: Interval | None = None
    std_language_spread: Interval | None = None
    mean_rpd_language_spread: Interval | None = None


def gaps(
    scores: Mapping[str, float | Items],
    *,
    ddof: int = 1,
    replicates: int = 0,
    seed: int = 0,
    level: float = 0.95,
) -> Gap:
    """How unequal languages are: standard deviation and relative percentage difference of their scores.

    `scores[l]`: percent, or `Items` (`isogloss.metrics.engine.items`: `pair_accuracy`, `word_accuracy`,
    `span_f1`), what each test item adds to the score. Intervals need items of every language and at least 100
    `replicates`.
    """
    values = {name: item.score if isinstance(item, Items) else float(item) for name, item in scores.items()}
    items = [item for item in scores.values() if isinstance(item, Items)]
    if items and len(items) < len(values):
        raise InvalidInput("scores", "some are numbers and some are items", "Send one kind.")
    return gap_of(
        list(values), list(values.values()), items, ddof=ddof, replicates=replicates, seed=seed, level=level
    )


def gap_of(
    languages: Sequence[str],
    scores: Sequence[float],
    items: Sequence[Items],
    *,
    ddof: int,
    replicates: int,
    seed: int,
    level: float,
    field: str = "scores",
) -> Gap:
    """`gaps` of scores that were read beside their items; `items` may be empty."""
    gap = performance_gap(languages, scores, ddof)
    rest = leave_one_out(languages, scores, ddof)
    for name, value, item in zip(languages, scores, items, strict=False):
        check_items(f"{field}[{name}].predictions", value, item)
    over = item_intervals(items, ddof, replicates, seed, level) if items and replicates else None
    spread = None
    if replicates and len(languages) > 2:
        spread = language_spread(np.asarray(scores, dtype=float), ddof, replicates, seed, level)
    return Gap(
        std=gap.std,
        mean_rpd=gap.mean_rpd,
        pairs=tuple(
            PairGap(
                pair.first,
                pair.second,
                pair.rpd,
                pair.absolute,
                over.rpd[k] if over else None,
                over.absolute[k] if over else None,
            )
            for k, pair in enumerate(gap.pairs)
        ),
        without=tuple(
            GapWithout(
                kept.language,
                kept.std,
                kept.mean_rpd,
                over.without[k].std if over else None,
                over.without[k].mean_rpd if over else None,
            )
            for k, kept in enumerate(rest)
        ),
        scores=tuple(
            ScoreInterval(name, value, interval, len(item.gained))
            for name, value, item, interval in zip(languages, scores, items, over.scores, strict=True)
        )
        if over
        else (),
        std_interval=over.gap.std if over else None,
        mean_rpd_interval=over.gap.mean_rpd if over else None,
        std_language_spread=spread.std if spread else None,
        mean_rpd_language_spread=spread.mean_rpd if spread else None,
    )
