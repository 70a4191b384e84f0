"""The paper's derived figures."""

import json

from isogloss.errors import InvalidInput
from isogloss.metrics.engine.paper import check_paper
from isogloss.metrics.v1 import metrics_pb2 as pb
from services.metrics.inputs import Read

MAX_BYTES = 2**20


def check(request: pb.CheckPaperRequest, read: Read) -> pb.CheckPaperResponse:
    """See metrics.proto."""
    if len(request.figures_json) > MAX_BYTES:
        raise InvalidInput("figures_json", f"{len(request.figures_json)} bytes", f"Send at most {MAX_BYTES}.")
    try:
        figures = json.loads(request.figures_json)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("figures_json", f"not JSON: {error}", "Send the text of figures.json.") from error
    return pb.CheckPaperResponse(findings=[pb.Finding(**vars(finding)) for finding in check_paper(figures)])
