"""TrainerService: checks a request, hands it to the worker process, streams what happens. No torch here."""

from collections.abc import Iterator
from functools import partial

import grpc

from isogloss.artifacts import bundle_from_proto
from isogloss.code_version import version_of
from isogloss.parent import Child, carried_by
from isogloss.store import Store
from isogloss.trainer.v1 import trainer_pb2 as pb
from isogloss.trainer.v1 import trainer_pb2_grpc
from isogloss.work import Workplace
from services.trainer import convert, convert_pretrain, snapshot
from services.trainer.peft_version import peft_version

_VERSION = version_of("services.trainer.servicer")  # what is loaded here; the child says its own


class TrainerServicer(trainer_pb2_grpc.TrainerServiceServicer):
    """One training at a time: the accelerator belongs to it alone."""

    def __init__(self, store: Store) -> None:
        self.child = Child("services.trainer.worker")
        self.child.warm()
        self.workplace = Workplace(store, slots=1, version=lambda: _VERSION + self.child.version())
        self.imports = Workplace(store, slots=1, version=lambda: _VERSION + snapshot.VERSION)

    def drain(self) -> None:
        """Take no new work; what runs stops at its next safe point."""
        self.workplace.drain()
        self.imports.drain()

    def Train(self, request: pb.TrainRequest, context: grpc.ServicerContext) -> Iterator[pb.TrainResponse]:
        """See trainer.proto."""
        compute = carried_by(self.child, "train", convert.train_job(request))
        adapters = {"peft": peft_version()} if request.hyperparameters.lora_rank else None
        result = convert.train_result
        return self.workplace.stream(
            "train",
            request,
            compute,
            context,
            pb.TrainResponse,
            result,
            seed=request.seed,
            environment=adapters,
        )

    def Pretrain(
        self, request: pb.PretrainRequest, context: grpc.ServicerContext
    ) -> Iterator[pb.PretrainResponse]:
        """See trainer.proto."""
        compute = carried_by(self.child, "pretrain", convert_pretrain.pretrain_job(request))
        result = convert_pretrain.pretrain_result
        return self.workplace.stream(
            "pretrain", request, compute, context, pb.PretrainResponse, result, seed=request.seed
        )

    def ImportModel(
        self, request: pb.ImportModelRequest, context: grpc.ServicerContext
    ) -> Iterator[pb.ImportModelResponse]:
        """See trainer.proto."""
        files = bundle_from_proto(request.snapshot, "snapshot")
        snapshot.check(files)
        compute = partial(snapshot.import_snapshot, files)
        return self.imports.stream(
            "import-model", request, compute, context, pb.ImportModelResponse, convert.import_result
        )
