"""An interrupted run ends with the same weights, bit for bit, as one that was left alone."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
import torch

from isogloss.errors import Failed, Stopped
from isogloss.inputs import INPUTS
from isogloss.tasks import TASKS
from services.encoders.classifier import Classifier
from services.encoders.models import Scratch, from_scratch
from services.encoders.targets import targets
from services.encoders.units import Vocabulary, encode
from services.encoders.vocabulary import build_word_level
from services.trainer.engine.callback import Callback
from services.trainer.engine.loop import (
    POSITIONS_PER_MICRO_BATCH,
    Data,
    Hyperparameters,
    Numerics,
    train,
)
from services.trainer.engine.state import State

CHARACTERS = INPUTS["character"]

POS = TASKS["pos"]
DROPOUT = 0.1
CPU = torch.device("cpu")
UNITS = Vocabulary(build_word_level("abcdef", CHARACTERS, 50), CHARACTERS, "test")


def hyperparameters(**changes: object) -> Hyperparameters:
    plain = {
        "learning_rate": 3e-3,
        "weight_decay": 0.01,
        "epochs": 3,
        "batch_size": 4,
        "schedule": "cosine",
        "warmup_ratio": 0.1,
        "max_grad_norm": 1.0,
        "max_length": 64,
        "early_stop_epochs": 0,
        "label_scheme": "first_unit",
        "train_fraction": 0.0,
    }
    return Hyperparameters(**{**plain, **changes})  # type: ignore[arg-type]


def data(sentences: int = 30) -> Data:
    draw = random.Random(0)
    texts = [
        ["".join(draw.choices("abcdef", k=draw.randint(1, 6))) for _ in range(draw.randint(1, 8))]
        for _ in range(sentences)
    ]
    sequences = [encode(UNITS, [words], 64) for words in texts]
    labels = [[ord(word[0]) - ord("a") for word in words] for words in texts]
    return Data(
        sequences,
        [targets(s, row, POS, "first_unit") for s, row in zip(sequences, labels, strict=True)],
        UNITS.frame,
    )


def model() -> Classifier:
    torch.manual_seed(0)
    return from_scratch(Scratch("roberta", 1, 16, 2, 32, 50, DROPOUT), UNITS, len(POS.labels), False, 64)


@dataclass
class StopAt(Callback):
    """Stops a run before its nth step, with a checkpoint, as a caller who goes away does."""

    step: int
    seen: int = 0
    checkpoint: dict[str, bytes] = field(default_factory=dict)

    def before_step(self, make_checkpoint: Callable[[], dict[str, bytes]]) -> None:
        if self.seen == self.step:
            self.checkpoint = make_checkpoint()
            raise Stopped
        self.seen += 1


def run(
    callback: Callback | None = None,
    checkpoint: dict[str, bytes] | None = None,
    scores: list[float] | None = None,
    **changes: object,
) -> tuple[State, Classifier]:
    """A run whose dev score depends on the weights, or is given."""
    network = model()

    def score_dev() -> float:
        return scores.pop(0) if scores else float(sum(p.detach().abs().sum() for p in network.parameters()))

    state = train(
        network,
        data(),
        score_dev,
        hyperparameters(**changes),
        7,
        Numerics(CPU),
        callback or Callback(),
        checkpoint,
    )
    return state, network


def equal(first: Classifier, second: Classifier) -> bool:
    pairs = zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


@pytest.mark.parametrize("step", [0, 1, 7, 8, 9, 15, 23])
def test_a_run_stopped_at_any_step_ends_the_same(step: int) -> None:
    """8 steps an epoch: in the middle, at the end and at the start of an epoch."""
    whole_state, whole = run()
    stop = StopAt(step)
    with pytest.raises(Stopped):
        run(stop)
    state, resumed = run(checkpoint=stop.checkpoint)
    assert equal(whole, resumed)
    assert (whole_state.resumed_at, state.resumed_at) == ([], [step])
    assert (state.step, state.best_epoch, state.units) == (24, whole_state.best_epoch, whole_state.units)
    assert [entry.get("loss") for entry in state.history] == [
        entry.get("loss") for entry in whole_state.history
    ]
    assert state.best_weights is not None
    assert whole_state.best_weights is not None
    assert all(torch.equal(state.best_weights[n], w) for n, w in whole_state.best_weights.items())


def test_a_run_stopped_again_and_again_ends_the_same() -> None:
    _, whole = run()
    checkpoint: dict[str, bytes] | None = None
    for _ in range(30):
        stop = StopAt(1 if checkpoint else 0)
        try:
            _, resumed = run(stop, checkpoint)
            break
        except Stopped:
            checkpoint = stop.checkpoint
    assert equal(whole, resumed)


def test_the_best_epoch_is_kept_and_patience_ends_the_run() -> None:
    state, _ = run(scores=[50, 70, 60, 65, 64, 63], epochs=6, early_stop_epochs=3)
    assert state.best_epoch == 2
    assert state.best_score == 70
    assert state.epoch == 5, "three epochs without a better score"


def test_micro_batches_change_nothing_but_rounding(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without dropout, which is drawn per micro-batch."""
    monkeypatch.setattr("tests.unit.trainer.test_resume.DROPOUT", 0.0)
    whole, _ = run(epochs=1)
    monkeypatch.setitem(POSITIONS_PER_MICRO_BATCH, "cpu", 64)
    small, _ = run(epochs=1)
    losses = [[entry["loss"] for entry in state.history if "loss" in entry] for state in (whole, small)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)


def test_running_out_of_memory_halves_the_micro_batch_and_goes_on() -> None:
    network, failures = model(), iter([True, True, False])
    forward = network.forward

    def short_of_memory(*arguments: object) -> torch.Tensor:
        if next(failures, False):
            raise torch.OutOfMemoryError
        return forward(*arguments)  # type: ignore[arg-type]

    network.forward = short_of_memory  # type: ignore[method-assign,assignment]
    state = train(network, data(), lambda: 1.0, hyperparameters(epochs=1), 7, Numerics(CPU), Callback())
    assert state.budget == 16_384 // 4
    assert state.step == 8


def test_memory_that_does_not_suffice_for_one_sentence_is_an_end() -> None:
    network = model()

    def no_memory(*arguments: object) -> torch.Tensor:
        raise torch.OutOfMemoryError

    network.forward = no_memory  # type: ignore[method-assign,assignment]
    with pytest.raises(Failed, match="memory does not suffice"):
        train(network, data(), lambda: 1.0, hyperparameters(epochs=1), 7, Numerics(CPU), Callback())


def test_a_loss_that_is_no_number_is_an_end_that_names_the_cause() -> None:
    network = model()
    with torch.no_grad():
        network.head.bias.fill_(float("nan"))
    with pytest.raises(Failed, match=r"the loss is nan at step 1: lower hyperparameters\.learning_rate"):
        train(network, data(), lambda: 1.0, hyperparameters(), 7, Numerics(CPU), Callback())
