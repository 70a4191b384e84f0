"""An encoder from random weights as a request describes it, checked before any work starts. No torch here."""

import math
from collections.abc import Mapping
from typing import Any

from isogloss.artifacts import Artifact
from isogloss.errors import InvalidInput
from isogloss.inputs import Input
from isogloss.trainer.v1 import trainer_pb2 as pb
from services.encoders.families import FAMILIES

Json = dict[str, Any]

ARCHITECTURES = {
    pb.ARCHITECTURE_BERT: "bert",
    pb.ARCHITECTURE_CANINE: "canine",
    pb.ARCHITECTURE_ROBERTA: "roberta",
}


def scratch_job(scratch: pb.ScratchEncoder, of: Input, place: str) -> Json:
    """The shape and the corpora of its vocabulary as a worker reads them. Raises `InvalidInput` on the first
    field of `place` that cannot be used.
    """
    architecture = choice(f"{place}.architecture", scratch.architecture, ARCHITECTURES, pb.Architecture)
    if of.units not in FAMILIES[architecture].scratch:
        fits = ", ".join(name for name, family in FAMILIES.items() if of.units in family.scratch)
        raise InvalidInput(
            f"{place}.architecture", f"{architecture} does not read {of.units}s", f"Use {fits}."
        )
    within(f"{place}.layers", scratch.layers, 1, 48)
    within(f"{place}.hidden_size", scratch.hidden_size, 8, 4096)
    within(f"{place}.attention_heads", scratch.attention_heads, 1, 64)
    within(f"{place}.feed_forward_size", scratch.feed_forward_size, 8, 16384)
    within(f"{place}.dropout", scratch.dropout, 0.0, 0.9)
    if scratch.hidden_size % scratch.attention_heads:
        fix = "Let attention_heads divide it."
        raise InvalidInput(
            f"{place}.hidden_size", f"{scratch.hidden_size} does not divide among the heads", fix
        )
    if architecture == "canine" and scratch.hidden_size % 8:
        raise InvalidInput(f"{place}.hidden_size", "CANINE has 8 hashes a character", "Use a multiple of 8.")
    if architecture != "canine":
        within(f"{place}.vocabulary_size", scratch.vocabulary_size, 64, 500_000)
        if not scratch.vocabulary_corpora:
            raise InvalidInput(
                f"{place}.vocabulary_corpora", "is empty", "Send the corpora to read units off."
            )
    corpora = [
        Artifact.from_proto(item, f"{place}.vocabulary_corpora[{number}]").to_json()
        for number, item in enumerate(scratch.vocabulary_corpora)
    ]
    shape = {
        "architecture": architecture,
        "layers": scratch.layers,
        "hidden_size": scratch.hidden_size,
        "attention_heads": scratch.attention_heads,
        "feed_forward_size": scratch.feed_forward_size,
        "vocabulary_size": scratch.vocabulary_size,
        "dropout": scratch.dropout,
    }
    return {"scratch": shape, "vocabulary_corpora": corpora}


def choice(field: str, value: int, names: Mapping[Any, str], enum: Any) -> str:
    """An enum's value by our name; `InvalidInput` on `field` for one that is not known."""
    try:
        return names[value]
    except KeyError:
        known = ", ".join(enum.Name(number) for number in names)
        raise InvalidInput(field, "is not set or unknown", f"Use one of: {known}.") from None


def within(field: str, value: float, least: float, most: float) -> None:
    """Raise `InvalidInput` on `field` unless the value is finite and in range."""
    if not (math.isfinite(value) and least <= value <= most):
        raise InvalidInput(field, f"{value:g} is out of range", f"Use {least:g} to {most:g}.")
