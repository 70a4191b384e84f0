"""Renderings: the same words in every form, word for word, and no unit shared where none may be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isogloss.errors import InvalidInput
from isogloss.g2p.engine.converter import load
from isogloss.g2p.engine.options import Options
from isogloss.g2p.engine.renderings import HOLE, RENDERINGS, check, joined, render


def _rendered(language: str, rendering: str, words: list[str]) -> list[str]:
    return render(words, load(language, Options(normalization="none")), rendering)


def test_letters_are_lower_case_decomposed_and_jamo() -> None:
    assert _rendered("fra", "letters", ["Été"]) == ["e\u0301te\u0301"]
    assert _rendered("kor", "letters", ["한"]) == ["\u1112\u1161\u11ab"]
    assert _rendered("tur", "letters", ["IRMAK", "İstanbul"]) == ["ırmak", "istanbul"]


@pytest.mark.parametrize(
    ("language", "word", "romanized"),
    [("rus", "Привет", "privet"), ("kor", "안녕하세요", "annyeonghaseyo"), ("hin", "नमस्ते", "namaste")],
)
def test_romanized_is_one_alphabet(language: str, word: str, romanized: str) -> None:
    assert _rendered(language, "romanized", [word]) == [romanized]


def test_phonemes_by_script_are_the_phonemes_and_shared_by_no_two_scripts() -> None:
    assert _rendered("rus", "phonemes", ["там"]) == ["t a m"]
    russian = _rendered("rus", "phonemes_by_script", ["там,"])[0].split()
    italian = _rendered("ita", "phonemes_by_script", ["tam,"])[0].split()
    assert [unit.partition("@")[0] for unit in russian] == [unit.partition("@")[0] for unit in italian]
    assert set(russian) & set(italian) == {","}


def test_a_word_that_a_rendering_has_nothing_for_is_a_hole() -> None:
    assert _rendered("fra-Latn-p", "phonemes", ["elle", "est", "ici"])[1] == HOLE


@given(st.lists(st.text(min_size=1).filter(lambda text: text.split() == [text]), max_size=5))
def test_as_many_words_as_were_given_and_each_one_word_of_the_joined_text(words: list[str]) -> None:
    for rendering in ("letters", "phonemes", "phonemes_by_script"):
        rendered = _rendered("ita", rendering, words)
        assert len(rendered) == len(words)
        assert all(rendered)
        separator = " " if rendering == "letters" else " ▁ "
        if words and not any("▁" in word for word in words):
            assert len(joined(rendering, rendered).split(separator)) == len(words)


def test_no_rendering_means_phonemes_and_a_wrong_one_is_named() -> None:
    assert check([]) == ("phonemes",)
    assert check(RENDERINGS) == RENDERINGS
    with pytest.raises(InvalidInput, match=r"renderings\[1\]: no rendering 'latin'"):
        check(["letters", "latin"])
    with pytest.raises(InvalidInput, match=r"renderings\[1\]: letters is asked for twice"):
        check(["letters", "letters"])
