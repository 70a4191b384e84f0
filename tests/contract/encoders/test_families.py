"""Every model family from a snapshot and back: ids, hidden states and logits are those of transformers."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForSequenceClassification, AutoModelForTokenClassification, AutoTokenizer

from isogloss.errors import InvalidInput
from isogloss.inputs import INPUTS, Input
from isogloss.tasks import Task
from services.encoders import models
from services.encoders.batches import collate, readings
from services.encoders.classifier import Classifier
from services.encoders.models import Description
from services.encoders.targets import single
from services.encoders.units import Units, encode
from tests.contract.encoders.families import FAMILIES, TEXT, write

WORDS = [TEXT, TEXT[:4]]
TAGS = Task("tags", "Tags", "tokens", ("A", "B", "C"))
PAIRS = Task("pairs", "Pairs", "pair", ("yes", "no", "maybe"))
CPU = torch.device("cpu")


def input_of(family: str) -> Input:
    return INPUTS["character" if family == "canine" else "subword"]


def load(directory: Path, family: str, pooled: bool = False) -> tuple[Classifier, Units]:
    model, units = models.from_snapshot(directory, input_of(family), 3, pooled, "encoder.snapshot")
    return model.eval(), units


def plain_ids(tokenizer: Any, words: list[str], family: str) -> list[int]:
    """What transformers makes of words; CANINE's tokenizer knows none, and reads the text."""
    if family == "canine":
        return list(tokenizer(" ".join(words))["input_ids"])
    return list(tokenizer(words, is_split_into_words=True)["input_ids"])


def tokenizer_of(directory: Path, family: str) -> Any:
    """Byte-level tokenizers mark the beginning of a word only where they are told to."""
    marks = {"add_prefix_space": True} if family == "roberta" else {}
    return AutoTokenizer.from_pretrained(directory, **marks)


@torch.no_grad()
@pytest.mark.parametrize("family", FAMILIES)
def test_ids_and_hidden_states_of_a_snapshot_are_those_of_transformers(tmp_path: Path, family: str) -> None:
    theirs, _ = write(tmp_path, family)
    model, units = load(tmp_path, family)
    encoded = [encode(units, [words], 512) for words in WORDS]
    if family != "modernbert":  # whose tokenizer glues words together that it is given one by one
        tokenizer = tokenizer_of(tmp_path, family)
        assert [list(item.ids) for item in encoded] == [
            plain_ids(tokenizer, words, family) for words in WORDS
        ]
    batch = collate(encoded, units.frame, model.architecture)
    inputs = {"input_ids": batch.ids_BL, "attention_mask": batch.mask_BL}
    output = theirs.base_model(**inputs, output_hidden_states=True)
    mask = batch.mask_BL.bool()
    assert torch.allclose(model.hidden(batch)[mask], output.last_hidden_state[mask], atol=1e-5)
    if family != "canine":  # whose hidden states are of several lengths
        assert torch.allclose(model.hidden_after(batch, 1)[mask], output.hidden_states[1][mask], atol=1e-5)
    if family not in ("canine", "electra"):  # whose embeddings are narrower, and projected afterwards
        assert torch.allclose(model.embedded(batch)[mask], output.hidden_states[0][mask], atol=1e-5)


