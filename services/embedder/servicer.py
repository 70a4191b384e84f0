"""EmbedderService: checks a request, hands it to the worker process, streams what happens. No torch here."""

from collections.abc import Iterator
from pathlib import Path

import grpc
from google.protobuf.message import Message

from isogloss.child import Child, carried_by
from isogloss.code_version import code_version, library_versions
from isogloss.embedder.v1 import embedder_pb2 as pb
from isogloss.embedder.v1 import embedder_pb2_grpc
from isogloss.keys import canonical_request, inputs_of, make_key
from isogloss.store import Store
from isogloss.wire import progress_to_proto
from isogloss.work import Done, Job, Progress, Workplace
from services.embedder import convert

LIBRARIES = ("torch", "transformers", "tokenizers")  # a result may depend on their versions
_HERE = Path(__file__).parent


class EmbedderServicer(embedder_pb2_grpc.EmbedderServiceServicer):
    """One corpus at a time."""

    def __init__(self, store: Store) -> None:
        self.workplace = Workplace(store, slots=1)
        self.child = Child("services.embedder.worker")
        self.child.warm()

    def Embed(self, request: pb.EmbedRequest, context: grpc.ServicerContext) -> Iterator[pb.EmbedResponse]:
        """See embedder.proto."""
        job = _job("embed", request)
        for event in self._perform(job, convert.embed_job(request), context):
            if isinstance(event, Done):
                yield pb.EmbedResponse(result=convert.embed_result(event))
            else:
                yield pb.EmbedResponse(progress=progress_to_proto(job.key, event))

    def Predict(
        self, request: pb.PredictRequest, context: grpc.ServicerContext
    ) -> Iterator[pb.PredictResponse]:
        """See embedder.proto."""
        job = _job("predict", request)
        for event in self._perform(job, convert.predict_job(request), context):
            if isinstance(event, Done):
                yield pb.PredictResponse(result=convert.predict_result(event))
            else:
                yield pb.PredictResponse(progress=progress_to_proto(job.key, event))

    def EmbedTexts(
        self, request: pb.EmbedTextsRequest, context: grpc.ServicerContext
    ) -> pb.EmbedTextsResponse:
        """See embedder.proto."""
        job = convert.texts_job(request)
        with self.workplace.slot():
            found = self.child.run("embed-texts", job, lambda measures: None, lambda: not context.is_active())
        return convert.texts_response(found)

    def _perform(
        self, job: Job, plain: convert.Json, context: grpc.ServicerContext
    ) -> Iterator[Progress | Done]:
        request = {**plain, "kind": job.kind, "key": job.key}
        return self.workplace.perform(job, carried_by(self.child, job.kind, request), context)


def _job(kind: str, request: Message) -> Job:
    canonical = canonical_request(request)
    version = code_version(str(_HERE / "engine")) + code_version(str(_HERE.parent / "encoders"), LIBRARIES)
    return Job(
        kind=kind,
        key=make_key(kind, canonical, version),
        request=canonical,
        inputs=inputs_of(canonical),
        code_version=version,
        libraries=library_versions(LIBRARIES),
    )
