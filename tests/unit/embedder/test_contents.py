"""What a sentence's vector is the mean of, and the twin that has learned nothing."""

import pytest
import torch

from isogloss.errors import InvalidInput
from isogloss.inputs import INPUTS
from services.embedder.engine.embed import ALL, EMBEDDINGS, LAST, LETTERS, TOKENS, Vectors, embed
from services.encoders.batches import collate
from services.encoders.classifier import Classifier
from services.encoders.corpus import Example
from services.encoders.models import Scratch, from_scratch, untrained_twin
from services.encoders.subwords import Subwords
from services.encoders.units import CodePoints, Units, Vocabulary, encode
from services.encoders.vocabulary import build_word_level, build_word_piece

CHARACTERS = INPUTS["character"]

CPU = torch.device("cpu")
KNOWN = "abcdefgh.,!0123 हिन्दी"
ARCHITECTURES = pytest.mark.parametrize("architecture", ["bert", "roberta", "canine"])


def model(architecture: str) -> tuple[Classifier, Units]:
    torch.manual_seed(0)
    units: Units = {
        "bert": lambda: Subwords(build_word_piece([*KNOWN, *KNOWN], 200), "test"),
        "roberta": lambda: Vocabulary(build_word_level(KNOWN, CHARACTERS, 100), CHARACTERS, "test"),
        "canine": lambda: CodePoints(CHARACTERS),
    }[architecture]()
    scratch = Scratch(architecture, 1, 32, 2, 64, 200, 0.0)
    return from_scratch(scratch, units, 3, pooled=False, max_length=128), units


def vectors(
    network: Classifier, units: Units, texts: list[str], content: str, layer: str = EMBEDDINGS
) -> Vectors:
    rows = [tuple(text.split()) for text in texts]
    return embed(network, units, [Example((row,), (row,), ()) for row in rows], layer, content, CPU)


@ARCHITECTURES
@pytest.mark.parametrize("layer", [EMBEDDINGS, LAST])
def test_a_vector_is_the_mean_of_all_units_but_the_specials(architecture: str, layer: str) -> None:
    network, units = model(architecture)
    found = vectors(network, units, ["ab, cd"], ALL, layer)
    sequence = encode(units, [("ab,", "cd")], 100)
    batch = collate([sequence], units.frame, architecture)
    if layer == LAST:
        with torch.no_grad():
            hidden = network.eval().hidden(batch)
    else:
        table = network.encoder.char_embeddings if architecture == "canine" else network.encoder.embeddings
        hidden = table.eval()(input_ids=batch.ids_BL, token_type_ids=batch.types_BL)  # type: ignore[operator]
    inner = hidden[0, 1 : len(sequence.ids) - len(units.frame.end)]
    assert (found.vectors[0] - inner.mean(0)).abs().max() < 1e-6
    assert found.units.tolist() == [len(inner)]


@ARCHITECTURES
def test_only_letters_are_left_of_a_sentence(architecture: str) -> None:
    """No punctuation, digits, separators or positions: the same letters give the same vector."""
    network, units = model(architecture)
    with_signs, plain = vectors(network, units, ["a, b 12 c!", "a b c"], LETTERS).vectors
    assert (with_signs - plain).abs().max() < 1e-6
    with_signs, plain = vectors(network, units, ["a, b 12 c!", "a b c"], TOKENS).vectors
    assert (with_signs - plain).abs().max() > 1e-3


def test_a_vowel_sign_is_a_letter_and_an_unknown_unit_is_none() -> None:
    """Hindi's vowels are marks to Unicode; `<unk>` is spelled with letters."""
    network, units = model("roberta")
    assert vectors(network, units, ["हि", "aq"], LETTERS).units.tolist() == [2, 1]


def test_a_sentence_without_letters_is_named() -> None:
    network, units = model("canine")
    with pytest.raises(InvalidInput, match="row 1 holds no letter"):
        vectors(network, units, ["ab", "12 !"], LETTERS)


def test_lengths_lie_beside_the_vectors() -> None:
    network, units = model("canine")
    found = vectors(network, units, ["ab cde", "f"], ALL)
    assert (found.units.tolist(), found.words.tolist(), found.characters.tolist()) == ([6, 1], [2, 1], [5, 1])


@ARCHITECTURES
def test_the_untrained_twin_is_drawn_by_its_seed(architecture: str) -> None:
    network, units = model(architecture)
    trained = vectors(network, units, ["ab cd"], ALL).vectors
    first, again, other = (
        vectors(untrained_twin(network, seed), units, ["ab cd"], ALL).vectors for seed in (1, 1, 2)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(vectors(network, units, ["ab cd"], ALL).vectors, trained), "the model is as it was"
