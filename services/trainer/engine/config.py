"""How to train, as plain values. The contract with its units is `Hyperparameters` in trainer.proto."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Hyperparameters:
    """Every field is explicit; see the proto for the meaning of zero."""

    learning_rate: float
    weight_decay: float
    epochs: int
    batch_size: int  # sentences per optimizer step
    schedule: str  # constant, linear, cosine
    warmup_ratio: float  # share of the steps
    max_grad_norm: float  # 0: no clipping
    max_length: int  # ids per sequence, specials included
    early_stop_epochs: int  # 0: never
    label_scheme: str  # first_unit, every_unit, word_mean
    train_fraction: float  # 0: all
    precision: str = "auto"  # auto, float32, bfloat16
