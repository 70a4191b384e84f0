"""The three label schemes on one sentence: `Ada Lovelace wrote`, B-PER I-PER O, read as characters."""

from isogloss.inputs import INPUTS
from isogloss.tasks import TASKS
from services.encoders.targets import EVERY_UNIT, FIRST_UNIT, WORD_MEAN, targets
from services.encoders.units import CodePoints, Encoded, encode

CHARACTERS = INPUTS["character"]

NER = TASKS["ner"]
LABELS = [NER.labels.index(name) for name in ("B-PER", "I-PER", "O")]


def sentence(max_length: int = 50) -> Encoded:
    return encode(CodePoints(CHARACTERS), [["Ab", "Lo", "wr"]], max_length)  # [CLS] A b _ L o _ w r [SEP]


def named(scheme: str, encoded: Encoded) -> list[tuple[list[int], str]]:
    """(positions, class) of each target."""
    found = targets(encoded, LABELS, NER, scheme)
    positions: list[list[int]] = [[] for _ in found.classes]
    for position, group in zip(found.places.positions, found.places.groups, strict=True):
        positions[group].append(position)
    return [(places, NER.labels[number]) for places, number in zip(positions, found.classes, strict=True)]


def test_first_unit() -> None:
    assert named(FIRST_UNIT, sentence()) == [([1], "B-PER"), ([4], "I-PER"), ([7], "O")]


def test_word_mean() -> None:
    assert named(WORD_MEAN, sentence()) == [([1, 2], "B-PER"), ([4, 5], "I-PER"), ([7, 8], "O")]


def test_every_unit_goes_on_inside_and_is_outside_between_words() -> None:
    names = [name for _, name in named(EVERY_UNIT, sentence())]
    assert names == ["O", "B-PER", "I-PER", "O", "I-PER", "I-PER", "O", "O", "O", "O"]


def test_words_that_were_cut_off_have_no_target() -> None:
    cut = sentence(max_length=6)  # [CLS] A b _ L [SEP]
    assert [name for _, name in named(FIRST_UNIT, cut)] == ["B-PER", "I-PER"]
    assert named(WORD_MEAN, cut)[1] == ([4], "I-PER")
