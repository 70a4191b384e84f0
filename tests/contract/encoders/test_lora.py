"""Adapters of low rank: they alone are trained, and merged they leave a model like any other."""

from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForTokenClassification

from isogloss.errors import InvalidInput
from isogloss.trainer.v1 import trainer_pb2 as pb
from isogloss.wire import task_to_proto
from services.encoders import models
from services.encoders.batches import collate, readings
from services.encoders.models import Description
from services.encoders.targets import single, targets
from services.encoders.units import encode
from services.trainer import convert, peft_version
from services.trainer.engine import lora
from services.trainer.engine.callback import Callback
from services.trainer.engine.loop import Data, Hyperparameters, Numerics, train
from tests.contract.encoders.families import FAMILIES, TEXT, write
from tests.contract.encoders.test_families import CPU, TAGS, input_of, load

HP = Hyperparameters(learning_rate=0.05, epochs=2, batch_size=2, max_length=128, lora_rank=4)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_layers_learn_by_adapters_that_are_merged_in_the_end(tmp_path: Path, family: str) -> None:
    (tmp_path / "snapshot").mkdir()
    write(tmp_path / "snapshot", family)
    model, units = load(tmp_path / "snapshot", family)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    lora.add(model, HP.lora_rank, seed=0)
    trained = sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
    assert trained < sum(tensor.numel() for tensor in before.values()) / 2

    sequences = [encode(units, [words], 128) for words in (TEXT, TEXT[:4])]
    labels = [("A", "B", "C") * 4, ("C", "C", "C", "C")]
    labelled = [targets(item, [ord(x) - 65 for x in tags], TAGS, "first_unit")
                for item, tags in zip(sequences, labels, strict=True)]  # fmt: skip
    train(model, Data(sequences, labelled, units.frame), lambda: 0.0, HP, 0, Numerics(CPU), Callback())
    batch = collate([sequences[0]], units.frame, model.architecture)
    places = readings([single(list(range(len(sequences[0].ids))))], CPU)
    model.eval()
    with torch.no_grad():
        adapted = model(batch, places)
        lora.merge(model)
        assert torch.allclose(model(batch, places), adapted, atol=1e-4)

    after = model.state_dict()
    assert after.keys() == before.keys()
    changed = {name for name in after if not torch.equal(after[name], before[name])}
    assert all(model.family.layers in name or "head." in name or "dense." in name for name in changed)
    assert any(name.startswith(f"encoder.{model.family.layers}") for name in changed)

    out = tmp_path / "model"
    out.mkdir()
    description = Description(TAGS, input_of(family), model.architecture, 128, "eng", "first_unit")
    models.save(model, units, description, out)
    theirs = AutoModelForTokenClassification.from_pretrained(out)
    assert not any("lora" in name for name in theirs.state_dict())


def test_random_weights_have_nothing_to_adapt() -> None:
    with pytest.raises(InvalidInput, match="from scratch") as caught:
        convert.train_job(
            pb.TrainRequest(
                task=task_to_proto(TAGS),
                input="character",
                language="eng",
                encoder=pb.Encoder(scratch=pb.ScratchEncoder()),
                hyperparameters=pb.Hyperparameters(lora_rank=4),
            )
        )
    assert caught.value.field == "hyperparameters.lora_rank"


def test_a_trainer_without_peft_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def lacking(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(peft_version, "version", lacking)
    with pytest.raises(InvalidInput, match=r"Install isogloss\[lora\]") as caught:
        peft_version.peft_version()
    assert caught.value.field == "hyperparameters.lora_rank"
