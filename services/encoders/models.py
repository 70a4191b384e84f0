"""The network, an encoder with a linear head, and the three ways to get it: scratch, snapshot, trained model.

    logits = head(dropout(hidden state of a word's first unit))          labels of words
    logits = head(dropout(tanh(dense(hidden state of the first id))))    of texts, pairs (dense: the pooler)

Shape suffixes: B sequences, L positions, D hidden size, U units that are read, N words or pairs, C classes.
"""

# ruff: noqa: N806  # shape suffixes are upper case

import copy
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from isogloss.errors import InvalidInput
from isogloss.inputs import Input, input_named
from isogloss.tasks import Task
from services.encoders.batches import Batch, Readings
from services.encoders.padding import longest_sequence, positions_needed
from services.encoders.targets import is_pooled
from services.encoders.units import CodePoints, Units, Vocabulary, WordPieces, load_units

# The snapshot is at hand as files; transformers must not look for better ones on the hub.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["DISABLE_SAFETENSORS_CONVERSION"] = "1"

from transformers import AutoConfig, AutoModel, BertConfig, CanineConfig, PreTrainedConfig, RobertaConfig
from transformers.utils import logging as transformers_logging

# What a snapshot lacks is an error here, and what it has beside the encoder is meant to be left out.
transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]

UNIT_KINDS = {"bert": WordPieces.kind, "canine": CodePoints.kind, "roberta": Vocabulary.kind}
PRETRAINED_ON = {"bert": "subword", "canine": "character", "roberta": "symbol"}  # units of an input
DESCRIPTION = "isogloss.json"
WEIGHTS = "model.safetensors"
_FRESH_WEIGHTS_ALLOWED = (
    "pooler.",
)  # a snapshot may come without the pooler; anything else missing is an error
_LEAST_POSITIONS = 512


@dataclass(frozen=True)
class Scratch:
    """The shape of an encoder that starts from random weights."""

    architecture: str  # bert, canine or roberta
    layers: int
    hidden_size: int
    attention_heads: int
    feed_forward_size: int
    vocabulary_size: int
    dropout: float


@dataclass(frozen=True)
class Description:
    """What a trained model is, beside its weights: isogloss.json of its bundle."""

    task: Task
    input: Input
    architecture: str
    max_length: int  # ids per sequence at most in training
    language: str
    label_scheme: str

    def save(self, directory: Path) -> None:
        """Write isogloss.json."""
        record = {**asdict(self), "task": self.task.to_json(), "input": self.input.name}
        (directory / DESCRIPTION).write_text(json.dumps(record, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, directory: Path, field: str) -> "Description":
        """Read isogloss.json; `InvalidInput` on `field` when the bundle is not a trained model."""
        try:
            record = json.loads((directory / DESCRIPTION).read_text(encoding="utf-8"))
            task, of = Task.from_json(record["task"]), input_named(record["input"])
            return cls(**{**record, "task": task, "input": of})
        except InvalidInput as error:
            raise InvalidInput(
                field, f"its {DESCRIPTION} says: {error}", "Send what Train returned."
            ) from error
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise InvalidInput(
                field, f"no readable {DESCRIPTION}", "Send the `model` that Train returned."
            ) from error


class Classifier(nn.Module):
    """An encoder of transformers with a linear head on words or on the pair."""

    def __init__(self, encoder: nn.Module, classes: int, pooled: bool) -> None:
        super().__init__()
        self.encoder = encoder
        self.pooled = pooled
        config = cast(Any, encoder.config)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)
        self.head = nn.Linear(config.hidden_size, classes)
        nn.init.normal_(self.head.weight, std=config.initializer_range)
        nn.init.zeros_(self.head.bias)

    @property
    def architecture(self) -> str:
        """bert, canine or roberta."""
        return str(cast(Any, self.encoder.config).model_type)

    @property
    def positions(self) -> int:
        """The longest sequence, in ids, that the position table has room for."""
        config = cast(Any, self.encoder.config)
        rows = int(config.max_position_embeddings)
        if self.architecture == "canine":  # transformers makes its position table as long as a hash table
            rows = min(rows, int(config.num_hash_buckets))
        return longest_sequence(rows, self.architecture)

    def hidden(self, batch: Batch) -> Tensor:
        """The last hidden layer, [B, L, D]."""
        output = self.encoder(
            input_ids=batch.ids_BL, attention_mask=batch.mask_BL, token_type_ids=batch.types_BL
        )
        return cast(Tensor, output.last_hidden_state)

    @property
    def layers(self) -> int:
        """How many layers `hidden_after` knows."""
        return int(cast(Any, self.encoder.config).num_hidden_layers)

    def hidden_after(self, batch: Batch, layer: int) -> Tensor:
        """What layer `layer` puts out, from 1, [B, L, D].

        CANINE's layers hold one vector for four characters, each of which gets it, as CANINE itself spreads
        them; its last hidden layer comes after them.
        """
        encoder = cast(Any, self.encoder)
        kept: list[Tensor] = []

        def keep(module: nn.Module, arguments: Any, output: Any) -> None:
            kept.append(output[0] if isinstance(output, tuple) else output)

        hook = encoder.encoder.layer[layer - 1].register_forward_hook(keep)
        try:
            self.hidden(batch)
        finally:
            hook.remove()
        if self.architecture == "canine":
            return cast(Tensor, encoder._repeat_molecules(kept[0], batch.ids_BL.shape[1]))
        return kept[0]

    def forward(self, batch: Batch, readings: Readings) -> Tensor:
        """Logits [N, C], one row for each reading: the mean over its places, or the pooled pair."""
        output = self.encoder(
            input_ids=batch.ids_BL, attention_mask=batch.mask_BL, token_type_ids=batch.types_BL
        )
        if self.pooled:
            features_ND = output.pooler_output
        else:
            states_UD = output.last_hidden_state[readings.rows_U, readings.positions_U]
            features_ND = readings.mean(states_UD)
        return cast(Tensor, self.head(self.dropout(features_ND)))


