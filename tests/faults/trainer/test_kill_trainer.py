"""kill -9 in the middle of a run, of worker or trainer: the weights come out the same, bit for bit."""

import random
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from isogloss import client
from isogloss.artifact.v1.artifact_pb2 import Progress
from isogloss.checkpoints import Checkpoints
from isogloss.store import Store
from isogloss.tasks import TASKS
from isogloss.trainer.v1 import trainer_pb2 as pb
from isogloss.trainer.v1 import trainer_pb2_grpc
from services.trainer.engine.state import step_of
from tests.conftest import S3Server
from tests.contract.encoders.served import Served, work
from tests.contract.trainer.requests import corpora, train_request

CHECKPOINT_EVERY_S = "0.3"
SELDOM_S = 1.0
SLACK_S = 1.0  # a step, a save and the reading of S3 on a busy machine


@pytest.fixture
def trainer(s3: S3Server) -> Iterator[Served]:
    service = Served("services.trainer", s3, ISOGLOSS_CHECKPOINT_EVERY_S=CHECKPOINT_EVERY_S).start()
    yield service
    service.close()


@pytest.fixture
def seldom_saving(s3: S3Server) -> Iterator[Served]:
    """One between whose checkpoints some thirty steps are made."""
    service = Served("services.trainer", s3, ISOGLOSS_CHECKPOINT_EVERY_S=str(SELDOM_S)).start()
    yield service
    service.close()


def long_run(store: Store, directory: Path, batch_size: int = 24) -> pb.TrainRequest:
    """Ten epochs, 200 steps, of some seconds, in which progress is told of several times."""
    splits = corpora(store, directory, TASKS["pos"], rows=20 * batch_size)
    request = train_request(splits, TASKS["pos"], "character", epochs=10)
    request.hyperparameters.batch_size = batch_size
    request.encoder.scratch.dropout = 0.1
    return request


def run(trainer: Served, request: pb.TrainRequest, on_step: Callable[[float], None]) -> pb.TrainResult:
    """The whole call; `on_step` sees the number of steps done."""
    stub = trainer_pb2_grpc.TrainerServiceStub(trainer.channel)

    def on_progress(event: Progress) -> None:
        if event.phase.startswith("epoch"):
            on_step(event.done)

    return client.work(stub.Train, request, on_progress, patience_s=60)  # type: ignore[no-any-return]


def forget(store: Store, result: pb.TrainResult) -> str:
    """Remove a result, so that the same request is computed again; returns the digest of its weights."""
    assert not result.record.reused
    store.remove([item.name for item in store.objects(f"train/{result.record.key}/")])
    return str(result.model.files["model.safetensors"].sha256)


def resumed_at(store: Store, result: pb.TrainResult) -> int:
    """The step from which a run that was interrupted once went on, by its manifest; 0: from the start."""
    manifest = store.manifest("train", result.record.key)
    assert manifest is not None
    steps = manifest.result["resumed_at"]
    assert len(steps) <= 1
    return steps[0] if steps else 0


class Once:
    """Does something the first time that a run is past a step."""

    def __init__(self, step: int, act: Callable[[], None]) -> None:
        self.done = False
        self._step = step
        self._act = act

    def __call__(self, step: float) -> None:
        if not self.done and step >= self._step:
            self.done = True
            self._act()


@pytest.fixture(scope="module")
def undisturbed(s3: S3Server, tmp_path_factory: pytest.TempPathFactory) -> tuple[pb.TrainRequest, str]:
    """A long run, and the digest of its weights when nothing is killed."""
    store = Store.from_settings(s3.settings)
    request = long_run(store, tmp_path_factory.mktemp("corpora"))
    with Served("services.trainer", s3).start() as service:
        return request, forget(store, run(service, request, lambda step: None))


def test_a_killed_worker_is_replaced_and_the_run_goes_on(
    trainer: Served, store: Store, undisturbed: tuple[pb.TrainRequest, str]
) -> None:
    request, whole = undisturbed
    kill = Once(60, trainer.kill_worker)
    assert forget(store, run(trainer, request, kill)) == whole
    assert kill.done


def test_a_killed_trainer_is_started_again_and_the_run_goes_on(
    trainer: Served, store: Store, undisturbed: tuple[pb.TrainRequest, str]
) -> None:
    request, whole = undisturbed

    def kill_and_start() -> None:
        trainer.signal(signal.SIGKILL)
        trainer.start()

    kill = Once(60, kill_and_start)
    assert forget(store, run(trainer, request, kill)) == whole
    assert kill.done


def test_the_worker_leaves_when_the_trainer_is_killed(trainer: Served, store: Store, tmp_path: Path) -> None:
    """No orphan ever works on an accelerator for nobody."""
    worker = trainer.worker_pid()
    trainer.signal(signal.SIGKILL)
    deadline = time.monotonic() + 20
    while Path(f"/proc/{worker}").exists() and "Z" not in Path(f"/proc/{worker}/stat").read_text().split()[2]:
        assert time.monotonic() < deadline, "the worker outlived its server"
        time.sleep(0.1)


