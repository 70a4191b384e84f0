"""Linguistic gap, and the comparison of two."""

from itertools import combinations

from isogloss.errors import InvalidInput
from isogloss.metrics.engine.linguistic_gap import LinguisticGap, linguistic_gap
from isogloss.metrics.engine.similarity_comparison import compare_similarities
from isogloss.metrics.v1 import metrics_pb2 as pb
from services.metrics.convert.common import check_codes, interval, resampling, sentences
from services.metrics.inputs import Read


def compute_linguistic_gap(
    request: pb.ComputeLinguisticGapRequest, read: Read
) -> pb.ComputeLinguisticGapResponse:
    """See metrics.proto."""
    draws = resampling(request.resampling)
    languages = [message.language for message in request.languages]
    check_codes(languages, "languages")
    gap = linguistic_gap(
        languages,
        sentences(request.languages, read),
        permutations=draws.permutations,
        seed=draws.seed,
        level=draws.level,
    )
    plain, residual = gap.plain, gap.residual
    response = pb.ComputeLinguisticGapResponse(
        mean_cka=plain.biased.mean,
        mean_cka_interval=interval(plain.biased.mean_interval()),
        mean_cka_debiased=plain.debiased.mean,
        mean_cka_debiased_interval=interval(plain.debiased.mean_interval()),
        mean_cka_uncentered=plain.uncentered.mean,
        mean_cka_uncentered_interval=interval(plain.uncentered.mean_interval()),
        pairs=[_pair(gap, languages, i, j) for i, j in combinations(range(len(languages)), 2)],
        sentences=plain.biased.sentences,
    )
    if residual:
        response.mean_cka_length_residual = residual.biased.mean
        response.mean_cka_length_residual_interval.CopyFrom(interval(residual.biased.mean_interval()))
        response.mean_cka_debiased_length_residual = residual.debiased.mean
        response.mean_cka_debiased_length_residual_interval.CopyFrom(
            interval(residual.debiased.mean_interval())
        )
    if len(languages) > 2:
        for index, code in enumerate(languages):
            response.without.add(
                language=code,
                mean_cka=plain.biased.without(index),
                mean_cka_interval=interval(plain.biased.interval_without(index)),
                mean_cka_debiased=plain.debiased.without(index),
                mean_cka_debiased_interval=interval(plain.debiased.interval_without(index)),
            )
    return response


def compare_linguistic_gaps(
    request: pb.CompareLinguisticGapsRequest, read: Read
) -> pb.CompareLinguisticGapsResponse:
    """See metrics.proto."""
    draws = resampling(request.resampling)
    languages = [message.language for message in request.first]
    check_codes(languages, "first")
    others = [message.language for message in request.second]
    if languages != others:
        problem = f"languages {others}, but {languages} in first"
        raise InvalidInput("second", problem, "Send the same languages in the same order.")
    first, second = (
        linguistic_gap(languages, sentences(messages, read, field), level=draws.level, field=field)
        for field, messages in (("first", request.first), ("second", request.second))
    )
    found = compare_similarities(first, second)
    response = pb.CompareLinguisticGapsResponse(
        mean_cka_difference=found.biased.value,
        mean_cka_difference_interval=interval(found.biased.interval),
        mean_cka_debiased_difference=found.debiased.value,
        mean_cka_debiased_difference_interval=interval(found.debiased.interval),
        sentences=first.plain.biased.sentences,
    )
    if found.residual:
        response.mean_cka_debiased_length_residual_difference = found.residual.value
        response.mean_cka_debiased_length_residual_difference_interval.CopyFrom(
            interval(found.residual.interval)
        )
    return response


def _pair(gap: LinguisticGap, languages: list[str], i: int, j: int) -> pb.PairSimilarity:
    plain, residual, null = gap.plain, gap.residual, gap.null
    pair = pb.PairSimilarity(
        first=languages[i],
        second=languages[j],
        cka=plain.biased.values[i, j],
        cka_interval=interval(plain.biased.interval(i, j)),
        cka_debiased=plain.debiased.values[i, j],
        cka_debiased_interval=interval(plain.debiased.interval(i, j)),
        cka_uncentered=plain.uncentered.values[i, j],
        cka_lengths=None if gap.lengths is None else gap.lengths[i, j],
    )
    if residual:
        pair.cka_length_residual = residual.biased.values[i, j]
        pair.cka_debiased_length_residual = residual.debiased.values[i, j]
        pair.cka_debiased_length_residual_interval.CopyFrom(interval(residual.debiased.interval(i, j)))
    if null:
        pair.null_mean = null.mean[i, j]
        pair.p_value = null.p_value[i, j]
        pair.p_value_holm = null.p_value_holm[i, j]
    return pair
