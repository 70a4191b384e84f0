"""The paper's encoders at real size, random weights in the hub's layout: load, one step, one vector."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from transformers import BertConfig, BertModel, CanineConfig, CanineModel, RobertaConfig, RobertaModel

from isogloss.errors import InvalidInput
from services.embedder.engine.embed import ALL, EMBEDDINGS, LAST, embed
from services.encoders import models
from services.encoders.corpus import Example
from services.encoders.targets import targets
from services.encoders.tasks import TASKS
from services.encoders.units import encode
from services.encoders.vocabulary import build_word_level
from services.trainer.engine.config import Hyperparameters
from services.trainer.engine.loop import Data, Hooks, train

LETTERS = "abcdefghij"
CPU = torch.device("cpu")


def mbert(directory: Path, **shape: int) -> torch.nn.Module:
    """bert-base-multilingual-cased: 119,547 WordPiece entries."""
    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *LETTERS, *(f"##{letter}" for letter in LETTERS)]
    ids = {name: number for number, name in enumerate(names)}
    ids |= {f"filler{number}": number for number in range(len(ids), 119_547)}
    Tokenizer(WordPiece(ids, unk_token="[UNK]")).save(str(directory / "tokenizer.json"))
    return BertModel(BertConfig(vocab_size=119_547, **shape))


def canine(directory: Path, **shape: int) -> torch.nn.Module:
    """google/canine-s: no tokenizer files are needed."""
    return CanineModel(CanineConfig(**shape))


def xphonebert(directory: Path, **shape: int) -> torch.nn.Module:
    """vinai/xphonebert-base: a whitespace vocabulary, RoBERTa's configuration, no tokenizer_config.json."""
    sounds = [*LETTERS, *LETTERS, *(f"filler{number}" for number in range(1940))]
    tokenizer = build_word_level(sounds, "phoneme", 1960)
    tokenizer.save(str(directory / "tokenizer.json"))
    size = tokenizer.get_vocab_size()
    return RobertaModel(
        RobertaConfig(vocab_size=size, max_position_embeddings=514, type_vocab_size=1, **shape)
    )


SNAPSHOTS = {"subword": mbert, "character": canine, "phoneme": xphonebert}
SIZES = {"subword": 711, "character": 528, "phoneme": 350}  # MB of weights
SMALL = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64}


def write(make: Callable[..., torch.nn.Module], directory: Path, **shape: int) -> int:
    """A snapshot in the hub's layout; returns the size of its weights in bytes."""
    model = make(directory, **shape)
    model.config.to_json_file(str(directory / "config.json"))  # type: ignore[union-attr,operator]
    weights = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    save_file(weights, directory / "model.safetensors", metadata={"format": "pt"})
    return (directory / "model.safetensors").stat().st_size


@pytest.mark.slow
@pytest.mark.parametrize("input_name", SNAPSHOTS)
def test_load_one_step_one_embedding(tmp_path: Path, input_name: str) -> None:
    assert round(write(SNAPSHOTS[input_name], tmp_path) / 1e6) == SIZES[input_name]
    model, units = models.from_snapshot(tmp_path, input_name, 17, pooled=False, field="snapshot")
    draw, between = random.Random(0), " " if input_name == "phoneme" else ""
    sentences = [tuple(between.join(draw.choices(LETTERS, k=5)) for _ in range(12)) for _ in range(4)]
    sequences = [encode(units, [words], 128) for words in sentences]
    before = model.encoder.state_dict()
    before = {name: tensor.clone() for name, tensor in list(before.items())[-4:]}
    labelled = [targets(sequence, [0] * 12, TASKS["pos"], "first_unit") for sequence in sequences]
    hp = Hyperparameters(1e-4, 0.01, 1, 4, "cosine", 0, 1.0, 128, 0, "first_unit", 0)
    state = train(model, Data(sequences, labelled, units.frame), lambda: 0.0, hp, 0, CPU, Hooks())
    assert state.step == 1
    assert any(not torch.equal(model.encoder.state_dict()[name], tensor) for name, tensor in before.items())
    examples = [Example((words,), (words,), ()) for words in sentences]
    for layer in (EMBEDDINGS, LAST):
        found = embed(model, units, examples, layer, ALL, CPU)
        assert found.vectors.shape == (4, 768)
        assert found.vectors.isfinite().all()


@pytest.mark.parametrize("input_name", ["character", "phoneme"])
def test_a_snapshot_loads_its_own_weights(tmp_path: Path, input_name: str) -> None:
    torch.manual_seed(1)
    write(SNAPSHOTS[input_name], tmp_path, **SMALL)
    first, _ = models.from_snapshot(tmp_path, input_name, 7, pooled=True, field="snapshot")
    second, _ = models.from_snapshot(tmp_path, input_name, 7, pooled=True, field="snapshot")
    for name, tensor in first.encoder.state_dict().items():
        assert torch.equal(tensor, second.encoder.state_dict()[name]), name


def test_a_snapshot_for_another_input_is_refused(tmp_path: Path) -> None:
    write(xphonebert, tmp_path, **SMALL)
    with pytest.raises(InvalidInput, match="a snapshot of roberta does not read characters"):
        models.from_snapshot(tmp_path, "character", 7, pooled=False, field="encoder.snapshot")


def test_weights_that_do_not_belong_to_the_configuration_are_refused(tmp_path: Path) -> None:
    write(xphonebert, tmp_path, **SMALL)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | {"num_hidden_layers": 3}))
    with pytest.raises(InvalidInput, match="weights are missing"):
        models.from_snapshot(tmp_path, "phoneme", 7, pooled=False, field="encoder.snapshot")
