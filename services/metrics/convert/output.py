"""Output gap."""

from isogloss.artifacts import Artifact
from isogloss.metrics import formats
from isogloss.metrics.measures import outputs_of
from isogloss.metrics.v1 import metrics_pb2 as pb
from services.metrics.convert.common import check_names, fill, resampling
from services.metrics.inputs import Read, fetch


def compute_output_gap(request: pb.ComputeOutputGapRequest, read: Read) -> pb.ComputeOutputGapResponse:
    """See metrics.proto."""
    level = resampling(request.resampling).level
    languages = [message.language for message in request.languages]
    check_names(languages, "languages")
    clouds = []
    for message in request.languages:
        field = f"languages[{message.language}].predictions"
        data = fetch(read, Artifact.from_proto(message.predictions, field), field)
        clouds.append(formats.read_probabilities(data, field))
    record = outputs_of(languages, clouds, request.regularization, exact=not request.skip_exact, level=level)
    return fill(pb.ComputeOutputGapResponse(), record)
