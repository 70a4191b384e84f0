"""The trainer's own disk is too small for a run: the caller is told which, and the call works on a larger."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from isogloss.errors import StorageFull
from isogloss.store import Store
from isogloss.tasks import TASKS
from isogloss.trainer.v1 import trainer_pb2_grpc
from tests.conftest import S3Server
from tests.contract.encoders.served import Served, work
from tests.contract.trainer.requests import corpora, train_request
from tests.faults.test_full_disk import Disk


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    if os.geteuid() != 0:
        pytest.skip("mounting a disk of limited size takes root")
    folder = tmp_path / "scratch"
    folder.mkdir()
    small = Disk(folder, 1)
    yield small
    small.unmount()


def test_a_full_scratch_disk_is_named_and_leaves_nothing_behind(
    s3: S3Server, store: Store, disk: Disk, tmp_path: Path
) -> None:
    request = train_request(corpora(store, tmp_path, TASKS["pos"]), TASKS["pos"], "character", epochs=1)
    request.encoder.scratch.hidden_size = 256  # weights of some megabytes
    with Served("services.trainer", s3, ISOGLOSS_SCRATCH_DIR=str(disk.path)).start() as trainer:
        stub = trainer_pb2_grpc.TrainerServiceStub(trainer.channel)
        with pytest.raises(StorageFull, match=f"the disk that holds {disk.path} is full: free space there"):
            work(stub.Train, request)
        assert list(disk.path.iterdir()) == []
        disk.grow(100)
        assert work(stub.Train, request).best_epoch == 1
        assert list(disk.path.iterdir()) == []
