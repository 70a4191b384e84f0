"""A pre-trained encoder as files in the hub's layout, which plain transformers loads: config.json,
model.safetensors, tokenizer.json, tokenizer_config.json, pretraining.json, README.md (the model card)."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from safetensors.torch import save_file

from services.trainer.pretrain.model import MaskedModel, Shape
from services.trainer.pretrain.vocabulary import Vocabulary

RECORD = "pretraining.json"
_DROPOUT = 0.1  # of fine-tuning, in the exported configuration


def save(
    directory: Path, model: MaskedModel, shape: Shape, vocabulary: Vocabulary, record: Mapping[str, Any]
) -> None:
    """Write the folder, which is made. `record` says what it was made of and how it went."""
    directory.mkdir(parents=True, exist_ok=True)
    config: Any = shape.config(len(vocabulary.names), _DROPOUT)
    config.architectures = ["RobertaModel"]
    config.to_json_file(str(directory / "config.json"))
    encoder = cast(Any, model.encoder)
    weights = {name: tensor.detach().cpu().contiguous() for name, tensor in encoder.state_dict().items()}
    save_file(weights, directory / "model.safetensors", metadata={"format": "pt"})
    vocabulary.tokenizer().save(str(directory / "tokenizer.json"))
    tokenizer_config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": shape.positions,
        "model_input_names": ["input_ids", "attention_mask"],
        "bos_token": "<s>", "eos_token": "</s>", "cls_token": "<s>", "sep_token": "</s>",
        "pad_token": "<pad>", "unk_token": "<unk>", "mask_token": "<mask>",
    }  # fmt: skip
    _write(directory / "tokenizer_config.json", tokenizer_config)
    _write(directory / RECORD, record)
    (directory / "README.md").write_text(card(record, vocabulary.units), encoding="utf-8")


def card(record: Mapping[str, Any], units: Sequence[str]) -> str:
    """The model card."""
    leaks, unknown = json.dumps(record.get("leaks", {})), 100 * record["unknown_share"]
    return f"""---
library_name: transformers
language: [{", ".join(record["languages"])}]
---

# Encoder of {record["input"]} units, pre-trained by Isogloss

RoBERTa from random weights (seed {record["seed"]}), masked language modelling: {record["steps"]} steps,
{record["units"]} units read, by the plan `{record["plan_sha256"]}`.
Rendering by: {record.get("renderer") or "not stated"}.

Input: units separated by spaces, words by ` ▁ `.

| language | words | loss of a hidden unit, nats | hidden units right, % | sha256 of the words |
| --- | --- | --- | --- | --- |
{_by_language(record)}

Lines left out because they hold a sentence of an evaluation set: {leaks}.
Units unknown to the vocabulary: {unknown:.3f} % of those read.

Unit inventory ({len(units)}): {" ".join(units)}
"""


def _by_language(record: Mapping[str, Any]) -> str:
    last = record["history"][-1]["languages"] if record["history"] else {}
    rows = []
    for name in record["languages"]:
        found = last.get(name, {})
        loss, right = found.get("loss", float("nan")), found.get("accuracy", float("nan"))
        words, sha256 = record["words"][name], record["words_sha256"][name]
        rows.append(f"| {name} | {words} | {loss:.3f} | {right:.1f} | `{sha256}` |")
    return "\n".join(rows)


def _write(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
