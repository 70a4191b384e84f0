"""Alignment: which letters made which phonemes, monotone and complete whatever made them."""

import random

import pytest

from isogloss.errors import InvalidInput
from isogloss.g2p import convert
from isogloss.g2p.engine import catalog
from isogloss.g2p.engine.converter import Converter, load
from isogloss.g2p.engine.lexicon import of_entries
from isogloss.g2p.engine.options import Options
from isogloss.g2p.v1 import g2p_pb2 as pb

_WORDS = 25
_FROM_RULES = [entry.code for entry in catalog.entries().values() if catalog.has_map(entry)]


def pairs(language: str, word: str, options: Options | None = None) -> str:
    """`ch:ʃ a:a t:` for *chat*: letters and their phonemes."""
    converter = load(language, options or Options("standard"))
    (found,) = converter.words(word)
    return " ".join(f"{word[s.start : s.end]}:{''.join(s.phonemes)}" for s in converter.align(found))


def check(converter: Converter, text: str) -> None:
    """Side by side from the first letter of each word to its last, every phoneme once and in order."""
    for word in converter.words(text):
        spans = converter.align(word)
        assert [spans[0].start, *(span.end for span in spans)] == [
            word.start,
            *(span.start for span in spans[1:]),
            word.end,
        ]
        assert all(span.start < span.end for span in spans)
        assert tuple(phoneme for span in spans for phoneme in span.phonemes) == word.phonemes


@pytest.mark.parametrize(
    ("language", "word", "expected"),
    [
        ("fra", "chat", "ch:ʃ a:a t:"),
        ("fra", "femme", "f:f e:a mm:m e:"),
        ("fra", "blanc", "b:b l:l an:ɑ̃ c:"),
        ("ita", "chiesa", "c:k h: i:j e:ɛ s:z a:a"),
        ("eng", "night", "n:n i:aj g: h: t:t"),
        ("eng", "ship", "sh:ʃ i:ɪ p:p"),
        ("rus", "что", "ч:ʂ т:t о:o"),
        ("hin", "नमस्ते", "न:nə म:mə स्ते:steː"),
        ("kor", "한국", "한:han 국:kuk"),
    ],
)
def test_letters_stand_beside_what_they_are_heard_as(language: str, word: str, expected: str) -> None:
    assert pairs(language, word) == expected


def test_an_entry_of_a_lexicon_is_aligned_as_a_word_of_the_rules() -> None:
    own = of_entries([("gif", "ɡif")])
    assert pairs("fra", "gif", Options("standard", lexicon=own)) == "g:ɡ i:i f:f"


@pytest.mark.parametrize("code", _FROM_RULES)
def test_every_language_is_aligned_completely_and_in_order(code: str) -> None:
    """Invented words of the letters that its map knows, with what texts put around them."""
    converter = load(code, Options("standard"))
    draw = random.Random(code)
    letters = sorted(catalog.rules_of(converter.entry, converter.options).mapping)
    words = ["".join(draw.choices(letters, k=draw.randint(1, 9))) for _ in range(_WORDS)]
    check(
        converter, " ".join([*words, f"«{words[0]}»,", f"{words[1]}-{words[2]}", "x\u0301\u0302", "7", "🙂"])
    )


@pytest.mark.parametrize(
    "options",
    [
        Options("none"),
        Options("standard", notation="x-sampa"),
        Options("standard", notation="arpabet"),
        Options("standard", spell_digits=True),
        Options("standard", segmentation="plain", unmapped="drop", keep_punctuation=False),
    ],
)
def test_english_is_aligned_under_every_option(options: Options) -> None:
    check(
        load("eng", options),
        "We'll thought-out, naïve O'Brien's FBI $5.50 1999 слово a… x" + " " + "ab" * 400,
    )


def test_places_are_those_of_the_text() -> None:
    request = pb.ConvertRequest(language="fra", texts=["🙂 le chat"], words=True, align=True)
    word = convert.respond(request, lambda: None).conversions[0].words[2]
    assert [(span.start, span.end, list(span.phonemes)) for span in word.spans] == [
        (5, 7, ["ʃ"]),
        (7, 8, ["a"]),
        (8, 9, []),
    ]


def test_spans_are_of_words() -> None:
    request = pb.ConvertRequest(language="fra", texts=["chat"], align=True)
    with pytest.raises(InvalidInput, match="align"):
        convert.respond(request, lambda: None)
