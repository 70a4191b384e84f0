"""Any text at all: no crash, a bounded time, and a refusal that names the limit."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isogloss.clients.g2p import G2PClient
from isogloss.errors import InvalidInput
from isogloss.g2p.engine.converter import load
from isogloss.g2p.engine.options import Options
from tests.paper_languages import PAPER_LANGUAGES

ANYTHING = st.text(st.characters(), max_size=80)  # lone surrogates, controls and NUL included
# White space that bytes are not cut at among it.
ONE_LINE = st.text(
    st.characters(codec="utf-8", exclude_characters="\n") | st.sampled_from(" \t\r\x1c\x85\xa0\u2028\u3000"),
    max_size=80,
)
CODES = st.sampled_from(PAPER_LANGUAGES)


@settings(max_examples=400, deadline=None)
@given(text=ANYTHING, code=CODES, normalization=st.sampled_from(["none", "standard"]))
def test_any_text_is_converted_and_offsets_hold(text: str, code: str, normalization: str) -> None:
    converter = load(code, Options(normalization=normalization))  # type: ignore[arg-type]
    sentence = converter.sentence(text)
    assert sentence.sequence.replace(" ▁ ", " ").split(" ") == list(sentence.phonemes or [""])
    words = converter.words(text)
    assert [word.text for word in words] == text.split()
    assert all(text[word.start : word.end] == word.text for word in words)


@settings(max_examples=200, deadline=None)
@given(
    texts=st.lists(ONE_LINE, min_size=1, max_size=5),
    code=CODES,
    mode=st.sampled_from(["words", "whole"]),
)
def test_joined_texts_are_converted_as_texts_are(texts: list[str], code: str, mode: str) -> None:
    """Byte by byte or letter by letter: the same words, whatever white space is between them."""
    converter = load(code, Options(normalization="none", mode=mode))  # type: ignore[arg-type]
    encoded = converter.encoded_sequences("\n".join(texts).encode().split(b"\n"))
    assert b"\n".join(encoded).decode().split("\n") == converter.sequences(texts)


@pytest.mark.parametrize("code", PAPER_LANGUAGES)
@pytest.mark.parametrize(
    "text",
    ["a" + "\u0301" * 990, "\0" * 900, "שלום " * 500, "ab" * 480, "가" * 900, "é" * 900, "<tS>" * 200],
    ids=["combining marks", "NUL", "right to left", "one long word", "syllables", "vowels", "signs"],
)
def test_hostile_texts_take_a_bounded_time(code: str, text: str) -> None:
    converter = load(code, Options(normalization="none"))
    start = time.process_time()
    converter.sentence(text)
    assert time.process_time() - start < 2.0


@pytest.mark.parametrize("text", ["x" * 2**20, "\u0301" * 100_001], ids=["1 MB without a space", "10⁵ marks"])
def test_the_oversize_is_refused_and_the_limit_named(g2p_address: str, text: str) -> None:
    with G2PClient(g2p_address) as g2p:
        with pytest.raises(InvalidInput, match=r"Send 1(00)?000 "):
            g2p.convert(text, "fra")
        assert g2p.convert("Bonjour", "fra").ipa == "bɔ̃ʒuʀ"


@pytest.mark.parametrize("code", ["eng", "fra", "rus", "kor", "urd"])
def test_time_grows_with_the_length(code: str) -> None:
    """Running text: from 64 to 64,000 characters, the time per character stays where it is."""
    words = {"eng": "the quick brown fox", "fra": "le vif renard brun", "rus": "съешь ещё этих булок"}
    phrase = words.get(code, "다람쥐 헌 쳇바퀴에" if code == "kor" else "یہ کتاب ہے اور")

    def per_character(length: int) -> float:
        text = (phrase + " ") * (length // (len(phrase) + 1))
        converter = load(code, Options(normalization="none"))
        converter.sequence(phrase)
        best = min(_cpu(lambda: converter.sequence(text)) for _ in range(5))
        return best / len(text)

    assert per_character(64_000) < 3 * per_character(64)


def _cpu(call: object) -> float:
    start = time.process_time()
    call()  # type: ignore[operator]
    return time.process_time() - start