@torch.no_grad()
@pytest.mark.parametrize("task", [TAGS, PAIRS], ids=["words", "pairs"])
@pytest.mark.parametrize("family", FAMILIES)
def test_a_trained_model_is_one_of_transformers(tmp_path: Path, family: str, task: Task) -> None:
    """Saved, and loaded by transformers' own classes: no weight missing, the same ids and logits."""
    pooled = task is PAIRS
    (tmp_path / "snapshot").mkdir()
    write(tmp_path / "snapshot", family, pooled=pooled)
    model, units = load(tmp_path / "snapshot", family, pooled)
    out = tmp_path / "model"
    out.mkdir()
    description = Description(task, input_of(family), model.architecture, 128, "eng", "first_unit")
    models.save(model, units, description, out)

    kind: Any = AutoModelForSequenceClassification if pooled else AutoModelForTokenClassification
    theirs, report = kind.from_pretrained(out, output_loading_info=True)
    assert not report["unexpected_keys"]
    assert [name for name in report["missing_keys"] if "pooler" not in name or pooled] == []
    assert theirs.config.id2label == dict(enumerate(task.labels))

    segments = [TEXT, TEXT[:4]] if pooled else [TEXT]
    encoded = encode(units, segments, 128)
    tokenizer: Any = AutoTokenizer.from_pretrained(out)
    texts = [" ".join(words) for words in segments]
    given = dict(tokenizer(*texts, return_tensors="pt"))
    assert given["input_ids"][0].tolist() == list(encoded.ids)
    if family == "canine":  # pads to whole blocks, which its convolutions see
        batch = collate([encoded], units.frame, "canine")
        given = {
            "input_ids": batch.ids_BL,
            "attention_mask": batch.mask_BL,
            "token_type_ids": batch.types_BL,
        }
    logits = theirs(**given).logits[0]
    places = single([0] if pooled else list(range(len(encoded.ids))))
    ours = model(collate([encoded], units.frame, model.architecture), readings([places], CPU))
    assert torch.allclose(ours, logits[None] if pooled else logits[: len(encoded.ids)], atol=1e-5)

    again, units_again, _ = models.load(out, "model")
    assert all(torch.equal(tensor, again.state_dict()[name]) for name, tensor in model.state_dict().items())
    assert encode(units_again, segments, 128) == encoded


def test_sharded_weights_load_and_a_missing_shard_is_named(tmp_path: Path) -> None:
    theirs, _ = write(tmp_path, "bert", max_shard_size="20KB")
    index = json.loads((tmp_path / "model.safetensors.index.json").read_text())
    assert len(set(index["weight_map"].values())) > 1
    model, _ = load(tmp_path, "bert")
    for name, tensor in model.encoder.state_dict().items():
        assert torch.equal(tensor, theirs.base_model.state_dict()[name])
    lost = sorted(set(index["weight_map"].values()))[0]
    (tmp_path / lost).unlink()
    with pytest.raises(InvalidInput, match=f"shards are missing: {lost}"):
        load(tmp_path, "bert")


def test_weights_that_are_no_numbers_are_named(tmp_path: Path) -> None:
    write(tmp_path, "bert")
    path = tmp_path / "model.safetensors"
    weights = load_file(path)
    name = "bert.encoder.layer.1.output.dense.weight"
    weights[name][3, 4] = float("nan")
    save_file(weights, path, metadata={"format": "pt"})
    with pytest.raises(InvalidInput, match=rf"1 weights of '{name}' are not finite") as caught:
        load(tmp_path, "bert")
    assert caught.value.field == "encoder.snapshot"


@pytest.mark.parametrize("files", ["vocab.txt", "tokenizer.json and a setting"])
def test_tokenizer_settings_are_honored(tmp_path: Path, files: str) -> None:
    """`do_lower_case` beside vocab.txt alone, and beside a tokenizer.json that does not lower anything."""
    write(tmp_path, "bert")
    tokenizer = json.loads((tmp_path / "tokenizer.json").read_text(encoding="utf-8"))
    if files == "vocab.txt":
        ids = tokenizer["model"]["vocab"]
        (tmp_path / "vocab.txt").write_text("\n".join(sorted(ids, key=ids.get)) + "\n", encoding="utf-8")
        (tmp_path / "tokenizer.json").unlink()
    settings = {"tokenizer_class": "BertTokenizer", "do_lower_case": True}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(settings))
    _, units = load(tmp_path, "bert")
    theirs = AutoTokenizer.from_pretrained(tmp_path)
    assert encode(units, [["ADA", "Ada"]], 64).ids.tolist() == plain_ids(theirs, ["ADA", "Ada"], "bert")
    assert units.word_ids("ADA") == units.word_ids("ada") != [units.unknown]
