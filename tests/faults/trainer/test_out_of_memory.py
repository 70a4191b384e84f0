"""The worker's memory ends in the middle of a step: the micro-batch is halved, the run goes on, and its
manifest says so. The limit is the kernel's, on the address space of the real worker.
"""

import re
import resource
from pathlib import Path

from isogloss import client
from isogloss.artifact.v1.artifact_pb2 import Progress
from isogloss.manifests import Manifest
from isogloss.store import Store
from isogloss.tasks import TASKS
from isogloss.trainer.v1 import trainer_pb2 as pb
from isogloss.trainer.v1 import trainer_pb2_grpc
from tests.conftest import S3Server
from tests.contract.encoders.served import Served, work
from tests.contract.trainer.requests import corpora, train_request

ROOM_MB = (
    450  # beyond what the worker holds; a step of 16,384 positions takes some 900 MB, a quarter of it fits
)


def wide(store: Store, directory: Path) -> pb.TrainRequest:
    """A step of one batch with more positions than a micro-batch may have."""
    request = train_request(
        corpora(store, directory, TASKS["pos"], rows=600), TASKS["pos"], "character", epochs=3
    )
    request.hyperparameters.batch_size = 600
    request.encoder.scratch.hidden_size = 256
    request.encoder.scratch.feed_forward_size = 1024
    return request


def limit_memory(pid: int, room_mb: int | None) -> None:
    """Let a process grow by so much from now on; None: as it likes."""
    most = resource.RLIM_INFINITY
    if room_mb is not None:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + room_mb * 2**20
    resource.prlimit(pid, resource.RLIMIT_AS, (most, resource.RLIM_INFINITY))


def test_the_manifest_says_that_micro_batches_were_halved(s3: S3Server, store: Store, tmp_path: Path) -> None:
    with Served("services.trainer", s3, ISOGLOSS_TORCH_THREADS="1").start() as trainer:
        stub = trainer_pb2_grpc.TrainerServiceStub(trainer.channel)
        small = train_request(corpora(store, tmp_path, TASKS["ner"]), TASKS["ner"], "character", epochs=1)
        assert notes(store, work(stub.Train, small)) == []  # and all libraries are loaded
        worker = trainer.worker_pid()
        limit_memory(worker, ROOM_MB)

        def relieve(event: Progress) -> None:
            """After the first step: storing the result takes threads, which want room as well."""
            if event.phase.startswith("epoch"):
                limit_memory(worker, None)

        result = client.work(stub.Train, wide(store, tmp_path), relieve)
        assert trainer.worker_pid() == worker, "it lived on"
    [note] = notes(store, result)
    found = re.fullmatch(r"out of memory: micro-batches were cut from (\d+) to (\d+) positions", note)
    assert found is not None, note
    before, after = map(int, found.groups())
    assert before == 16_384
    assert after in (8_192, 4_096, 2_048, 1_024)
    assert result.best_epoch >= 1


def notes(store: Store, result: pb.TrainResult) -> list[str]:
    manifest = store.manifest("train", result.record.key)
    assert isinstance(manifest, Manifest)
    return list(manifest.result["notes"])
