"""EmbedderService: checks a request, hands it to the worker process, streams what happens. No torch here."""

from collections.abc import Iterator

import grpc

from isogloss.code_version import version_of
from isogloss.embedder.v1 import embedder_pb2 as pb
from isogloss.embedder.v1 import embedder_pb2_grpc
from isogloss.parent import Child, carried_by
from isogloss.store import Store
from isogloss.work import Workplace
from services.embedder import convert

_VERSION = version_of("services.embedder.servicer")  # what is loaded here; the child says its own


class EmbedderServicer(embedder_pb2_grpc.EmbedderServiceServicer):
    """One corpus at a time."""

    def __init__(self, store: Store) -> None:
        self.child = Child("services.embedder.worker")
        self.child.warm()
        self.workplace = Workplace(store, slots=1, version=lambda: _VERSION + self.child.version())

    def Embed(self, request: pb.EmbedRequest, context: grpc.ServicerContext) -> Iterator[pb.EmbedResponse]:
        """See embedder.proto."""
        compute = carried_by(self.child, "embed", convert.embed_job(request))
        return self.workplace.stream(
            "embed", request, compute, context, pb.EmbedResponse, convert.embed_result
        )

    def Predict(
        self, request: pb.PredictRequest, context: grpc.ServicerContext
    ) -> Iterator[pb.PredictResponse]:
        """See embedder.proto."""
        compute = carried_by(self.child, "predict", convert.predict_job(request))
        return self.workplace.stream(
            "predict", request, compute, context, pb.PredictResponse, convert.predict_result
        )

    def EmbedTexts(
        self, request: pb.EmbedTextsRequest, context: grpc.ServicerContext
    ) -> pb.EmbedTextsResponse:
        """See embedder.proto."""
        job = convert.texts_job(request)
        with self.workplace.slot():
            found = self.child.run("embed-texts", job, lambda measures: None, lambda: not context.is_active())
        return convert.texts_response(found)
