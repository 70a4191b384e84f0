"""The measures as functions on arrays: what `isogloss.metrics` offers, and what the service answers with.

A function takes arrays by language (any name: ISO 639-3 codes are a habit, not a rule) and gives a frozen
record whose fields are those of metrics.proto; docs/metrics.md says what each is. None stands for what was
not asked for or cannot be had. Bad input (NaN, constant vectors, rows that do not align) is
`isogloss.errors.InvalidInput`, which names the field and the row.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isogloss.errors import InvalidInput
from isogloss.metrics.engine import correlation, gap_comparison, linguistic_gap, output_gap
from isogloss.metrics.engine.checks import Floats, Vectors
from isogloss.metrics.engine.gap import leave_one_out, performance_gap
from isogloss.metrics.engine.gap_intervals import (
    check_items,
    check_paired,
    difference_intervals,
    item_intervals,
    language_spread,
)
from isogloss.metrics.engine.intervals import Interval
from isogloss.metrics.engine.items import Items
from isogloss.metrics.engine.linguistic_gap import LinguisticGap, Sentences
from isogloss.metrics.engine.other_languages import SpreadRatio, spread_ratio


@dataclass(frozen=True)
class PairSimilarity:
    """Two languages' vectors: `cka` biased as the paper prints it, `cka_debiased` 0 on average for noise."""

    first: str
    second: str
    cka: float
    cka_interval: Interval
    cka_debiased: float
    cka_debiased_interval: Interval
    cka_uncentered: float
    cka_debiased_length_residual: float | None = None
    cka_debiased_length_residual_interval: Interval | None = None
    cka_length_matched: float | None = None
    cka_lengths: float | None = None
    null_mean: float | None = None
    p_value: float | None = None
    p_value_holm: float | None = None


@dataclass(frozen=True)
class SimilarityWithout:
    """Means over the pairs that remain without one language."""

    language: str
    mean_cka: float
    mean_cka_interval: Interval
    mean_cka_debiased: float
    mean_cka_debiased_interval: Interval


@dataclass(frozen=True)
class LengthControl:
    """How sentence length was taken out of one language: by a cubic spline of `degrees_of_freedom` columns,
    then by comparing sentences of `equal_lengths` or of neighboring ones. `remaining` is the share of the
    vectors' Gram (0 to 1, Frobenius norm) that is left."""

    language: str
    degrees_of_freedom: int
    equal_lengths: bool
    remaining: float | None


@dataclass(frozen=True)
class Similarity:
    """Linear CKA of all pairs of languages; `mean_…` over all pairs."""

    sentences: int
    mean_cka: float
    mean_cka_interval: Interval
    mean_cka_debiased: float
    mean_cka_debiased_interval: Interval
    mean_cka_uncentered: float
    mean_cka_uncentered_interval: Interval
    pairs: tuple[PairSimilarity, ...]
    without: tuple[SimilarityWithout, ...]
    mean_cka_debiased_length_residual: float | None = None
    mean_cka_debiased_length_residual_interval: Interval | None = None
    mean_cka_length_matched: float | None = None
    length_controls: tuple[LengthControl, ...] = ()
    length_note: str | None = None


def cka(
    vectors: Mapping[str, Vectors],
    lengths: Mapping[str, ArrayLike] | None = None,
    *,
    permutations: int = 0,
    seed: int = 0,
    level: float = 0.95,
) -> Similarity:
    """How alike two or more languages' vectors of the same sentences are, up to rotation and scale.

    `vectors[l]` [n, d_l]: row i is the same sentence in every language. `lengths[l]` [n]: units (characters,
    tokens) of which each vector is the mean; with them come the values without sentence length.
    `permutations` of the rows make each pair's null. Intervals are jackknives over sentences of coverage
    `level`. Needs 6 sentences.
    """
    own = dict(lengths or {})
    unknown = sorted(set(own) - set(vectors))
    if unknown:
        raise InvalidInput("lengths", f"of {', '.join(unknown)}, who have no vectors", "Send both or none.")
    sentences = [Sentences(np.asarray(x), _floats(own.get(name))) for name, x in vectors.items()]
    return similarity(list(vectors), sentences, permutations=permutations, seed=seed, level=level)


