"""Performance gap, and the comparison of two."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from isogloss.artifacts import Artifact
from isogloss.errors import InvalidInput
from isogloss.metrics.engine.gap import leave_one_out, performance_gap
from isogloss.metrics.engine.gap_comparison import Difference, compare_gaps
from isogloss.metrics.engine.gap_intervals import (
    check_items,
    check_paired,
    difference_intervals,
    item_intervals,
    language_spread,
)
from isogloss.metrics.engine.items import Items
from isogloss.metrics.v1 import metrics_pb2 as pb
from services.metrics.convert.common import Resampling, check_codes, interval, resampling
from services.metrics.inputs import Read, read_items

_METRICS = {pb.SCORE_METRIC_ACCURACY: "accuracy", pb.SCORE_METRIC_SPAN_F1: "span_f1"}


def compute_performance_gap(
    request: pb.ComputePerformanceGapRequest, read: Read
) -> pb.ComputePerformanceGapResponse:
    """See metrics.proto."""
    draws = resampling(request.resampling)
    languages, values = _scores(request.scores, "scores")
    gap = performance_gap(languages, values, request.ddof)
    response = pb.ComputePerformanceGapResponse(
        std=gap.std,
        mean_rpd=gap.mean_rpd,
        pairs=[
            pb.PairGap(first=pair.first, second=pair.second, rpd=pair.rpd, absolute=pair.absolute)
            for pair in gap.pairs
        ],
        without=[
            pb.GapWithout(language=rest.language, std=rest.std, mean_rpd=rest.mean_rpd)
            for rest in leave_one_out(languages, values, request.ddof)
        ],
    )
    if draws.replicates and len(languages) > 2:
        spread = language_spread(np.array(values), request.ddof, draws.replicates, draws.seed, draws.level)
        response.std_language_spread.CopyFrom(interval(spread.std))
        response.mean_rpd_language_spread.CopyFrom(interval(spread.mean_rpd))
    if request.metric != pb.SCORE_METRIC_UNSPECIFIED:
        _add_item_intervals(request, draws, read, response)
    return response


def _add_item_intervals(
    request: pb.ComputePerformanceGapRequest,
    draws: Resampling,
    read: Read,
    response: pb.ComputePerformanceGapResponse,
) -> None:
    items = _items(request.scores, "scores", request.metric, draws, read)
    found = item_intervals(items, request.ddof, draws.replicates, draws.seed, draws.level)
    response.std_interval.CopyFrom(interval(found.gap.std))
    response.mean_rpd_interval.CopyFrom(interval(found.gap.mean_rpd))
    for rest, of_rest in zip(response.without, found.without, strict=True):
        rest.std_interval.CopyFrom(interval(of_rest.std))
        rest.mean_rpd_interval.CopyFrom(interval(of_rest.mean_rpd))
    for pair, rpd, absolute in zip(response.pairs, found.rpd, found.absolute, strict=True):
        pair.rpd_interval.CopyFrom(interval(rpd))
        pair.absolute_interval.CopyFrom(interval(absolute))
    for score, item, score_interval in zip(request.scores, items, found.scores, strict=True):
        response.scores.add(
            language=score.language,
            value=score.value,
            interval=interval(score_interval),
            items=len(item.gained),
        )


def compare_performance_gaps(
    request: pb.ComparePerformanceGapsRequest, read: Read
) -> pb.ComparePerformanceGapsResponse:
    """See metrics.proto."""
    draws = resampling(request.resampling)
    languages, first = _scores(request.first, "first")
    others, second = _scores(request.second, "second")
    if languages != others:
        problem = f"languages {others}, but {languages} in first"
        raise InvalidInput("second", problem, "Send the same languages in the same order.")
    found = compare_gaps(
        languages, first, second, ddof=request.ddof, permutations=draws.permutations, seed=draws.seed
    )
    response = pb.ComparePerformanceGapsResponse(
        std_difference=found.difference.std,
        mean_rpd_difference=found.difference.mean_rpd,
        std_p_value=found.std_p_value,
        mean_rpd_p_value=found.mean_rpd_p_value,
        permutations=found.permutations,
        exact=found.exact,
        pairs=[
            pb.PairGapDifference(first=a, second=b, rpd_difference=rpd)
            for (a, b), rpd in zip(combinations(languages, 2), found.rpd, strict=True)
        ],
        without=[_without(language, rest) for language, rest in zip(languages, found.without, strict=False)],
    )
    if request.metric != pb.SCORE_METRIC_UNSPECIFIED:
        _add_difference_intervals(request, draws, read, response)
    return response


def _add_difference_intervals(
    request: pb.ComparePerformanceGapsRequest,
    draws: Resampling,
    read: Read,
    response: pb.ComparePerformanceGapsResponse,
) -> None:
    first, second = (
        _items(getattr(request, field), field, request.metric, draws, read) for field in ("first", "second")
    )
    for score, a, b in zip(request.first, first, second, strict=True):
        check_paired(score.language, a, b)
    found = difference_intervals(first, second, request.ddof, draws.replicates, draws.seed, draws.level)
    response.std_difference_interval.CopyFrom(interval(found.gap.std))
    response.mean_rpd_difference_interval.CopyFrom(interval(found.gap.mean_rpd))
    for rest, of_rest in zip(response.without, found.without, strict=True):
        rest.std_difference_interval.CopyFrom(interval(of_rest.std))
        rest.mean_rpd_difference_interval.CopyFrom(interval(of_rest.mean_rpd))
    for pair, of_pair in zip(response.pairs, found.rpd, strict=True):
        pair.rpd_difference_interval.CopyFrom(interval(of_pair))


def _items(
    scores: Sequence[pb.Score], field: str, number: "pb.ScoreMetric.ValueType", draws: Resampling, read: Read
) -> list[Items]:
    """The items that each score counts, to be drawn anew."""
    metric = _METRICS.get(number)
    if metric is None:
        raise InvalidInput("metric", f"unknown: {number}", f"Known: {', '.join(_METRICS.values())}.")
    if draws.replicates < 100:
        fix = "Send 100 or more, 10,000 is customary; or leave `metric` unset."
        raise InvalidInput("resampling.replicates", f"{draws.replicates} with a metric", fix)
    items = []
    for score in scores:
        place = f"{field}[{score.language}].predictions"
        items.append(read_items(read, Artifact.from_proto(score.predictions, place), metric, place))
        check_items(place, score.value, items[-1])
    return items


def _without(language: str, rest: Difference) -> pb.GapDifferenceWithout:
    return pb.GapDifferenceWithout(
        language=language, std_difference=rest.std, mean_rpd_difference=rest.mean_rpd
    )


def _scores(messages: Sequence[pb.Score], field: str) -> tuple[list[str], list[float]]:
    languages = [score.language for score in messages]
    check_codes(languages, field)
    return languages, [score.value for score in messages]
