"""Models from files and to files: from random weights, from a snapshot in the hub's layout, and trained ones.

A trained model is stored as transformers stores its classifiers, so that `AutoModelForTokenClassification` or
`AutoModelForSequenceClassification` and `AutoTokenizer` load it as it is; isogloss.json beside it says what
they have no place for.
"""

import copy
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel
from transformers.models.auto import modeling_auto
from transformers.utils import logging as transformers_logging

from isogloss.errors import InvalidInput
from isogloss.inputs import Input, input_named
from isogloss.tasks import Task
from services.encoders.classifier import Classifier
from services.encoders.families import FAMILIES, LEAST_POSITIONS
from services.encoders.targets import is_pooled
from services.encoders.tokenizer_files import load_units
from services.encoders.units import Units

# What a snapshot lacks is an error here, and what it has beside the encoder is meant to be left out.
transformers_logging.set_verbosity_error()
transformers_logging.disable_progress_bar()

DESCRIPTION = "isogloss.json"
PRETRAINING = "pretraining.json"  # of a snapshot that Pretrain made
WEIGHTS, SHARDS = "model.safetensors", "model.safetensors.index.json"
_FRESH_WEIGHTS_ALLOWED = ("pooler.",)  # a snapshot may come without it; anything else missing is an error
_SAME_SNAPSHOT = "Send files of one snapshot."


@dataclass(frozen=True)
class Scratch:
    """The shape of an encoder that starts from random weights."""

    architecture: str  # a family with units to read from scratch
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
        except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
            raise InvalidInput(
                field, f"no readable {DESCRIPTION}", "Send the `model` that Train returned."
            ) from error


def from_scratch(scratch: Scratch, units: Units, classes: int, pooled: bool, max_length: int) -> Classifier:
    """Random weights, drawn from torch's global generator."""
    family = FAMILIES[scratch.architecture]
    shape: dict[str, Any] = {
        "hidden_size": scratch.hidden_size,
        "num_hidden_layers": scratch.layers,
        "num_attention_heads": scratch.attention_heads,
        "intermediate_size": scratch.feed_forward_size,
        "max_position_embeddings": family.positions_needed(max(LEAST_POSITIONS, max_length)),
        "pad_token_id": units.frame.pad,
        # transformers' 0.02 is meant for hidden sizes near 1000; at 64 it leaves attention flat for hundreds
        # of steps.
        "initializer_range": scratch.hidden_size**-0.5,
        "hidden_dropout_prob": scratch.dropout,
        "attention_probs_dropout_prob": scratch.dropout,
    }
    if units.size:
        shape["vocab_size"] = units.size
    if not family.types:
        start, end = units.frame.start[0], units.frame.end[0]
        shape |= {"type_vocab_size": 1, "bos_token_id": start, "eos_token_id": end}
    config = AutoConfig.for_model(scratch.architecture, **shape)
    return Classifier(_make_encoder(config, pooled), classes, pooled)


def from_snapshot(
    directory: Path, of: Input, classes: int, pooled: bool, field: str
) -> tuple[Classifier, Units]:
    """A pre-trained encoder from files in the hub's layout, with a fresh head.

    Raises `InvalidInput` on `field` when a file is missing, a weight is no number, the weights do not fit the
    configuration, or the tokenizer does not belong to them.
    """
    config = _read_config(directory, field)
    family = FAMILIES[config.model_type]
    _check_input(directory, of, field)
    _check_weights(directory, field)
    units = load_units(directory, config, of, field)
    _check_ids(units, config, field)
    try:
        encoder, report = AutoModel.from_pretrained(
            str(directory),
            config=config,
            attn_implementation=family.attention,
            use_safetensors=True,
            local_files_only=True,
            output_loading_info=True,
            dtype=torch.float32,
            **({"add_pooling_layer": pooled} if family.pools else {}),
        )
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise InvalidInput(field, f"its weights cannot be loaded ({error})", _SAME_SNAPSHOT) from error
    missing = [name for name in report["missing_keys"] if not name.startswith(_FRESH_WEIGHTS_ALLOWED)]
    if missing:
        names = ", ".join(sorted(missing)[:3])
        raise InvalidInput(field, f"{len(missing)} weights are missing ({names} …)", _SAME_SNAPSHOT)
    model = Classifier(encoder, classes, pooled)
    _load_dense(model, directory)
    return model, units


def _check_input(directory: Path, of: Input, field: str) -> None:
    """What `Pretrain` made says which input it reads: symbols of one rendering are none of another's."""
    record = directory / PRETRAINING
    if not record.exists():
        return
    try:
        name = json.loads(record.read_text(encoding="utf-8"))["input"]
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInput(field, f"{PRETRAINING} cannot be read ({error})", _SAME_SNAPSHOT) from error
    if name != of.name:
        raise InvalidInput(field, f"it was pre-trained to read {name}, not {of.name}", f"Use input {name}.")


def save(model: Classifier, units: Units, description: Description, directory: Path) -> None:
    """Write config.json, model.safetensors, the tokenizer's files and isogloss.json."""
    config = copy.deepcopy(model.config)
    labels = dict(enumerate(description.task.labels))
    config.id2label, config.label2id = labels, {label: number for number, label in labels.items()}
    config.architectures = [transformers_class(model.architecture, model.pooled)]
    for name, value in model.family.settings:
        setattr(config, name, value)
    config.to_json_file(str(directory / "config.json"))
    weights = {
        model.family.stored_name(name, model.pooled): tensor.contiguous()
        for name, tensor in model.state_dict().items()
    }
    save_file(weights, directory / WEIGHTS, metadata={"format": "pt"})
    units.save(directory, description.max_length)
    description.save(directory)


