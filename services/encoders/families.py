"""Model families: all that differs between encoders of transformers, one record each. No torch here.

A record says what a family reads from scratch, how it pads, which attention it has, where its layers and its
classifying head are, and under which names transformers stores them. Everything else is the same for all, and
is written once in `classifier` and `models`. Adding a family: docs/guides/model.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from isogloss.inputs import Units
from services.encoders import canine

Names = tuple[tuple[str, str], ...]  # (ours, transformers'), prefixes of weights' names; the first that fits

LEAST_POSITIONS = 512  # of a model from scratch, so that one trained on short sequences can embed long ones


@dataclass(frozen=True)
class Dense:
    """The layer between encoder and linear head, where the family has it there and not in the encoder.

    - activation: its name in transformers, or `config.<field>`
    - words: whether labels of words go through it, too, and not only those of texts
    """

    activation: str
    words: bool = False
    norm: bool = False
    bias: str = ""  # the configuration's field that says whether it has one; "": it has


@dataclass(frozen=True)
class Family:
    """One family, named by transformers' `model_type`.

    - prefix: of the encoder's weights in transformers' classifiers
    - scratch: the units that an encoder from random weights can read; none where it is only loaded
    - attention: what transformers has for it
    - types: whether it is told which of two texts a unit belongs to
    - spare_positions: rows of the position table that no unit gets
    - pools: whether the encoder itself has the dense layer that reads the first position
    - layers: where in the encoder its layers are
    - text_names, word_names: of weights of classifiers, where they differ from the usual
    """

    name: str
    prefix: str
    scratch: tuple[Units, ...] = ()
    attention: Literal["sdpa", "eager"] = "sdpa"
    types: bool = True
    spare_positions: int = 0
    pools: bool = False
    dense: Dense | None = None
    dropout: str = "hidden_dropout_prob"
    layers: str = "encoder.layer"
    text_names: Names = ()
    word_names: Names = ()
    settings: tuple[tuple[str, str], ...] = ()  # of the configuration, for transformers' classifier

    def padded_length(self, lengths: Iterable[int]) -> int:
        """Positions of a batch of sequences with these lengths: as few as possible, and so that no logit
        depends on a neighbor. All but CANINE mask padding exactly.
        """
        return max(canine.room(length) for length in lengths) if self.name == "canine" else max(lengths)

    def positions_needed(self, longest: int) -> int:
        """Size of the position table for sequences of up to `longest` ids."""
        return canine.positions_needed(longest) if self.name == "canine" else longest + self.spare_positions

    def longest_sequence(self, config: Any) -> int:
        """The longest sequence, in ids, that a model of this configuration has positions for."""
        if self.name == "canine":
            # transformers makes its position table as long as a hash table
            return canine.longest_sequence(
                min(int(config.max_position_embeddings), int(config.num_hash_buckets))
            )
        return int(config.max_position_embeddings) - self.spare_positions

    def has_dense(self, pooled: bool) -> bool:
        """Whether a classifier has the dense layer outside of its encoder."""
        return self.dense is not None and (pooled or self.dense.words)

    def stored_name(self, name: str, pooled: bool) -> str:
        """What transformers calls a weight that `Classifier` calls `name`."""
        special = self.text_names if pooled else self.word_names
        usual = (("encoder.", f"{self.prefix}."), ("head.", "classifier."))
        for ours, theirs in (*special, *usual):
            if name.startswith(ours):
                return theirs + name.removeprefix(ours)
        raise ValueError(name)


_ROBERTA_NAMES = (("encoder.pooler.dense.", "classifier.dense."), ("head.", "classifier.out_proj."))
_MODERN_NAMES = (("dense.dense.", "head.dense."), ("dense.norm.", "head.norm."))

FAMILIES = MappingProxyType(
    {
        family.name: family
        for family in (
            Family("bert", "bert", ("subword",), pools=True),
            Family("canine", "canine", ("character", "symbol"), attention="eager", pools=True),
            Family(
                "roberta",
                "roberta",
                ("character", "symbol"),
                types=False,
                spare_positions=2,  # it counts positions from its padding's id, 1, plus one
                pools=True,
                text_names=_ROBERTA_NAMES,
            ),
            Family(
                "xlm-roberta",
                "roberta",
                types=False,
                spare_positions=2,
                pools=True,
                text_names=_ROBERTA_NAMES,
            ),
            Family(
                "distilbert",
                "distilbert",
                types=False,
                dense=Dense("relu"),
                dropout="dropout",
                layers="transformer.layer",
                text_names=(("dense.dense.", "pre_classifier."),),
            ),
            Family(
                "electra",
                "electra",
                dense=Dense("gelu"),
                text_names=(("dense.dense.", "classifier.dense."), ("head.", "classifier.out_proj.")),
            ),
            Family(
                "deberta-v2",
                "deberta",
                attention="eager",
                dense=Dense("config.pooler_hidden_act"),
                text_names=(("dense.dense.", "pooler.dense."),),
            ),
            Family(
                "modernbert",
                "model",
                types=False,
                dense=Dense("config.classifier_activation", words=True, norm=True, bias="classifier_bias"),
                dropout="classifier_dropout",
                layers="layers",
                text_names=_MODERN_NAMES,
                word_names=_MODERN_NAMES,
                settings=(("classifier_pooling", "cls"),),
            ),
        )
    }
)
