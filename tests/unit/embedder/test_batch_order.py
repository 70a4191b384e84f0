"""Vectors and scores belong to their sentences, whatever the order of the file and of the batches."""

import random

import pytest
import torch

from isogloss.inputs import INPUTS
from isogloss.tasks import TASKS
from services.embedder.engine import embed as engine
from services.embedder.engine.embed import ALL, EMBEDDINGS, LAST, Layer, embed
from services.encoders.batches import by_length
from services.encoders.classifier import Classifier
from services.encoders.corpus import Example
from services.encoders.evaluation import score
from services.encoders.models import Scratch, from_scratch
from services.encoders.predict import predict
from services.encoders.units import CodePoints, Units, Vocabulary, encode
from services.encoders.vocabulary import build_word_level

CHARACTERS = INPUTS["character"]

CPU = torch.device("cpu")
POS = TASKS["pos"]
ARCHITECTURES = pytest.mark.parametrize("architecture", ["roberta", "canine"])


def sentences() -> list[Example]:
    """40 sentences of 1 to 30 words, many of one length, and some twice."""
    draw = random.Random(5)
    texts = [
        tuple("".join(draw.choices("abcdefgh", k=draw.randint(1, 6))) for _ in range(draw.randint(1, 30)))
        for _ in range(36)
    ]
    rows = [Example((words,), (words,), tuple(len(word) for word in words)) for words in texts]
    return rows + rows[:4]


def model(architecture: str) -> tuple[Classifier, Units]:
    torch.manual_seed(0)
    units: Units = (
        CodePoints(CHARACTERS)
        if architecture == "canine"
        else Vocabulary(build_word_level("abcdefgh", CHARACTERS, 50), CHARACTERS, "test")
    )
    scratch = Scratch(architecture, 2, 32, 2, 64, 50, 0.1)
    return from_scratch(scratch, units, len(POS.labels), pooled=False, max_length=512), units


def shuffled(examples: list[Example]) -> tuple[list[int], list[Example]]:
    order = random.Random(6).sample(range(len(examples)), len(examples))
    return order, [examples[index] for index in order]


@ARCHITECTURES
@pytest.mark.parametrize("layer", [EMBEDDINGS, 1, 2, LAST])
def test_vectors_follow_their_sentences(
    monkeypatch: pytest.MonkeyPatch, architecture: str, layer: Layer
) -> None:
    """Sentences or batches in another order: bit for bit. Batches of one sentence each: within 1e-5."""
    network, units = model(architecture)
    examples = sentences()
    whole = embed(network, units, examples, layer, ALL, CPU).vectors
    order, mixed = shuffled(examples)
    again = embed(network, units, mixed, layer, ALL, CPU).vectors
    assert torch.equal(again, whole[order])

    monkeypatch.setitem(engine.POSITIONS_PER_BATCH, "cpu", 1000)
    several = embed(network, units, examples, layer, ALL, CPU).vectors
    monkeypatch.setattr(engine, "by_length", lambda *arguments: by_length(*arguments)[::-1])
    assert torch.equal(embed(network, units, examples, layer, ALL, CPU).vectors, several)

    monkeypatch.setitem(engine.POSITIONS_PER_BATCH, "cpu", 1)
    alone = embed(network, units, examples, layer, ALL, CPU).vectors
    assert (alone - whole).abs().max() < 1e-5
    assert (whole[0] - whole[1]).abs().max() > 1e-3, "the sentences do differ"


@ARCHITECTURES
def test_predictions_follow_their_sentences(architecture: str) -> None:
    """The file shuffled: the same probabilities and scores, bit for bit."""
    network, units = model(architecture)
    examples = sentences()
    order, mixed = shuffled(examples)

    def probabilities(rows: list[Example]) -> list[list[list[float] | None]]:
        sequences = [encode(units, row.readings, 400) for row in rows]
        outputs = predict(network, sequences, units.frame, POS, "first_unit", CPU, budget=2000)
        return [output.probabilities for output in outputs]

    whole, again = probabilities(examples), probabilities(mixed)
    assert again == [whole[index] for index in order]

    def scores(rows: list[Example], found: list[list[list[float] | None]]) -> dict[str, float]:
        best = [[max(range(len(word)), key=word.__getitem__) for word in row if word] for row in found]
        return score(POS, [row.labels for row in rows], best)

    assert scores(mixed, again) == scores(examples, whole)


@ARCHITECTURES
def test_the_last_layer_of_the_stack_is_what_the_model_builds_on(architecture: str) -> None:
    """RoBERTa's last layer is its output; CANINE's is not, since a layer of characters comes after it."""
    network, units = model(architecture)
    second, last = (embed(network, units, sentences(), layer, ALL, CPU).vectors for layer in (2, LAST))
    first = embed(network, units, sentences(), 1, ALL, CPU).vectors
    assert torch.equal(second, last) == (architecture == "roberta")
    assert (first - second).abs().max() > 1e-3
