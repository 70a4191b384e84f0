"""The encoders of a profile and how they are fine-tuned: from random weights, or from a snapshot."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, field_validator, model_validator

from flows.mistakes import mistake
from flows.sweep import Schedule
from isogloss.inputs import INPUTS, Units
from isogloss.languages import LANGUAGES, language
from isogloss.trainer.v1 import trainer_pb2

# A value for all, or one per language with "default" for the rest, as Table 5 has it.
PerLanguage = float | dict[str, float]
READS: Mapping[str, tuple[Units, ...]] = MappingProxyType(
    {"bert": ("subword",), "canine": ("character", "symbol"), "roberta": ("character", "symbol")}
)
"""What an encoder from random weights can read, by its architecture."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Scratch(_Strict):
    """An encoder trained from random weights."""

    architecture: Literal["bert", "canine", "roberta"]
    layers: int = Field(gt=0)
    hidden_size: int = Field(gt=0)
    attention_heads: int = Field(gt=0)
    feed_forward_size: int = Field(gt=0)
    vocabulary_size: int = Field(0, ge=0)
    dropout: float = Field(0.0, ge=0, lt=1)

    @model_validator(mode="after")
    def _buildable(self) -> "Scratch":
        if self.hidden_size % self.attention_heads:
            problem = f"{self.attention_heads} heads do not divide hidden_size {self.hidden_size}"
            raise ValueError(f"attention_heads: {problem}; use a multiple of the heads")
        return self

    def check_input(self, field: str, name: str) -> None:
        """Raise where it cannot read an input."""
        units = INPUTS[name].units
        if units not in READS[self.architecture]:
            able = ", ".join(item for item, reads in READS.items() if units in reads)
            problem = f"a {self.architecture} from scratch does not read {units}s"
            raise mistake(f"{field}.architecture", problem, f"Use {able}, or a snapshot that does.")
        if units == "subword" and not self.vocabulary_size:
            fix = "Give the number of subwords, such as 8000: a tokenizer is learned from the train set."
            raise mistake(f"{field}.vocabulary_size", "is missing, and subwords need one", fix)

    def describe(self) -> str:
        """For people: "roberta, 2 layers of 64, from scratch"."""
        layers = f"{self.layers} layer{'s' if self.layers > 1 else ''}"
        return f"{self.architecture}, {layers} of {self.hidden_size}, from scratch"


class Snapshot(_Strict):
    """A pretrained encoder at a pinned revision, from the hub or a mirror."""

    id: str
    revision: str = Field(pattern="^[0-9a-f]{40}$")

    def describe(self) -> str:
        """For people: "google/canine-s at 75d6d0b3"."""
        return f"{self.id} at {self.revision[:8]}"


def _kind(value: Any) -> str:
    keys = value if isinstance(value, Mapping) else vars(value) if isinstance(value, BaseModel) else ()
    return "snapshot" if {"id", "revision"} & set(keys) else "scratch"


Model = Annotated[
    Annotated[Scratch, Tag("scratch")] | Annotated[Snapshot, Tag("snapshot")], Discriminator(_kind)
]


class Lora(_Strict):
    """Adapters in the place of the encoder's layers; of snapshots only."""

    rank: int = Field(ge=1, le=256)


class Hyperparameters(_Strict):
    """Fields as in `Hyperparameters` of trainer/v1; rates may differ by language (Table 5)."""

    learning_rate: PerLanguage
    weight_decay: PerLanguage = 0.01
    epochs: int = Field(gt=0)
    batch_size: int = Field(128, gt=0)
    schedule: Schedule = "cosine"
    warmup_ratio: float = Field(0.0, ge=0, le=1)
    max_grad_norm: float = Field(1.0, ge=0)
    max_length: int = Field(512, gt=3)
    early_stop_epochs: int = Field(0, ge=0)
    label_scheme: Literal["first_unit", "every_unit", "word_mean"] = "first_unit"
    lora: Lora | None = None

    @field_validator("learning_rate", "weight_decay")
    @classmethod
    def _in_bounds(cls, value: PerLanguage, info: Any) -> PerLanguage:
        rates = value.values() if isinstance(value, dict) else [value]
        least = "over 0" if info.field_name == "learning_rate" else "0 or more"
        if any(rate < 0 or (rate == 0 and info.field_name == "learning_rate") for rate in rates):
            raise ValueError(f"it must be {least}")
        if isinstance(value, dict) and "default" not in value:
            raise ValueError("by language it needs a default for the others")
        return value

    def check_languages(self, field: str, known: Mapping[str, Any] = LANGUAGES) -> None:
        """Raise where a value is of a language that there is none of."""
        for name in ("learning_rate", "weight_decay"):
            value = getattr(self, name)
            for code in set(value) - {"default"} if isinstance(value, dict) else ():
                language(code, f"{field}.{name}", known)

    def to_proto(self, language: str, train_fraction: float) -> trainer_pb2.Hyperparameters:
        """The values for one language."""
        return trainer_pb2.Hyperparameters(
            learning_rate=_for(self.learning_rate, language),
            weight_decay=_for(self.weight_decay, language),
            epochs=self.epochs,
            batch_size=self.batch_size,
            schedule=trainer_pb2.Schedule.Value(f"SCHEDULE_{self.schedule.upper()}"),
            warmup_ratio=self.warmup_ratio,
            max_grad_norm=self.max_grad_norm,
            max_length=self.max_length,
            early_stop_epochs=self.early_stop_epochs,
            label_scheme=trainer_pb2.LabelScheme.Value(f"LABEL_SCHEME_{self.label_scheme.upper()}"),
            train_fraction=train_fraction,
            lora_rank=self.lora.rank if self.lora else 0,
        )


def _for(value: PerLanguage, code: str) -> float:
    if isinstance(value, dict):
        return value.get(code, value["default"])
    return value
