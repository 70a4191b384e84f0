"""Segmentation equals that of the `segments` package wherever that has an answer."""

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from segments import Tokenizer

from isogloss.g2p.engine.segmentation import ipa, plain

_TOKENIZER = Tokenizer()
_IPA = "aeiouəɛɔbdkɡtʃʒszʁnŋlʎ"
_MARKS = "ˈˌːˑʰʷʲˀ˥˩˧̃̈̊̚͜͡ ̪̥"
_WORDS = st.text(st.one_of(st.sampled_from(_IPA), st.sampled_from(_MARKS), st.characters()), max_size=12)


@given(_WORDS)
@example("ˈt͡ʃaːʰn̪")
@example("˥˩a")
@example("ʰ")
@settings(max_examples=1500, deadline=None)
def test_equals_segments(text: str) -> None:
    for word in text.split():
        assert plain(word) == _TOKENIZER.grapheme_clusters(unicodedata.normalize("NFD", word))
        try:
            expected = _TOKENIZER.combine_modifiers(plain(word))
        except IndexError:  # its answer to a tie bar at the end, and to nothing but marks
            assert "".join(ipa(word))
            continue
        assert ipa(word) == expected


@pytest.mark.parametrize(
    ("word", "phonemes"),
    [
        ("ˈhɛˌloʊ", "ˈh ɛ ˌl o ʊ"),
        ("t͡ʃaːʰn̪", "t͡ʃ aːʰ n̪"),
        ("ma˥˩", "m a ˥˩"),
        ("t͡", "t͡"),
        ("ʰʷ", "ʰʷ"),
        ("", ""),
    ],
)
def test_marks_stay_with_their_letter(word: str, phonemes: str) -> None:
    assert ipa(word) == [unicodedata.normalize("NFD", phoneme) for phoneme in phonemes.split()]
