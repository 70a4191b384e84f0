"""Vectors belong to their sentences, whatever the order and the size of the batches."""

import random

import pytest
import torch

from services.embedder.engine import embed as engine
from services.embedder.engine.embed import ALL, EMBEDDINGS, LAST, embed
from services.encoders.corpus import Example
from services.encoders.models import Scratch, from_scratch
from services.encoders.units import CodePoints, Units, Vocabulary
from services.encoders.vocabulary import build_word_level

CPU = torch.device("cpu")


def sentences() -> list[Example]:
    """40 sentences of 1 to 30 words, many of one length."""
    draw = random.Random(5)
    texts = [
        tuple("".join(draw.choices("abcdefgh", k=draw.randint(1, 6))) for _ in range(draw.randint(1, 30)))
        for _ in range(40)
    ]
    return [Example((words,), (words,), ()) for words in texts]


@pytest.mark.parametrize("architecture", ["roberta", "canine"])
@pytest.mark.parametrize("layer", [EMBEDDINGS, LAST])
def test_vectors_follow_their_sentences(
    monkeypatch: pytest.MonkeyPatch, architecture: str, layer: str
) -> None:
    """The file shuffled, and batches of one sentence each: within 1e-5; the same file again: bit for bit."""
    torch.manual_seed(0)
    units: Units = (
        CodePoints("character")
        if architecture == "canine"
        else Vocabulary(build_word_level("abcdefgh", "character", 50), "character", "test")
    )
    scratch = Scratch(architecture, 2, 32, 2, 64, 50, 0.1)
    model = from_scratch(scratch, units, 7, pooled=False, max_length=512)
    examples = sentences()
    whole = embed(model, units, examples, layer, ALL, CPU).vectors
    assert torch.equal(whole, embed(model, units, examples, layer, ALL, CPU).vectors)

    order = random.Random(6).sample(range(len(examples)), len(examples))
    shuffled = embed(model, units, [examples[index] for index in order], layer, ALL, CPU).vectors
    assert (shuffled - whole[order]).abs().max() < 1e-5

    monkeypatch.setitem(engine.POSITIONS_PER_BATCH, "cpu", 1)
    alone = embed(model, units, examples, layer, ALL, CPU).vectors
    assert (alone - whole).abs().max() < 1e-5
    assert (whole[0] - whole[1]).abs().max() > 1e-3, "the sentences do differ"
