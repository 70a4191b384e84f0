"""MetricsService: keys a request, answers what is known, has the rest computed once. See metrics.proto."""

import os
from collections.abc import Callable
from typing import Any, TypeVar

import grpc
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message import Message

from isogloss.artifacts import PARQUET
from isogloss.attempt import Attempt
from isogloss.code_version import version_of
from isogloss.metrics.v1 import metrics_pb2 as pb
from isogloss.metrics.v1 import metrics_pb2_grpc
from isogloss.store import Store
from isogloss.work import Done, Workplace, record_to_proto
from services.metrics.convert import paper
from services.metrics.convert.bound import compute_transfer_bound
from services.metrics.convert.correlation import compute_correlation
from services.metrics.convert.linguistic import compare_linguistic_gaps, compute_linguistic_gap
from services.metrics.convert.output import compute_output_gap
from services.metrics.convert.performance import compare_performance_gaps, compute_performance_gap
from services.metrics.convert.projection import project_vectors
from services.metrics.inputs import Read

# What is loaded here, and the libraries that a result may depend on.
_VERSION = version_of(
    "services.metrics.servicer",
    libraries=("numpy", "scipy", "POT", "scikit-learn", "pyarrow", "safetensors"),
)

Request = TypeVar("Request", bound=Message)
Response = TypeVar("Response", bound=Message)


class MetricsServicer(metrics_pb2_grpc.MetricsServiceServicer):
    """As many computations at once as there are cores; the numbers of each are in its manifest."""

    def __init__(self, store: Store) -> None:
        self.workplace = Workplace(store, slots=os.cpu_count() or 1, version=lambda: _VERSION)

    def ComputePerformanceGap(
        self, request: pb.ComputePerformanceGapRequest, context: grpc.ServicerContext
    ) -> pb.ComputePerformanceGapResponse:
        """See metrics.proto."""
        response = pb.ComputePerformanceGapResponse()
        return self._numbers("performance-gap", compute_performance_gap, request, response, context)

    def ComparePerformanceGaps(
        self, request: pb.ComparePerformanceGapsRequest, context: grpc.ServicerContext
    ) -> pb.ComparePerformanceGapsResponse:
        """See metrics.proto."""
        response = pb.ComparePerformanceGapsResponse()
        return self._numbers("gap-comparison", compare_performance_gaps, request, response, context)

    def ComputeLinguisticGap(
        self, request: pb.ComputeLinguisticGapRequest, context: grpc.ServicerContext
    ) -> pb.ComputeLinguisticGapResponse:
        """See metrics.proto."""
        response = pb.ComputeLinguisticGapResponse()
        return self._numbers("linguistic-gap", compute_linguistic_gap, request, response, context)

    def CompareLinguisticGaps(
        self, request: pb.CompareLinguisticGapsRequest, context: grpc.ServicerContext
    ) -> pb.CompareLinguisticGapsResponse:
        """See metrics.proto."""
        response = pb.CompareLinguisticGapsResponse()
        return self._numbers("similarity-comparison", compare_linguistic_gaps, request, response, context)

    def ComputeOutputGap(
        self, request: pb.ComputeOutputGapRequest, context: grpc.ServicerContext
    ) -> pb.ComputeOutputGapResponse:
        """See metrics.proto."""
        return self._numbers(
            "output-gap", compute_output_gap, request, pb.ComputeOutputGapResponse(), context
        )

    def ComputeTransferBound(
        self, request: pb.ComputeTransferBoundRequest, context: grpc.ServicerContext
    ) -> pb.ComputeTransferBoundResponse:
        """See metrics.proto."""
        response = pb.ComputeTransferBoundResponse()
        return self._numbers("transfer-bound", compute_transfer_bound, request, response, context)

    def ComputeCorrelation(
        self, request: pb.ComputeCorrelationRequest, context: grpc.ServicerContext
    ) -> pb.ComputeCorrelationResponse:
        """See metrics.proto."""
        response = pb.ComputeCorrelationResponse()
        return self._numbers("correlation", compute_correlation, request, response, context)

    def CheckPaper(
        self, request: pb.CheckPaperRequest, context: grpc.ServicerContext
    ) -> pb.CheckPaperResponse:
        """See metrics.proto."""
        return self._numbers("paper-check", paper.check, request, pb.CheckPaperResponse(), context)

    def ProjectVectors(
        self, request: pb.ProjectVectorsRequest, context: grpc.ServicerContext
    ) -> pb.ProjectVectorsResponse:
        """See metrics.proto."""

        def compute(attempt: Attempt) -> dict[str, Any]:
            attempt.write("points.parquet", project_vectors(request, attempt.store.get), PARQUET)
            return {}

        done = self._perform("projection", request, compute, context)
        points = done.manifest.files["points.parquet"].to_proto()
        return pb.ProjectVectorsResponse(record=record_to_proto(done), points=points)

    def _numbers(
        self,
        kind: str,
        convert: Callable[[Request, Read], Response],
        request: Request,
        response: Response,
        context: grpc.ServicerContext,
    ) -> Response:
        """A call whose response is numbers alone: the manifest itself holds them, as protobuf's JSON."""

        def compute(attempt: Attempt) -> dict[str, Any]:
            numbers = convert(request, attempt.store.get)
            return dict(MessageToDict(numbers, preserving_proto_field_name=True))

        done = self._perform(kind, request, compute, context)
        ParseDict({**done.manifest.result, "record": MessageToDict(record_to_proto(done))}, response)
        return response

    def _perform(
        self,
        kind: str,
        request: Message,
        compute: Callable[[Attempt], dict[str, Any]],
        context: grpc.ServicerContext,
    ) -> Done:
        fields = MessageToDict(request, preserving_proto_field_name=True)
        seed = int((fields.get("resampling") or fields).get("seed", 0))
        return self.workplace.answer(kind, request, compute, context, seed=seed)