def similarity(
    languages: Sequence[str],
    sentences: Iterable[Sentences],
    *,
    permutations: int = 0,
    seed: int = 0,
    level: float = 0.95,
) -> Similarity:
    """`cka` of vectors that arrive one language after another: 200 languages need no copy."""
    gap = linguistic_gap.linguistic_gap(
        languages, sentences, permutations=permutations, seed=seed, level=level
    )
    plain, length = gap.plain, gap.length
    residual = length.residual if length else None
    rest = range(len(languages)) if len(languages) > 2 else ()
    return Similarity(
        sentences=plain.biased.sentences,
        mean_cka=plain.biased.mean,
        mean_cka_interval=plain.biased.mean_interval(),
        mean_cka_debiased=plain.debiased.mean,
        mean_cka_debiased_interval=plain.debiased.mean_interval(),
        mean_cka_uncentered=plain.uncentered.mean,
        mean_cka_uncentered_interval=plain.uncentered.mean_interval(),
        mean_cka_debiased_length_residual=residual.mean if residual else None,
        mean_cka_debiased_length_residual_interval=residual.mean_interval() if residual else None,
        mean_cka_length_matched=length.matched_mean if length else None,
        length_controls=_length_controls(languages, length) if length else (),
        length_note=(length.note or None) if length else None,
        pairs=tuple(
            _pair_similarity(gap, languages, i, j) for i, j in combinations(range(len(languages)), 2)
        ),
        without=tuple(
            SimilarityWithout(
                languages[index],
                plain.biased.without(index),
                plain.biased.interval_without(index),
                plain.debiased.without(index),
                plain.debiased.interval_without(index),
            )
            for index in rest
        ),
    )


def _length_controls(
    languages: Sequence[str], length: linguistic_gap.LengthControl
) -> tuple[LengthControl, ...]:
    remaining = [None] * len(languages) if length.remaining is None else length.remaining.tolist()
    return tuple(map(LengthControl, languages, length.freedom, length.exact, remaining))


def _pair_similarity(gap: LinguisticGap, languages: Sequence[str], i: int, j: int) -> PairSimilarity:
    plain, length, null = gap.plain, gap.length, gap.null
    residual = length.residual if length else None
    return PairSimilarity(
        languages[i],
        languages[j],
        cka=float(plain.biased.values[i, j]),
        cka_interval=plain.biased.interval(i, j),
        cka_debiased=float(plain.debiased.values[i, j]),
        cka_debiased_interval=plain.debiased.interval(i, j),
        cka_uncentered=float(plain.uncentered.values[i, j]),
        cka_debiased_length_residual=float(residual.values[i, j]) if residual else None,
        cka_debiased_length_residual_interval=residual.interval(i, j) if residual else None,
        cka_length_matched=float(length.matched[i, j]) if length else None,
        cka_lengths=float(length.lengths[i, j]) if length and length.lengths is not None else None,
        null_mean=float(null.mean[i, j]) if null else None,
        p_value=float(null.p_value[i, j]) if null else None,
        p_value_holm=float(null.p_value_holm[i, j]) if null else None,
    )


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
    over = None
    if first_items and replicates:
        for name, a, b in zip(languages, first_items, second_items, strict=True):
            check_paired(name, a, b)
        over = difference_intervals(first_items, second_items, ddof, replicates, seed, level)
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
        other_languages=spread_ratio(languages, first, second, level),
    )


@dataclass(frozen=True)
class PairDistance:
    """Two languages' class probabilities: 0 is equal, 2 opposite corners."""

    first: str
    second: str
    sinkhorn: float
    sinkhorn_interval: Interval
    sinkhorn_debiased: float
    sinkhorn_debiased_interval: Interval
    marginal_error: float
    converged: bool
    exact: float | None = None
    exact_interval: Interval | None = None


