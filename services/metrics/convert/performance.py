"""Performance gap, and the comparison of two."""

from collections.abc import Sequence

from isogloss.artifacts import Artifact
from isogloss.errors import InvalidInput
from isogloss.metrics import formats
from isogloss.metrics.engine.gap_intervals import check_items
from isogloss.metrics.engine.items import Items
from isogloss.metrics.measures import comparison_of, gap_of
from isogloss.metrics.v1 import metrics_pb2 as pb
from services.metrics.convert.common import Resampling, check_names, fill, resampling
from services.metrics.inputs import Read, fetch

_METRICS = {pb.SCORE_METRIC_ACCURACY: "accuracy", pb.SCORE_METRIC_SPAN_F1: "span_f1"}


def compute_performance_gap(
    request: pb.ComputePerformanceGapRequest, read: Read
) -> pb.ComputePerformanceGapResponse:
    """See metrics.proto."""
    draws = resampling(request.resampling)
    languages, values = _scores(request.scores, "scores")
    record = gap_of(
        languages,
        values,
        _items(request.scores, "scores", request, draws, read),
        ddof=request.ddof,
        replicates=draws.replicates,
        seed=draws.seed,
        level=draws.level,
    )
    return fill(pb.ComputePerformanceGapResponse(), record)


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
    record = comparison_of(
        languages,
        first,
        second,
        _items(request.first, "first", request, draws, read),
        _items(request.second, "second", request, draws, read),
        ddof=request.ddof,
        replicates=draws.replicates,
        permutations=draws.permutations,
        seed=draws.seed,
        level=draws.level,
    )
    return fill(pb.ComparePerformanceGapsResponse(), record)


def _items(
    scores: Sequence[pb.Score],
    field: str,
    request: pb.ComputePerformanceGapRequest | pb.ComparePerformanceGapsRequest,
    draws: Resampling,
    read: Read,
) -> list[Items]:
    """The items that each score counts, to be drawn anew; none without a metric."""
    number, units = request.metric, request.units
    if number == pb.SCORE_METRIC_UNSPECIFIED:
        return []
    metric = _METRICS.get(number)
    if metric is None:
        raise InvalidInput("metric", f"unknown: {number}", f"Known: {', '.join(_METRICS.values())}.")
    if draws.replicates < 100:
        fix = "Send 100 or more, 10,000 is customary; or leave `metric` unset."
        raise InvalidInput("resampling.replicates", f"{draws.replicates} with a metric", fix)
    items = []
    for score in scores:
        place = f"{field}[{score.language}].predictions"
        data = fetch(read, Artifact.from_proto(score.predictions, place), place)
        items.append(formats.read_items(data, metric, place))
        check_items(place, score.value, items[-1])
    if not units.uri:
        return items
    numbers = formats.read_units(fetch(read, Artifact.from_proto(units, "units"), "units"), "units")
    return [item.by_unit(numbers) for item in items]


def _scores(messages: Sequence[pb.Score], field: str) -> tuple[list[str], list[float]]:
    languages = [score.language for score in messages]
    check_names(languages, field)
    return languages, [score.value for score in messages]
