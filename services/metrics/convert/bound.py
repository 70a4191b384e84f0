"""Theorem C.2."""

from isogloss.metrics.engine.transfer_bound import PairBound, transfer_bounds
from isogloss.metrics.v1 import metrics_pb2 as pb
from services.metrics.convert.common import check_names, fill, resampling, sentences
from services.metrics.inputs import Read


def compute_transfer_bound(
    request: pb.ComputeTransferBoundRequest, read: Read
) -> pb.ComputeTransferBoundResponse:
    """See metrics.proto."""
    draws = resampling(request.resampling)
    languages = [message.language for message in request.languages]
    check_names(languages, "languages")
    found = transfer_bounds(
        languages,
        (item.vectors for item in sentences(request.languages, read)),
        delta=request.delta or 0.05,
        pseudo_dimension=request.pseudo_dimension or None,
        seed=draws.seed,
        level=draws.level,
    )
    return pb.ComputeTransferBoundResponse(
        pairs=[_pair(pair) for pair in found.pairs],
        mean_proxy_a_distance=found.mean_proxy_a_distance,
        sentences=found.sentences,
        pseudo_dimension=found.pseudo_dimension,
    )


def _pair(pair: PairBound) -> pb.PairBound:
    message = pb.PairBound(
        first=pair.first,
        second=pair.second,
        proxy_a_distance=pair.proxy_a_distance,
        held_out_error=pair.held_out_error,
        empirical_divergence=pair.empirical_divergence,
        divergence_term=pair.divergence_term,
        complexity_term=pair.complexity_term,
        bound=pair.bound,
        vacuous=pair.vacuous,
    )
    fill(message.proxy_a_distance_interval, pair.proxy_interval)
    return message
