"""Output gap."""

from isogloss.artifacts import Artifact
from isogloss.metrics.engine.output_gap import PairDistance, mean_estimate, output_gap
from isogloss.metrics.v1 import metrics_pb2 as pb
from services.metrics.convert.common import check_codes, interval, resampling
from services.metrics.inputs import Read, read_probabilities


def compute_output_gap(request: pb.ComputeOutputGapRequest, read: Read) -> pb.ComputeOutputGapResponse:
    """See metrics.proto."""
    level = resampling(request.resampling).level
    languages = [message.language for message in request.languages]
    check_codes(languages, "languages")
    probabilities = []
    for message in request.languages:
        field = f"languages[{message.language}].predictions"
        probabilities.append(read_probabilities(read, Artifact.from_proto(message.predictions, field), field))
    pairs = output_gap(languages, probabilities, request.regularization, exact=not request.skip_exact)
    raw = mean_estimate([pair.raw for pair in pairs])
    debiased = mean_estimate([pair.debiased for pair in pairs])
    response = pb.ComputeOutputGapResponse(
        pairs=[_pair(pair, level) for pair in pairs],
        mean_sinkhorn=raw.value,
        mean_sinkhorn_interval=interval(raw.interval(level)),
        mean_sinkhorn_debiased=debiased.value,
        mean_sinkhorn_debiased_interval=interval(debiased.interval(level)),
        regularization=request.regularization,
        items=len(probabilities[0]),
    )
    exact = [pair.exact for pair in pairs if pair.exact]
    if len(exact) == len(pairs):
        mean = mean_estimate(exact)
        response.mean_exact = mean.value
        response.mean_exact_interval.CopyFrom(interval(mean.interval(level)))
    return response


def _pair(pair: PairDistance, level: float) -> pb.PairDistance:
    return pb.PairDistance(
        first=pair.first,
        second=pair.second,
        sinkhorn=pair.raw.value,
        sinkhorn_interval=interval(pair.raw.interval(level)),
        sinkhorn_debiased=pair.debiased.value,
        sinkhorn_debiased_interval=interval(pair.debiased.interval(level)),
        exact=pair.exact.value if pair.exact else None,
        exact_interval=interval(pair.exact.interval(level)) if pair.exact else None,
        marginal_error=pair.marginal_error,
        converged=pair.converged,
    )
