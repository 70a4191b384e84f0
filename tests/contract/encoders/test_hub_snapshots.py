"""The paper's encoders from snapshots in the hub's layout; those of real size are slow."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from isogloss.child import Reporter
from isogloss.errors import InvalidInput
from isogloss.inputs import INPUTS
from isogloss.tasks import TASKS
from services.embedder.engine.embed import ALL, EMBEDDINGS, LAST, embed
from services.encoders import models
from services.encoders.classifier import Classifier
from services.encoders.corpus import Example
from services.encoders.targets import targets
from services.encoders.units import NO_WORD, Units, encode
from services.trainer.engine.callback import Callback
from services.trainer.engine.loop import Data, Hyperparameters, Numerics, train
from services.trainer.unpickle import unpickle
from tests.contract.encoders import hub_snapshots
from tests.contract.encoders.hub_snapshots import PHONEMES, PICKLED, TINY, WEIGHTS_MB, WRITERS

CPU = torch.device("cpu")
SENTENCES = {
    "subword": [("Ada", "wrote", "it", "."), ("한국", "жаба", "añb", "!")],
    "character": [("Ada", "wrote", "it", "."), ("한국", "жаба", "añb", "!")],
    "phoneme": [("e ɪ d a", "t͡ʃ aː n̪", "k ʰ", "."), ("ŋ ɛ", "θ ʌ ʒ", "s iː", "ʃ ʊ")],
}


def snapshot(directory: Path, input_name: str, **shape: int) -> Path:
    """Written as the hub has it and, where its weights are pickled, converted as ImportModel does."""
    WRITERS[input_name](directory, **shape)
    if input_name in PICKLED:
        unpickle({"directory": str(directory)}, Reporter(lambda event: None))
    return directory


def load(directory: Path, input_name: str, pooled: bool = False) -> tuple[Classifier, Units]:
    return models.from_snapshot(directory, INPUTS[input_name], 17, pooled, "encoder.snapshot")


def one_step(model: Classifier, units: Units, input_name: str) -> float:
    """One training step on two sentences; returns its loss."""
    sequences = [encode(units, [words], 128) for words in SENTENCES[input_name]]
    labelled = [targets(sequence, [1, 2, 3, 4], TASKS["pos"], "first_unit") for sequence in sequences]
    hp = Hyperparameters(1e-3, 0.01, 1, 2, "cosine", 0, 1.0, 128, 0, "first_unit", 0)
    state = train(
        model, Data(sequences, labelled, units.frame), lambda: 0.0, hp, 0, Numerics(CPU), Callback()
    )
    return float(state.history[0]["loss"])


@pytest.mark.parametrize("input_name", WRITERS)
def test_it_loads_trains_a_step_and_embeds(tmp_path: Path, input_name: str) -> None:
    shape = TINY | ({"vocab_size": 300} if input_name != "character" else {})
    check_load_step_embed(snapshot(tmp_path, input_name, **shape), input_name, dimensions=32)


@pytest.mark.slow
@pytest.mark.parametrize("input_name", WRITERS)
def test_it_does_so_at_real_size(tmp_path: Path, input_name: str) -> None:
    """2 to 4 GB of memory each; `bench/real_size.py` says how much, and how long it takes."""
    snapshot(tmp_path, input_name)
    weights = "pytorch_model.bin" if input_name in PICKLED else "model.safetensors"
    assert round((tmp_path / weights).stat().st_size / 1e6) == WEIGHTS_MB[input_name]
    check_load_step_embed(tmp_path, input_name, dimensions=768)


def check_load_step_embed(directory: Path, input_name: str, dimensions: int) -> None:
    model, units = load(directory, input_name)
    before = [tensor.clone() for tensor in model.encoder.parameters()]
    assert one_step(model, units, input_name) > 0
    changed = [not torch.equal(a, b) for a, b in zip(before, model.encoder.parameters(), strict=True)]
    assert sum(changed) > len(changed) / 2
    examples = [Example((words,), (words,), ()) for words in SENTENCES[input_name]]
    for layer in (EMBEDDINGS, LAST):
        found = embed(model, units, examples, layer, ALL, CPU)
        assert found.vectors.shape == (2, dimensions)
        assert found.vectors.isfinite().all()


@pytest.mark.parametrize("input_name", WRITERS)
def test_every_weight_of_the_encoder_is_the_snapshots(tmp_path: Path, input_name: str) -> None:
    """None is left random, whatever prefixes and old names the file has."""
    shape = TINY | ({"vocab_size": 300} if input_name != "character" else {})
    snapshot(tmp_path, input_name, **shape)
    stored = load_file(tmp_path / "model.safetensors")
    model, _ = load(tmp_path, input_name)
    prefix = {"subword": "bert.", "character": "", "phoneme": "roberta."}[input_name]
    for name, tensor in model.encoder.state_dict().items():
        old = name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")
        there = stored.get(prefix + name, stored.get(prefix + old))
        assert there is not None, name
        assert torch.equal(tensor, there), name


def test_only_a_pooler_may_be_fresh(tmp_path: Path) -> None:
    """XPhoneBERT's snapshot has none; the pair task needs one."""
    snapshot(tmp_path, "phoneme", **TINY, vocab_size=300)
    model, _ = load(tmp_path, "phoneme", pooled=True)
    assert any(name.startswith("pooler.") for name in model.encoder.state_dict())


