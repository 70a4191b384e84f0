"""What each option does, shown on words."""

from typing import Any

import pytest

from isogloss.errors import InvalidInput
from isogloss.g2p.engine.converter import MAX_WHOLE_STRING, MAX_WORD, Converter, load
from isogloss.g2p.engine.options import Options


def _ipa(language: str, text: str, **options: Any) -> str:
    return load(language, Options(**{"normalization": "none"} | options)).sentence(text).ipa


def test_words_are_converted_one_by_one() -> None:
    """`#` in a rule is the edge of the word in one mode, of the string in the other."""
    assert _ipa("fra", "petit oil") == "pəti waj"
    assert _ipa("fra", "petit oil", mode="whole") == "pətit waj"


def test_sequence_is_the_form_of_xphonebert() -> None:
    converter = load("fra", Options("none"))
    assert converter.sequence("Bonjour le monde") == "b ɔ̃ ʒ u ʀ ▁ l ə ▁ m ɔ̃ d".replace("ɔ̃", "ɔ\u0303")


def test_separators_share_the_words_of_the_default() -> None:
    plain = load("fra", Options("none"))
    other = load("fra", Options("none", phoneme_separator=".", word_separator=" | "))
    assert other.sequence("le monde") == "l.ə | m.ɔ\u0303.d"
    assert other.phonemes_of is plain.phonemes_of


def test_segmentation() -> None:
    assert load("hun", Options("none")).sequence("csend") == "t͡ʃ ɛ n d"
    assert load("hun", Options("none", segmentation="plain")).sequence("csend") == "t͡ ʃ ɛ n d"


def test_punctuation() -> None:
    assert _ipa("ita", "«ciao, bella!»") == "«t͡ʃao, bɛlla!»".replace("bɛlla", _ipa("ita", "bella"))
    assert _ipa("ita", "«ciao», ...", keep_punctuation=False) == "t͡ʃao"


@pytest.mark.parametrize(("policy", "ipa"), [("pass", "漢字"), ("drop", ""), ("mark", "\ufffd\ufffd")])
def test_unmapped(policy: str, ipa: str) -> None:
    assert _ipa("tur", "漢字", unmapped=policy) == ipa


def test_unmapped_as_an_error_names_the_character() -> None:
    with pytest.raises(InvalidInput, match=r"'漢' \(U\+6F22\)"):
        _ipa("tur", "漢字", unmapped="error")


def test_what_a_pre_rule_wrote_is_not_unmapped() -> None:
    """French rules write ʒ, which is not in the French map."""
    assert load("fra", Options("none")).words("jour")[0].unmapped == ()


def test_words_have_offsets_in_code_points() -> None:
    text = "𝕏 le\u00a0monde"
    for word in load("fra", Options("none")).words(text):
        assert text[word.start : word.end] == word.text


@pytest.mark.parametrize(
    ("language", "text", "none", "standard"),
    [
        ("urd", "کی", "کی", "kiː"),  # Urdu letters, of which the map has the Arabic relatives
        ("fin", "tuuli", "tu:li", "tuːli"),  # length as IPA writes it
        ("fin", "EU:n", "eu:n", "eu:n"),  # a colon of the text is none
        ("tur", "Işık", "iʃɯk", "ɯʃɯk"),  # capitals of two letters
        ("ukr", "за́мок", "zɑ́mɔk", "zɑmɔk"),  # accents that mark stress
        ("swa", "ng’ombe", "nɡ’ombe", "ŋombe"),  # the apostrophe that the map knows
        ("fra", "«petit»", "«pətit»", "«pəti»"),  # punctuation is no letter at the edge of a word
        ("fra", "père", "p\u0259\u0300ʀ", "pɛʀ"),  # an accent that no French rule knows
    ],
)
def test_normalization(language: str, text: str, none: str, standard: str) -> None:
    assert _ipa(language, text) == none
    assert _ipa(language, text, normalization="standard") == standard


def test_digits_are_spelled_out_as_words() -> None:
    spelled = load("fra", Options("standard", spell_digits=True))
    assert spelled.sequence("21") == load("fra", Options("standard")).sequence("vingt et un")
    with pytest.raises(InvalidInput, match="spell_digits"):
        load("jpn-Hira", Options("standard", spell_digits=True))


def test_cmudict_only_by_name() -> None:
    dictionary = load("eng", Options("none", backend="cmudict"))
    assert dictionary.backend == "cmudict"
    assert dictionary.sentence("hello").ipa == "həlow"
    assert dictionary.words("qwzt")[0].unmapped == ("q", "w", "z", "t")
    with pytest.raises(InvalidInput, match=r"options\.backend"):
        load("fra", Options("none", backend="cmudict"))


@pytest.mark.parametrize(
    ("text", "mode", "limit"),
    [("a" * (MAX_WORD + 1), "words", MAX_WORD), ("a " * MAX_WHOLE_STRING, "whole", MAX_WHOLE_STRING)],
)
def test_what_takes_time_by_its_square_is_bounded(text: str, mode: str, limit: int) -> None:
    with pytest.raises(InvalidInput, match=str(limit)):
        _ipa("fra", text, mode=mode)


def test_unknown_language_is_told_its_variants() -> None:
    with pytest.raises(InvalidInput, match="fra-Latn"):
        load("fra-Cyrl", Options("none"))


def test_a_long_text_looks_at_the_deadline() -> None:
    class Late(Exception):
        pass

    def late() -> None:
        raise Late

    converter: Converter = load("swa", Options("none"))
    with pytest.raises(Late):
        converter.sequence("moja " * 2000, late)