def from_scratch(scratch: Scratch, units: Units, classes: int, pooled: bool, max_length: int) -> Classifier:
    """Random weights, drawn from torch's global generator.

    The position table has room for 512 ids at least, so that a model trained on short sequences can embed
    long ones.
    """
    family: dict[str, type[PreTrainedConfig]] = {
        "bert": BertConfig, "canine": CanineConfig, "roberta": RobertaConfig
    }  # fmt: skip
    shape: dict[str, Any] = {
        "hidden_size": scratch.hidden_size,
        "num_hidden_layers": scratch.layers,
        "num_attention_heads": scratch.attention_heads,
        "intermediate_size": scratch.feed_forward_size,
        "max_position_embeddings": positions_needed(max(_LEAST_POSITIONS, max_length), scratch.architecture),
        "pad_token_id": units.frame.pad,
        # transformers' 0.02 is meant for hidden sizes near 1000; at 64 it leaves attention flat for hundreds
        # of steps.
        "initializer_range": scratch.hidden_size**-0.5,
        "hidden_dropout_prob": scratch.dropout,
        "attention_probs_dropout_prob": scratch.dropout,
    }
    if units.size:
        shape["vocab_size"] = units.size
    if scratch.architecture == "roberta":
        shape |= {
            "type_vocab_size": 1,
            "bos_token_id": units.frame.start[0],
            "eos_token_id": units.frame.end[0],
        }
    config = family[scratch.architecture](**shape)
    return Classifier(_make_encoder(config, pooled), classes, pooled)


