"""The shapes of the paper's three encoders: how each, its rival in transformers and its units are made."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from transformers import (
    BertConfig,
    BertForTokenClassification,
    CanineConfig,
    CanineForTokenClassification,
    RobertaConfig,
    RobertaForTokenClassification,
)

from services.encoders.units import Frame

CLASSES = 17


@dataclass(frozen=True)
class Model:
    """A published model's architecture: how its encoder, its rival and its units are made."""

    config: Callable[..., Any]
    rival: Any
    frame: Frame
    vocabulary: int  # of what pre-training predicts
    units: str


MODELS = {
    "subword": Model(
        lambda **size: BertConfig(vocab_size=119_547, **size), BertForTokenClassification,
        Frame((101,), (102,), (102,), (), 0, True), 119_547, "pieces",
    ),
    "character": Model(
        lambda **size: CanineConfig(**size), CanineForTokenClassification,
        Frame((0xE000,), (0xE001,), (0xE001,), (32,), 0, True), 2_262, "characters",
    ),
    "phoneme": Model(
        lambda **size: RobertaConfig(vocab_size=1_960, max_position_embeddings=514, type_vocab_size=1,
                                     layer_norm_eps=1e-5, **size),
        RobertaForTokenClassification, Frame((0,), (2, 2), (2,), (4,), 1, False), 1_960, "phonemes",
    ),
}  # fmt: skip
