"""Precision and compilation change how a run is computed by rounding alone, and the manifest names them."""

import shutil

import pytest
import torch

from services.encoders.classifier import Classifier
from services.trainer.engine.callback import Callback
from services.trainer.engine.loop import (
    AUTO,
    BFLOAT16,
    FLOAT32,
    Numerics,
    choose,
    make_optimizer,
    train,
)
from services.trainer.engine.state import State
from tests.unit.trainer.test_resume import CPU, StopAt, Stopped, data, equal, hyperparameters, model


def run(
    numerics: Numerics, callback: Callback | None = None, checkpoint: dict[str, bytes] | None = None
) -> tuple[State, Classifier]:
    network = model()
    numerics.prepare(network)
    hp = hyperparameters(epochs=2)
    return train(network, data(), lambda: 1.0, hp, 7, numerics, callback or Callback(), checkpoint), network


def losses(state: State) -> list[float]:
    return [entry["loss"] for entry in state.history if "loss" in entry]


def test_the_choice_is_named() -> None:
    assert choose(AUTO, CPU) == Numerics(CPU, FLOAT32, compiled=False)
    assert choose(BFLOAT16, CPU, compiled=True) == Numerics(CPU, BFLOAT16, compiled=True)
    described = choose(BFLOAT16, CPU).describe(model())
    assert described == {"precision": "bfloat16", "attention": "sdpa", "compiled": "no"}


def test_bfloat16_rounds_the_forward_pass_and_nothing_else() -> None:
    """Losses lie near those of float32, weights stay float32, and a resumed run ends the same."""
    exact, _ = run(Numerics(CPU))
    rounded, network = run(Numerics(CPU, BFLOAT16))
    assert losses(rounded) == pytest.approx(losses(exact), rel=0.03)
    assert losses(rounded) != losses(exact)
    assert {parameter.dtype for parameter in network.parameters()} == {torch.float32}
    stop = StopAt(5)
    with pytest.raises(Stopped):
        run(Numerics(CPU, BFLOAT16), stop)
    _, resumed = run(Numerics(CPU, BFLOAT16), checkpoint=stop.checkpoint)
    assert equal(network, resumed)


@pytest.mark.slow  # a minute of compiling
@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs a C++ compiler on the CPU")
def test_a_compiled_encoder_trains_the_same_within_rounding(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without dropout, which compiled code draws in another order."""
    monkeypatch.setattr("tests.unit.trainer.test_resume.DROPOUT", 0.0)
    plain, _ = run(Numerics(CPU))
    compiled, network = run(Numerics(CPU, compiled=True))
    assert losses(compiled) == pytest.approx(losses(plain), rel=0.02)
    assert set(network.state_dict()) == set(model().state_dict()), "checkpoints keep their names"


def test_biases_and_layer_norms_do_not_decay() -> None:
    network = model()
    names = {id(parameter): name for name, parameter in network.named_parameters()}
    decayed, plain = make_optimizer(network, hyperparameters()).param_groups
    assert (decayed["weight_decay"], plain["weight_decay"]) == (0.01, 0.0)
    spared = {names[id(parameter)] for parameter in plain["params"]}
    assert spared == {name for name in names.values() if name.endswith("bias") or "LayerNorm" in name}
    assert len(decayed["params"]) + len(spared) == len(names)
