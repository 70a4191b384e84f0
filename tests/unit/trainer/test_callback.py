"""The moments of a run, in their order, and what TensorBoard is told at them."""

import struct
from collections.abc import Mapping
from pathlib import Path

import pytest

from services.trainer.engine.callback import Callback, Callbacks, MakeCheckpoint
from services.trainer.engine.loop import Numerics, train
from services.trainer.engine.state import State
from services.trainer.track import TensorBoard
from tests.unit.trainer.test_resume import CPU, data, hyperparameters, model


class Diary(Callback):
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.moments: list[str] = []

    def before_step(self, make_checkpoint: MakeCheckpoint) -> None:
        self.moments.append("before_step")

    def after_step(self, state: State, total: int, measures: Mapping[str, float]) -> None:
        self.moments.append(f"after_step {state.step}/{total}")

    def after_epoch(self, state: State, score: float) -> None:
        self.moments.append(f"after_epoch {state.epoch}: {score}")


def run(callback: Callback) -> None:
    hp = hyperparameters(epochs=2, batch_size=16)
    train(model(), data(), lambda: 50.0, hp, 7, Numerics(CPU), callback)


def test_each_moment_has_its_place() -> None:
    first, second = Diary(), Diary()
    run(Callbacks([first, second]))
    assert first.moments == second.moments
    assert first.moments == [
        *("before_step", "after_step 1/4", "before_step", "after_step 2/4", "after_epoch 1: 50.0"),
        *("before_step", "after_step 3/4", "before_step", "after_step 4/4", "after_epoch 2: 50.0"),
    ]


def test_tensorboard_reads_losses_and_scores(tmp_path: Path) -> None:
    """The event file itself, record by record: length, checksum, event, checksum."""
    event_pb2 = pytest.importorskip("tensorboardX.proto.event_pb2")
    board = TensorBoard(tmp_path / "key")
    board.begin({"task": "mood", "learning_rate": 0.1})
    run(board)
    board.after_set("test", {"accuracy": 75.0})
    board.end()
    (path,) = (tmp_path / "key").iterdir()
    content, at, values = path.read_bytes(), 0, {}
    while at < len(content):
        (length,) = struct.unpack_from("<Q", content, at)
        event = event_pb2.Event.FromString(content[at + 12 : at + 12 + length])
        values |= {item.tag: (event.step, item.simple_value) for item in event.summary.value}
        at += 16 + length
    assert values["dev/score"] == (4, 50)
    assert values["evaluate/test/accuracy"] == (4, 75)
    assert values["train/loss"][0] == 4
    assert values["train/loss"][1] > 0
