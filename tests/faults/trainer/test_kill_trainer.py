"""kill -9 in the middle of a run, of worker or trainer: the weights come out the same, bit for bit."""

import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from isogloss.store import Store
from isogloss.trainer.v1 import trainer_pb2 as pb
from isogloss.trainer.v1 import trainer_pb2_grpc
from tests.conftest import S3Server
from tests.contract.encoders.served import Served, work
from tests.contract.trainer.requests import corpora, train_request

CHECKPOINT_EVERY_S = "0.3"


@pytest.fixture
def trainer(s3: S3Server) -> Iterator[Served]:
    service = Served("services.trainer", s3, ISOGLOSS_CHECKPOINT_EVERY_S=CHECKPOINT_EVERY_S).start()
    yield service
    service.close()


def long_run(store: Store, directory: Path) -> pb.TrainRequest:
    """200 steps, some seconds."""
    request = train_request(
        corpora(store, directory, pb.TASK_POS, rows=160), pb.TASK_POS, pb.INPUT_CHARACTER, epochs=10
    )
    request.encoder.scratch.dropout = 0.1
    return request


def run(trainer: Served, request: pb.TrainRequest, after_progress: Callable[[float], None]) -> pb.TrainResult:
    """The whole call; `after_progress` sees the number of steps done."""
    stub = trainer_pb2_grpc.TrainerServiceStub(trainer.channel)

    class Progress(list[object]):
        def append(self, event: object) -> None:
            after_progress(event.done)  # type: ignore[attr-defined]

    return work(stub.Train, request, Progress())  # type: ignore[no-any-return]


def forget(store: Store, result: pb.TrainResult) -> str:
    """Remove a result, so that the same request is computed again; returns the digest of its weights."""
    store.remove([item.name for item in store.objects(f"train/{result.record.key}/")])
    return str(result.model.files["model.safetensors"].sha256)


def weights_after_kills(
    trainer: Served, request: pb.TrainRequest, store: Store, kill: Callable[[], None], kills: int, seed: int
) -> tuple[str, int]:
    """The digest of the weights of a run with kills at random moments, and how many there were."""
    draw, steps_left, done_kills = random.Random(seed), [0.0], [0]
    steps_left[0] = draw.randint(1, 200 // (kills + 1))
    last = [0.0]

    def maybe_kill(done: float) -> None:
        if done_kills[0] < kills and 0 < done < 195 and done - last[0] >= steps_left[0]:
            last[0], steps_left[0] = done, draw.randint(1, max(1, 200 // (kills + 1)))
            done_kills[0] += 1
            threading.Thread(target=kill).start()
            time.sleep(0.05)

    result = run(trainer, request, maybe_kill)
    assert not result.record.reused
    return forget(store, result), done_kills[0]


def test_a_killed_worker_is_replaced_and_the_run_goes_on(
    trainer: Served, store: Store, tmp_path: Path
) -> None:
    request = long_run(store, tmp_path)
    whole = forget(store, run(trainer, request, lambda done: None))
    digest, kills = weights_after_kills(trainer, request, store, trainer.kill_worker, kills=2, seed=1)
    assert kills >= 1
    assert digest == whole


def test_a_killed_trainer_is_started_again_and_the_run_goes_on(
    trainer: Served, store: Store, tmp_path: Path
) -> None:
    request = long_run(store, tmp_path)
    whole = forget(store, run(trainer, request, lambda done: None))

    def kill_and_start() -> None:
        trainer.signal(signal.SIGKILL)
        trainer.start()

    digest, kills = weights_after_kills(trainer, request, store, kill_and_start, kills=1, seed=2)
    assert kills == 1
    assert digest == whole


def test_the_worker_leaves_when_the_trainer_is_killed(trainer: Served, store: Store, tmp_path: Path) -> None:
    """No orphan ever works on an accelerator for nobody."""
    worker = trainer.worker_pid()
    trainer.signal(signal.SIGKILL)
    deadline = time.monotonic() + 20
    while Path(f"/proc/{worker}").exists() and "Z" not in Path(f"/proc/{worker}/stat").read_text().split()[2]:
        assert time.monotonic() < deadline, "the worker outlived its server"
        time.sleep(0.1)


def test_sigterm_saves_a_checkpoint_and_another_trainer_goes_on(
    s3: S3Server, store: Store, tmp_path: Path
) -> None:
    """A drained node: the run ends elsewhere with the same weights."""
    request = long_run(store, tmp_path)
    first = Served("services.trainer", s3, ISOGLOSS_CHECKPOINT_EVERY_S="1000").start()
    whole = forget(store, run(first, request, lambda done: None))
    stub = trainer_pb2_grpc.TrainerServiceStub(first.channel)
    for event in stub.Train(request, timeout=100):
        if event.progress.done > 30:
            break
    threading.Thread(target=lambda: first.signal(signal.SIGTERM)).start()
    time.sleep(1)
    second = Served("services.trainer", s3).start()
    digest = forget(store, run(second, request, lambda done: None))
    first.close()
    second.close()
    assert digest == whole


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_thirty_kills(trainer: Served, store: Store, tmp_path: Path) -> None:
    """30 kills at random moments, 3 in each of 10 runs."""
    request = long_run(store, tmp_path)
    whole = forget(store, run(trainer, request, lambda done: None))
    total = 0
    for seed in range(30):
        digest, kills = weights_after_kills(trainer, request, store, trainer.kill_worker, kills=3, seed=seed)
        assert digest == whole, f"after {total} kills"
        total += kills
        if total >= 30:
            return
    pytest.fail(f"only {total} kills hit a run")
