"""Linguistic gap, and the comparison of two."""

from isogloss.errors import InvalidInput
from isogloss.metrics.engine.linguistic_gap import linguistic_gap
from isogloss.metrics.engine.similarity_comparison import compare_similarities
from isogloss.metrics.measures import similarity
from isogloss.metrics.v1 import metrics_pb2 as pb
from services.metrics.convert.common import check_names, fill, resampling, sentences
from services.metrics.inputs import Read


def compute_linguistic_gap(
    request: pb.ComputeLinguisticGapRequest, read: Read
) -> pb.ComputeLinguisticGapResponse:
    """See metrics.proto."""
    draws = resampling(request.resampling)
    languages = [message.language for message in request.languages]
    check_names(languages, "languages")
    record = similarity(
        languages,
        sentences(request.languages, read),
        permutations=draws.permutations,
        seed=draws.seed,
        level=draws.level,
    )
    return fill(pb.ComputeLinguisticGapResponse(), record)


def compare_linguistic_gaps(
    request: pb.CompareLinguisticGapsRequest, read: Read
) -> pb.CompareLinguisticGapsResponse:
    """See metrics.proto."""
    draws = resampling(request.resampling)
    languages = [message.language for message in request.first]
    check_names(languages, "first")
    others = [message.language for message in request.second]
    if languages != others:
        problem = f"languages {others}, but {languages} in first"
        raise InvalidInput("second", problem, "Send the same languages in the same order.")
    first, second = (
        linguistic_gap(languages, sentences(messages, read, field), level=draws.level, field=field)
        for field, messages in (("first", request.first), ("second", request.second))
    )
    comparison = compare_similarities(first, second)
    response = pb.CompareLinguisticGapsResponse(
        mean_cka_difference=comparison.biased.value,
        mean_cka_debiased_difference=comparison.debiased.value,
        sentences=first.plain.biased.sentences,
    )
    fill(response.mean_cka_difference_interval, comparison.biased.interval)
    fill(response.mean_cka_debiased_difference_interval, comparison.debiased.interval)
    if comparison.residual:
        response.mean_cka_debiased_length_residual_difference = comparison.residual.value
        fill(response.mean_cka_debiased_length_residual_difference_interval, comparison.residual.interval)
    return response