@dataclass(frozen=True)
class OutputGap:
    """Optimal transport between the outputs of all pairs of languages; `mean_…` over all pairs."""

    items: int
    regularization: float
    mean_sinkhorn: float
    mean_sinkhorn_interval: Interval
    mean_sinkhorn_debiased: float
    mean_sinkhorn_debiased_interval: Interval
    pairs: tuple[PairDistance, ...]
    mean_exact: float | None = None
    mean_exact_interval: Interval | None = None


def sinkhorn(
    probabilities: Mapping[str, ArrayLike],
    *,
    regularization: float = 0.1,
    exact: bool = True,
    level: float = 0.95,
) -> OutputGap:
    """How far apart languages' class probabilities for the same items lie.

    `probabilities[l]` [n, k]: row i the same item, column j the same class everywhere. `regularization` is in
    units of the cost, squared Euclidean distance (at most 2). A plan that does not converge is
    `isogloss.errors.Failed`.
    """
    clouds = [np.asarray(p, dtype=np.float64) for p in probabilities.values()]
    return outputs_of(list(probabilities), clouds, regularization, exact=exact, level=level)


def outputs_of(
    languages: Sequence[str], clouds: Sequence[Floats], regularization: float, *, exact: bool, level: float
) -> OutputGap:
    """`sinkhorn` of languages that a list names."""
    distances = output_gap.output_gap(languages, clouds, regularization, exact=exact)
    raw = output_gap.mean_estimate([pair.raw for pair in distances])
    debiased = output_gap.mean_estimate([pair.debiased for pair in distances])
    solved = [pair.exact for pair in distances if pair.exact]
    mean_exact = output_gap.mean_estimate(solved) if len(solved) == len(distances) else None
    return OutputGap(
        items=len(clouds[0]),
        regularization=regularization,
        mean_sinkhorn=raw.value,
        mean_sinkhorn_interval=raw.interval(level),
        mean_sinkhorn_debiased=debiased.value,
        mean_sinkhorn_debiased_interval=debiased.interval(level),
        mean_exact=mean_exact.value if mean_exact else None,
        mean_exact_interval=mean_exact.interval(level) if mean_exact else None,
        pairs=tuple(
            PairDistance(
                pair.first,
                pair.second,
                sinkhorn=pair.raw.value,
                sinkhorn_interval=pair.raw.interval(level),
                sinkhorn_debiased=pair.debiased.value,
                sinkhorn_debiased_interval=pair.debiased.interval(level),
                marginal_error=pair.marginal_error,
                converged=pair.converged,
                exact=pair.exact.value if pair.exact else None,
                exact_interval=pair.exact.interval(level) if pair.exact else None,
            )
            for pair in distances
        ),
    )


def correlate(
    x: Sequence[float] | NDArray[np.float64],
    y: Sequence[float] | NDArray[np.float64],
    *,
    groups: Sequence[str] | None = None,
    clusters: Sequence[str] | None = None,
    replicates: int = 0,
    permutations: int = 9_999,
    seed: int = 0,
    level: float = 0.95,
) -> list[correlation.Correlation]:
    """Spearman's rho and Kendall's tau-b of two series [n], n ≥ 3: of all, and within each of `groups` [n].

    `clusters` [n] names what is drawn together for the intervals; with `replicates` 0 there are none. With
    groups, the last is the mean within them, its null permuted within groups.
    """
    if len(y) != len(x):
        raise InvalidInput("y", f"{len(y)} values for {len(x)}", "Value i of both is one observation.")
    blank = [""] * len(x)
    for name, labels in (("groups", groups), ("clusters", clusters)):
        if labels is not None and len(labels) != len(x):
            raise InvalidInput(name, f"{len(labels)} for {len(x)} observations", "Send one for each.")
    found = correlation.correlations(
        x,
        y,
        blank if groups is None else groups,
        blank if clusters is None else clusters,
        replicates=replicates,
        seed=seed,
        level=level,
    )
    if groups is None:
        return found
    names = blank if clusters is None else clusters
    within = correlation.stratified(x, y, groups, names, draws=permutations, seed=seed)
    return [*found, within] if within else found


def _floats(values: ArrayLike | None) -> Floats | None:
    return None if values is None else np.asarray(values, dtype=np.float64)
