"""TrainerService: checks a request, hands it to the worker process, streams what happens. No torch here."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import grpc
from google.protobuf.message import Message

from isogloss.artifacts import bundle_from_proto
from isogloss.child import Child, carried_by
from isogloss.code_version import code_version, library_versions
from isogloss.keys import canonical_request, inputs_of, make_key
from isogloss.store import Store
from isogloss.trainer.v1 import trainer_pb2 as pb
from isogloss.trainer.v1 import trainer_pb2_grpc
from isogloss.wire import progress_to_proto
from isogloss.work import Done, Job, Workplace
from services.trainer import convert, snapshot

TRAIN_KIND, IMPORT_KIND = "train", "import-model"
LIBRARIES = ("torch", "transformers", "tokenizers")  # a result may depend on their versions
_HERE = Path(__file__).parent


class TrainerServicer(trainer_pb2_grpc.TrainerServiceServicer):
    """One training at a time: the accelerator belongs to it alone."""

    def __init__(self, store: Store) -> None:
        self.workplace = Workplace(store, slots=1)
        self.imports = Workplace(store, slots=1)
        self.child = Child("services.trainer.worker")
        self.child.warm()

    def drain(self) -> None:
        """Take no new work; what runs stops at its next safe point."""
        self.workplace.drain()
        self.imports.drain()

    def Train(self, request: pb.TrainRequest, context: grpc.ServicerContext) -> Iterator[pb.TrainResponse]:
        """See trainer.proto."""
        job = _job(TRAIN_KIND, request, request.seed)
        plain = {**convert.train_job(request), "kind": job.kind, "key": job.key}
        for event in self.workplace.perform(job, carried_by(self.child, "train", plain), context):
            if isinstance(event, Done):
                yield pb.TrainResponse(result=convert.train_result(event))
            else:
                yield pb.TrainResponse(progress=progress_to_proto(job.key, event))

    def ImportModel(
        self, request: pb.ImportModelRequest, context: grpc.ServicerContext
    ) -> Iterator[pb.ImportModelResponse]:
        """See trainer.proto."""
        files = bundle_from_proto(request.snapshot, "snapshot")
        snapshot.check(files)
        job = _job(IMPORT_KIND, request)
        for event in self.imports.perform(job, partial(snapshot.import_snapshot, files), context):
            if isinstance(event, Done):
                yield pb.ImportModelResponse(result=convert.import_result(event))
            else:
                yield pb.ImportModelResponse(progress=progress_to_proto(job.key, event))


def _job(kind: str, request: Message, seed: int | None = None) -> Job:
    canonical = canonical_request(request)
    version = code_version(str(_HERE / "engine")) + code_version(str(_HERE.parent / "encoders"), LIBRARIES)
    return Job(
        kind=kind,
        key=make_key(kind, canonical, version),
        request=canonical,
        inputs=inputs_of(canonical),
        code_version=version,
        libraries=library_versions(LIBRARIES),
        seed=seed,
    )