def from_snapshot(
    directory: Path, of: Input, classes: int, pooled: bool, field: str
) -> tuple[Classifier, Units]:
    """A pre-trained encoder from files in the hub's layout, with a fresh head.

    Raises `InvalidInput` on `field` when a file is missing, the weights do not fit the configuration, or the
    tokenizer does not belong to them.
    """
    config = _read_config(directory, field)
    if of.units != PRETRAINED_ON[config.model_type]:
        problem = f"a snapshot of {config.model_type} does not read {of.units}s"
        raise InvalidInput(field, problem, f"Its units are {PRETRAINED_ON[config.model_type]}s.")
    if not (directory / WEIGHTS).exists():
        fix = "Convert a snapshot with pickled weights with ImportModel first."
        raise InvalidInput(field, f"{WEIGHTS} is missing", fix)
    units = load_units(directory, UNIT_KINDS[config.model_type], of, field)
    _check_ids(units, config, field)
    try:
        encoder, report = AutoModel.from_pretrained(
            str(directory),
            config=config,
            attn_implementation=_attention(config.model_type),
            add_pooling_layer=pooled,
            use_safetensors=True,
            local_files_only=True,
            output_loading_info=True,
            dtype=torch.float32,
        )
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise InvalidInput(
            field, f"its weights cannot be loaded ({error})", "Send files of one snapshot."
        ) from error
    missing = [name for name in report["missing_keys"] if not name.startswith(_FRESH_WEIGHTS_ALLOWED)]
    if missing:
        names = ", ".join(sorted(missing)[:3])
        raise InvalidInput(
            field, f"{len(missing)} weights are missing ({names} …)", "Send files of one snapshot."
        )
    return Classifier(encoder, classes, pooled), units


def save(model: Classifier, units: Units, description: Description, directory: Path) -> None:
    """Write config.json, model.safetensors, isogloss.json and, where there is one, tokenizer.json."""
    cast(Any, model.encoder.config).to_json_file(str(directory / "config.json"))
    save_file({name: tensor.contiguous() for name, tensor in model.state_dict().items()}, directory / WEIGHTS)
    units.save(directory)
    description.save(directory)


def load(directory: Path, field: str) -> tuple[Classifier, Units, Description]:
    """A model that `save` wrote. Raises `InvalidInput` on `field`."""
    description = Description.load(directory, field)
    config = _read_config(directory, field)
    pooled = is_pooled(description.task, description.label_scheme)
    units = load_units(directory, UNIT_KINDS[config.model_type], description.input, field)
    model = Classifier(_make_encoder(config, pooled), len(description.task.labels), pooled)
    try:
        model.load_state_dict(load_file(directory / WEIGHTS))
    except (OSError, RuntimeError, SafetensorError) as error:
        raise InvalidInput(
            field, f"{WEIGHTS} does not fit ({error})", "Send the `model` of one Train."
        ) from error
    return model, units, description


def untrained_twin(model: Classifier, seed: int) -> Classifier:
    """The same architecture with all weights drawn anew; the model itself stays as it is."""
    config = copy.deepcopy(cast(Any, model.encoder.config))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Classifier(_make_encoder(config, model.pooled), model.head.out_features, model.pooled)


def _read_config(directory: Path, field: str) -> Any:
    path = directory / "config.json"
    try:
        kind = json.loads(path.read_text(encoding="utf-8"))["model_type"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidInput(
            field, "no readable config.json", "Send a snapshot in the hub's layout."
        ) from error
    if kind not in UNIT_KINDS:
        known = ", ".join(UNIT_KINDS)
        raise InvalidInput(field, f"architecture {kind!r} is not supported", f"Use one of: {known}.")
    return AutoConfig.from_pretrained(str(directory), local_files_only=True)


def _check_ids(units: Units, config: Any, field: str) -> None:
    """Raise `InvalidInput` unless tokenizer and model agree on ids: one that masks or looks up others than it
    was trained with still runs, and is silently wrong.
    """
    fix = "Send files of one snapshot."
    if units.size > getattr(config, "vocab_size", units.size):
        raise InvalidInput(field, "its tokenizer has more ids than its model", fix)
    frame = units.frame
    for what, ours, theirs in (
        ("pads with", frame.pad, config.pad_token_id),
        ("begins with", frame.start[0], config.bos_token_id),
        ("ends with", frame.end[0], config.eos_token_id),
    ):
        if theirs is not None and ours != theirs:  # None: this family's configuration does not say
            raise InvalidInput(field, f"its tokenizer {what} id {ours} and its model with {theirs}", fix)


def _make_encoder(config: Any, pooled: bool) -> nn.Module:
    config._attn_implementation = _attention(config.model_type)
    make: Any = AutoModel.from_config
    return cast(nn.Module, make(config, add_pooling_layer=pooled))


def _attention(architecture: str) -> str:
    return "eager" if architecture == "canine" else "sdpa"  # transformers 5.23 has nothing else for CANINE
