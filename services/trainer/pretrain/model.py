"""The encoder and its head for pre-training, drawn so that models of different vocabularies share a body.

RoBERTa of transformers, with the head of its masked language model: dense, GELU, LayerNorm, and the unit
embeddings once more as output weights. Only the rows of the embeddings and the output's bias depend on the
vocabulary; everything else, the body, is bit-equal for equal shapes and seeds.
"""

# ruff: noqa: N803, N806  # shape suffixes are upper case

import os
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from isogloss.errors import InvalidInput
from services.trainer.engine.seeds import derive
from services.trainer.pretrain.vocabulary import END, PAD, START

os.environ["HF_HUB_OFFLINE"] = "1"

from transformers import AutoModel, RobertaConfig

EMBEDDINGS = "embeddings.word_embeddings.weight"
_SPARE = 2  # RoBERTa counts positions from its padding's id, 1, plus one


@dataclass(frozen=True)
class Shape:
    """An encoder's size. `dropout` is that of pre-training; the exported configuration says 0.1."""

    layers: int
    hidden_size: int
    attention_heads: int
    feed_forward_size: int
    positions: int = 512  # the longest sequence it can ever read
    dropout: float = 0.0

    def check(self, length: int) -> None:
        """Raise `InvalidInput` for what makes no encoder, or has no room for windows of `length`."""
        bounds = {
            "layers": (1, 48),
            "hidden_size": (8, 4096),
            "attention_heads": (1, 64),
            "feed_forward_size": (8, 16384),
            "positions": (length, 8192),
            "dropout": (0, 0.5),
        }
        for name, (least, most) in bounds.items():
            if not least <= getattr(self, name) <= most:
                problem = f"{getattr(self, name)} is out of range"
                raise InvalidInput(f"shape.{name}", problem, f"Use {least} to {most}.")
        if self.hidden_size % self.attention_heads:
            problem = f"{self.attention_heads} do not divide hidden_size {self.hidden_size}"
            raise InvalidInput("shape.attention_heads", problem, "Use a divisor.")

    def config(self, vocabulary_size: int, dropout: float) -> RobertaConfig:
        """As transformers knows it."""
        return RobertaConfig(
            vocab_size=vocabulary_size,
            hidden_size=self.hidden_size,
            num_hidden_layers=self.layers,
            num_attention_heads=self.attention_heads,
            intermediate_size=self.feed_forward_size,
            max_position_embeddings=self.positions + _SPARE,
            type_vocab_size=1,
            pad_token_id=PAD,
            bos_token_id=START,
            eos_token_id=END,
            initializer_range=self.hidden_size**-0.5,
            layer_norm_eps=1e-5,
            hidden_dropout_prob=dropout,
            attention_probs_dropout_prob=dropout,
        )


class MaskedModel(nn.Module):
    """Encoder and head; `forward` gives the logits of the hidden units only."""

    def __init__(self, shape: Shape, vocabulary_size: int, seed: int, attention: str) -> None:
        super().__init__()
        config: Any = shape.config(vocabulary_size, shape.dropout)
        config._attn_implementation = attention
        make: Any = AutoModel.from_config
        self.encoder = cast(nn.Module, make(config, add_pooling_layer=False))
        self.dense = nn.Linear(shape.hidden_size, shape.hidden_size)
        self.norm = nn.LayerNorm(shape.hidden_size, eps=1e-5)
        self.bias = nn.Parameter(torch.zeros(vocabulary_size))
        self._draw(seed, config.initializer_range)

    @torch.no_grad()
    def _draw(self, seed: int, spread: float) -> None:
        """All weights anew: each matrix from a generator of its own name, so that no one's size moves
        another."""
        for name, parameter in self.named_parameters():
            if parameter.dim() < 2:
                parameter.fill_(1.0 if name.endswith("norm.weight") or "LayerNorm.weight" in name else 0.0)
                continue
            generator = torch.Generator().manual_seed(derive(seed, "weights", name))
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * spread)
            if name.endswith((EMBEDDINGS, "position_embeddings.weight")):
                parameter[PAD] = 0

    def forward(self, ids_BL: Tensor, mask_BL: Tensor, rows_M: Tensor, positions_M: Tensor) -> Tensor:
        """Logits [M, V] for the hidden units of a batch."""
        hidden_BLD = self.encoder(input_ids=ids_BL, attention_mask=mask_BL).last_hidden_state
        features_MD = self.norm(functional.gelu(self.dense(hidden_BLD[rows_M, positions_M])))
        return functional.linear(features_MD, self.output_weights, self.bias)

    @property
    def output_weights(self) -> Tensor:
        """The unit embeddings, [V, D]."""
        return cast(Tensor, cast(Any, self.encoder).embeddings.word_embeddings.weight)


def body(model: MaskedModel) -> dict[str, Tensor]:
    """All weights that do not depend on the vocabulary, by name."""
    own = {name: parameter.detach() for name, parameter in model.named_parameters()}
    return {name: weight for name, weight in own.items() if not name.endswith(EMBEDDINGS) and name != "bias"}


def flops_per_unit(shape: Shape, length: float) -> float:
    """Floating-point operations of forward and backward for one unit in windows of a mean `length`: 6 a
    weight of the layers, and 12 · L · D a layer for attention. The head is read at hidden units only and
    left out."""
    d = shape.hidden_size
    weights = shape.layers * (4 * d * d + 2 * d * shape.feed_forward_size)
    return 6.0 * weights + 12.0 * shape.layers * length * d