def test_mbert_has_its_own_ids_and_pieces(tmp_path: Path) -> None:
    hub_snapshots.write_mbert(tmp_path, **TINY, vocab_size=300)
    _, units = load(tmp_path, "subword")
    assert (units.frame.start, units.frame.end, units.frame.pad, units.unknown) == ((101,), (102,), 0, 100)
    encoded = encode(units, [SENTENCES["subword"][1]], 128)
    assert units.unknown not in encoded.ids
    assert NO_WORD not in encoded.firsts


def test_xphonebert_keeps_every_phoneme(tmp_path: Path) -> None:
    """The trap: through `AutoTokenizer` most of these phonemes would vanish without an error."""
    snapshot(tmp_path, "phoneme", **TINY, vocab_size=300)
    _, units = load(tmp_path, "phoneme")
    assert (units.frame.start, units.frame.pad, units.frame.end) == ((0,), 1, (2,))
    reading = " ".join(PHONEMES)
    ids = units.word_ids(reading)
    assert units.unknown not in ids
    assert units.reading(ids) == reading


def without_separator(tokenizer: str) -> str:
    return tokenizer.replace('"▁"', '"_"')


def without_padding(tokenizer: str) -> str:
    return tokenizer.replace('"<pad>"', '"<fill>"')


def padding_elsewhere(tokenizer: str) -> str:
    """`<pad>` and `<unk>` change places: every lookup still works, and the model masks the wrong id."""
    swapped = json.loads(tokenizer)
    ids = swapped["model"]["vocab"]
    ids["<pad>"], ids["<unk>"] = ids["<unk>"], ids["<pad>"]
    for added in swapped["added_tokens"]:
        added["id"] = ids[added["content"]]
    swapped["added_tokens"].sort(key=lambda added: added["id"])
    return json.dumps(swapped)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (without_separator, "has no '▁'"),
        (without_padding, "has no '<pad>'"),
        (padding_elsewhere, "pads with id 3 and its model with 1"),
    ],
)
def test_a_vocabulary_that_does_not_fit_the_model_is_refused(
    tmp_path: Path, change: Callable[[str], str], problem: str
) -> None:
    snapshot(tmp_path, "phoneme", **TINY, vocab_size=300)
    path = tmp_path / "tokenizer.json"
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(InvalidInput, match=problem) as caught:
        load(tmp_path, "phoneme")
    assert caught.value.field == "encoder.snapshot"
    assert caught.value.fix


def test_a_vocabulary_larger_than_the_model_is_refused(tmp_path: Path) -> None:
    snapshot(tmp_path, "phoneme", **TINY, vocab_size=300)
    larger = tmp_path / "larger"
    larger.mkdir()
    hub_snapshots.write_xphonebert(larger, **TINY, vocab_size=301)
    (larger / "tokenizer.json").replace(tmp_path / "tokenizer.json")
    with pytest.raises(InvalidInput, match="more ids than its model"):
        load(tmp_path, "phoneme")


def test_pickled_weights_alone_are_refused(tmp_path: Path) -> None:
    hub_snapshots.write_canine(tmp_path, **TINY)
    with pytest.raises(InvalidInput, match="ImportModel"):
        load(tmp_path, "character")


def test_a_snapshot_for_another_input_is_refused(tmp_path: Path) -> None:
    snapshot(tmp_path, "phoneme", **TINY, vocab_size=300)
    with pytest.raises(InvalidInput, match="holds single units, and no subwords"):
        load(tmp_path, "subword")


def test_weights_that_do_not_belong_to_the_configuration_are_refused(tmp_path: Path) -> None:
    snapshot(tmp_path, "phoneme", **TINY, vocab_size=300)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | {"num_hidden_layers": 3}))
    with pytest.raises(InvalidInput, match="weights are missing"):
        load(tmp_path, "phoneme")
