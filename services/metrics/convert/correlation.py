"""Rank correlations."""

from isogloss.metrics.engine.correlation import Correlation, correlations, stratified
from isogloss.metrics.v1 import metrics_pb2 as pb
from services.metrics.convert.common import fill, resampling
from services.metrics.inputs import Read


def compute_correlation(request: pb.ComputeCorrelationRequest, read: Read) -> pb.ComputeCorrelationResponse:
    """See metrics.proto."""
    draws = resampling(request.resampling)
    found = correlations(
        x=[item.x for item in request.observations],
        y=[item.y for item in request.observations],
        groups=[item.group for item in request.observations],
        clusters=[item.cluster for item in request.observations],
        replicates=draws.replicates,
        seed=draws.seed,
        level=draws.level,
    )
    within = stratified(
        [item.x for item in request.observations],
        [item.y for item in request.observations],
        [item.group for item in request.observations],
        [item.cluster for item in request.observations],
        draws=draws.permutations,
        seed=draws.seed,
    )
    return pb.ComputeCorrelationResponse(
        correlations=[_correlation(item) for item in found],
        stratified=_correlation(within) if within else None,
    )


def _correlation(item: Correlation) -> pb.Correlation:
    spearman, kendall = item.spearman, item.kendall
    message = pb.Correlation(
        group=item.group,
        n=item.n,
        spearman=spearman.value,
        spearman_p=spearman.p_value,
        spearman_p_method=spearman.p_method,
        kendall=kendall.value,
        kendall_p=kendall.p_value,
        kendall_p_method=kendall.p_method,
    )
    if spearman.interval and kendall.interval:
        fill(message.spearman_interval, spearman.interval)
        fill(message.kendall_interval, kendall.interval)
    return message