def test_sigterm_saves_a_checkpoint_and_another_trainer_goes_on(
    s3: S3Server, store: Store, undisturbed: tuple[pb.TrainRequest, str]
) -> None:
    """A drained node: the run ends elsewhere with the same weights, and goes on from where it was stopped."""
    request, whole = undisturbed
    first = Served("services.trainer", s3, ISOGLOSS_CHECKPOINT_EVERY_S="1000").start()
    stub = trainer_pb2_grpc.TrainerServiceStub(first.channel)
    for event in stub.Train(request, timeout=100):
        if event.progress.phase.startswith("epoch") and event.progress.done > 30:
            first.process.send_signal(signal.SIGTERM)  # type: ignore[union-attr]
            break
    first.process.wait(timeout=40)  # type: ignore[union-attr]
    with Served("services.trainer", s3).start() as second:
        stub = trainer_pb2_grpc.TrainerServiceStub(second.channel)
        result = work(stub.Train, request)
    assert resumed_at(store, result) >= 30
    assert forget(store, result) == whole
    first.close()


@dataclass
class Watched:
    """What a caller sees of a run: when it began to train, and where it stands."""

    began: float = 0.0
    step: float = 0.0  # the last one that was told of,
    told: float = 0.0  # and when

    def __call__(self, event: Progress) -> None:
        if event.phase == "reading corpora":
            self.began = self.began or time.time()
        if event.phase.startswith("epoch"):
            self.step, self.told = event.done, time.time()


@dataclass(frozen=True)
class Kill:
    """Where a run stood when it was killed."""

    step: float  # done, by the last report and the pace since
    saved: int  # step of the checkpoint that is then in the store; 0: there is none
    lost_s: float  # of training since that checkpoint


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_thirty_kills_at_random_moments(seldom_saving: Served, store: Store, tmp_path: Path) -> None:
    """One kill -9 in each of 30 runs of 200 steps, of the worker and of the whole trainer in turn, anywhere
    between the request and the result: 30 times the same weights, and never more than one checkpoint interval
    repeated, give or take the steps and the saving around it. The runs go on from the newest checkpoint, or
    from the start where there was none yet.
    """
    request = long_run(store, tmp_path, batch_size=48)
    request.encoder.scratch.hidden_size = 96  # 200 steps that last for several intervals
    trainer, interval_s = seldom_saving, SELDOM_S
    stub = trainer_pb2_grpc.TrainerServiceStub(trainer.channel)
    forget(store, work(stub.Train, request))  # imports and caches are warm
    started = time.monotonic()
    result = work(stub.Train, request)
    seconds, key, pace = time.monotonic() - started, result.record.key, 200 / result.train_s
    whole = forget(store, result)
    assert result.train_s > 4 * interval_s, "too short for several checkpoints"
    most = pace * (interval_s + SLACK_S)  # steps
    draw, repeated = random.Random(4), list[float]()
    with ThreadPoolExecutor(1) as pool:
        for number in range(30):
            watched, moment = Watched(), draw.uniform(0, seconds)
            killing = pool.submit(kill_after, moment, trainer, number % 2 == 0, watched, pace, store, key)
            result = client.work(stub.Train, request, watched, patience_s=60)
            kill = killing.result()
            since = resumed_at(store, result)
            assert forget(store, result) == whole, f"kill {number + 1}, after {moment:.2f} s"
            assert since >= kill.saved, "an older checkpoint was used"
            assert kill.lost_s < interval_s + SLACK_S
            repeated.append(max(0.0, kill.step - since))
            assert repeated[-1] <= most
            print(f"kill {number + 1:2} after {moment:5.2f} of {seconds:.2f} s, at step {kill.step:3.0f}:"
                  f" went on from {since:3.0f}, {repeated[-1]:3.0f} steps repeated")  # fmt: skip
    print(f"checkpoints every {interval_s:g} s, {pace * interval_s:.0f} steps: {max(repeated):.0f} steps"
          f" repeated at most, {sum(repeated) / 30:.0f} on average")  # fmt: skip


def kill_after(
    moment: float, trainer: Served, worker: bool, watched: Watched, pace: float, store: Store, key: str
) -> Kill:
    """kill -9 of the worker or of the trainer, which is started again."""
    time.sleep(moment)
    if worker:
        trainer.kill_worker()
    else:
        trainer.signal(signal.SIGKILL)
    now, began, step, told = time.time(), watched.began, watched.step, watched.told
    found = Checkpoints(store, "train", key).load()
    saved_at, saved = (found[0] / 1e9, step_of(found[1])) if found else (0.0, 0)
    if not worker:
        trainer.start()
    since = now - (told or began or now)
    return Kill(min(200.0, step + since * pace), saved, now - max(began, saved_at) if began else 0.0)