def transformers_class(architecture: str, pooled: bool) -> str:
    """The class of transformers that has this model's head."""
    names = (
        modeling_auto.MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES
        if pooled
        else modeling_auto.MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING_NAMES
    )
    return str(names[architecture])


def load(directory: Path, field: str) -> tuple[Classifier, Units, Description]:
    """A model that `save` wrote. Raises `InvalidInput` on `field`."""
    description = Description.load(directory, field)
    config = _read_config(directory, field)
    pooled = is_pooled(description.task, description.label_scheme)
    units = load_units(directory, config, description.input, field)
    model = Classifier(_make_encoder(config, pooled), len(description.task.labels), pooled)
    ours = {model.family.stored_name(name, pooled): name for name in model.state_dict()}
    _check_weights(directory, field)
    try:
        stored = load_file(directory / WEIGHTS)
        model.load_state_dict({ours.get(name, name): tensor for name, tensor in stored.items()})
    except (OSError, RuntimeError, SafetensorError) as error:
        raise InvalidInput(
            field, f"{WEIGHTS} does not fit ({error})", "Send the `model` of one Train."
        ) from error
    return model, units, description


def untrained_twin(model: Classifier, seed: int) -> Classifier:
    """The same architecture with all weights drawn anew; the model itself stays as it is."""
    config = copy.deepcopy(model.config)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Classifier(_make_encoder(config, model.pooled), model.head.out_features, model.pooled)


def _read_config(directory: Path, field: str) -> Any:
    path = directory / "config.json"
    try:
        kind = json.loads(path.read_text(encoding="utf-8"))["model_type"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise InvalidInput(
            field, "no readable config.json", "Send a snapshot in the hub's layout."
        ) from error
    if kind not in FAMILIES:
        known = ", ".join(FAMILIES)
        raise InvalidInput(field, f"architecture {kind!r} is not supported", f"Use one of: {known}.")
    return AutoConfig.from_pretrained(str(directory), local_files_only=True)


def _tensors(directory: Path) -> Iterator[tuple[str, Tensor]]:
    for path in sorted(directory.glob("*.safetensors")):
        with safe_open(path, "pt") as file:
            for name in file.keys():  # noqa: SIM118  # it is not a dictionary
                yield name, file.get_tensor(name)


def _check_weights(directory: Path, field: str) -> None:
    """Raise `InvalidInput` unless the weights are there, whole, and numbers."""
    index = directory / SHARDS
    if not (directory / WEIGHTS).exists() and not index.exists():
        fix = "Convert a snapshot with pickled weights with ImportModel first."
        raise InvalidInput(field, f"{WEIGHTS} is missing", fix)
    if index.exists():
        try:
            shards = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
        except (ValueError, KeyError, AttributeError) as error:
            raise InvalidInput(field, f"{SHARDS} cannot be read", "Fetch the snapshot again.") from error
        lacking = sorted(
            name for name in shards if Path(name).name != name or not (directory / name).exists()
        )
        if lacking:
            raise InvalidInput(
                field, f"shards are missing: {', '.join(lacking[:3])}", "Send all of its files."
            )
    try:
        for name, tensor in _tensors(directory):
            if tensor.is_floating_point() and not tensor.isfinite().all():
                bad = int((~tensor.isfinite()).sum())
                fix = "Fetch the snapshot again, or use another revision of it."
                raise InvalidInput(field, f"{bad} weights of {name!r} are not finite", fix)
    except (OSError, SafetensorError) as error:
        raise InvalidInput(field, f"its weights cannot be read ({error})", _SAME_SNAPSHOT) from error


def _load_dense(model: Classifier, directory: Path) -> None:
    """The layer before the head, where the snapshot has one under transformers' name for it."""
    if model.dense is None:
        return
    own = model.dense.state_dict()
    names = {model.family.stored_name(f"dense.{name}", model.pooled): name for name in own}
    stored = {names[name]: tensor for name, tensor in _tensors(directory) if name in names}
    if all(name in stored and stored[name].shape == own[name].shape for name in own):
        model.dense.load_state_dict(stored)


def _check_ids(units: Units, config: Any, field: str) -> None:
    """Raise `InvalidInput` unless tokenizer and model agree on ids: one that masks or looks up others than it
    was trained with still runs, and is silently wrong.
    """
    if units.size > getattr(config, "vocab_size", units.size):
        raise InvalidInput(field, "its tokenizer has more ids than its model", _SAME_SNAPSHOT)
    frame = units.frame
    for what, ours, theirs in (
        ("pads with", frame.pad, config.pad_token_id),
        ("begins with", frame.start[0], getattr(config, "bos_token_id", None)),
        ("ends with", frame.end[0], getattr(config, "eos_token_id", None)),
    ):
        if theirs is not None and ours != theirs:  # None: this family's configuration does not say
            problem = f"its tokenizer {what} id {ours} and its model with {theirs}"
            raise InvalidInput(field, problem, _SAME_SNAPSHOT)


def _make_encoder(config: Any, pooled: bool) -> nn.Module:
    family = FAMILIES[config.model_type]
    config._attn_implementation = family.attention
    make: Any = AutoModel.from_config
    return cast(nn.Module, make(config, **({"add_pooling_layer": pooled} if family.pools else {})))
