"""Sentence vectors: the mean over a sentence's units of the vectors of one layer (section 3.4 of the paper).

What is averaged: every unit of the text, word separators included, since they are text that the model reads
(CANINE's spaces, XPhoneBERT's ` ▁ `); the specials around it are not, since they are the same in every
sentence and would pull the vectors of short sentences together.

Shape suffixes: B sentences, L positions, D dimensions.
"""

# ruff: noqa: N803, N806  # shape suffixes are upper case

import unicodedata
from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from isogloss.errors import InvalidInput
from services.encoders.batches import Batch, by_length, collate, firsts_of_equal
from services.encoders.classifier import Classifier
from services.encoders.corpus import Example
from services.encoders.memory import in_halves
from services.encoders.units import Encoded, Units, encode

EMBEDDINGS, LAST = "embeddings", "last"  # layers; those between are numbers, from 1
ALL, TOKENS, LETTERS = "all", "tokens", "letters"  # contents of the embedding layer
POSITIONS_PER_BATCH = {"cpu": 16_384, "cuda": 131_072}

Layer = str | int
OnBatch = Callable[[int, int], None]  # sentences done, total; may raise to stop


@dataclass(frozen=True)
class Vectors:
    """One row a sentence, in the order of the corpus."""

    vectors: Tensor  # float32 [sentences, dimensions]
    units: Tensor  # int64 [sentences]: how many vectors were averaged
    words: Tensor  # int64 [sentences]
    characters: Tensor  # int64 [sentences]: code points of what was read, separators left out
    truncated: int  # sentences cut at the model's last position


@torch.no_grad()
def embed(
    model: Classifier,
    units: Units,
    examples: Sequence[Example],
    layer: Layer,
    content: str,
    device: torch.device,
    on_batch: OnBatch = lambda done, total: None,
) -> Vectors:
    """Vectors of single sentences, computed in float32.

    A sentence's vector depends on which others share its batch by rounding alone (1e-5), and not at all on
    their order in the corpus. Sentences are cut at the model's last position, not at the shorter maximum of
    its training.

    Raises `InvalidInput` when the model has no such layer, or a sentence no letter to look at.
    """
    model.eval().to(device)
    read = _reader(model, layer, content)
    sequences = [encode(units, example.readings, model.positions) for example in examples]
    if content == LETTERS:
        sequences = _only_letters(units, sequences)
    rows: dict[int, Tensor] = {}
    firsts = firsts_of_equal(sequences)
    times = Counter(firsts)
    done = 0

    def compute(indices: Sequence[int]) -> None:
        chosen = [sequences[index] for index in indices]
        batch = collate(chosen, units.frame, model.architecture).to(device)
        means_BD = _masked_mean(read(batch), _content_mask(chosen, batch)).float().cpu()
        for index, mean_D in zip(indices, means_BD, strict=True):
            rows[index] = mean_D

    budget = POSITIONS_PER_BATCH[device.type]
    for indices in by_length(sequences, budget, model.architecture):
        in_halves(indices, compute)
        done += sum(times[index] for index in indices)
        on_batch(done, len(sequences))
    return Vectors(
        vectors=torch.stack([rows[first] for first in firsts]),
        units=torch.tensor([sum(sequence.content) for sequence in sequences]),
        words=torch.tensor([len(example.words[0]) for example in examples]),
        characters=torch.tensor(
            [sum(len(word.replace(" ", "")) for word in item.words[0]) for item in examples]
        ),
        truncated=sum(sequence.cut for sequence in sequences),
    )


def _reader(model: Classifier, layer: Layer, content: str) -> Callable[[Batch], Tensor]:
    """A function from a batch to vectors [B, L, D]; the embedding layer needs no pass through the encoder."""
    if isinstance(layer, int):
        if layer > model.layers:
            raise InvalidInput(
                "hidden_layer", f"{layer} is beyond this model's layers", f"Use 1 to {model.layers}."
            )
        return lambda batch: model.hidden_after(batch, layer)
    if layer == LAST:
        return model.hidden
    return model.embedded if content == ALL else model.unit_embeddings


def _only_letters(units: Units, sequences: Sequence[Encoded]) -> list[Encoded]:
    """The sequences with only those units as content that hold a letter or a mark on one (Hindi's vowels)."""
    known: dict[int, bool] = {units.unknown: False}  # its name may be spelled with letters

    def has_letter(number: int) -> bool:
        if number not in known:
            known[number] = any(unicodedata.category(char)[0] in "LM" for char in units.reading([number]))
        return known[number]

    found = []
    for row, sequence in enumerate(sequences):
        letters = array(
            "b",
            [
                bool(inside) and has_letter(number)
                for number, inside in zip(sequence.ids, sequence.content, strict=True)
            ],
        )
        if not any(letters):
            raise InvalidInput("corpus", f"row {row} holds no letter", "Leave it out, or use CONTENT_TOKENS.")
        found.append(replace(sequence, content=letters))
    return found


def _content_mask(sequences: Sequence[Encoded], batch: Batch) -> Tensor:
    mask_BL = torch.zeros_like(batch.mask_BL, dtype=torch.float32)
    for row, sequence in enumerate(sequences):
        mask_BL[row, : len(sequence.content)] = torch.tensor(sequence.content, dtype=torch.float32)
    return mask_BL


def _masked_mean(vectors_BLD: Tensor, mask_BL: Tensor) -> Tensor:
    summed_BD = (vectors_BLD.float() * mask_BL[:, :, None]).sum(1)
    return summed_BD / mask_BL.sum(1, keepdim=True)
