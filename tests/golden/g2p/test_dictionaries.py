"""Chinese and Japanese equal Epitran's special classes, on the small dictionaries beside this file."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from epitran.epihan import EpiCanto, Epihan, EpihanTraditional, EpiJpan
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from isogloss.errors import InvalidInput
from isogloss.g2p.engine import catalog
from isogloss.g2p.engine.converter import load
from isogloss.g2p.engine.dictionary import SOURCES, Dictionary, dictionary
from isogloss.g2p.engine.flite import BackendMissingError
from isogloss.g2p.engine.options import Options
from isogloss.g2p.engine.quality import QualityCounter
from isogloss.settings import settings

FOLDER = Path(__file__).parent / "dictionaries"
_EPITRAN = {"cmn-Hans": Epihan, "cmn-Hant": EpihanTraditional, "yue-Hant": EpiCanto, "jpn-Jpan": EpiJpan}


@pytest.fixture(autouse=True, scope="module")
def installed() -> Iterator[None]:
    """The folder set, as an operator sets it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ISOGLOSS_G2P_DICTIONARIES", str(FOLDER))
        settings.cache_clear()
        yield
    settings.cache_clear()
    dictionary.cache_clear()


@pytest.mark.parametrize("code", sorted(SOURCES))
def test_equals_epitran(code: str) -> None:
    """Any string of the dictionary's characters, of what stands between, and of what none has."""
    file = FOLDER / SOURCES[code].file
    ours, theirs = Dictionary(code), _EPITRAN[code](cedict_file=str(file))
    characters = sorted({*file.read_text(encoding="utf-8"), *"，。 xyzABC𰻞"})

    @examples(max_examples=300, deadline=None)
    @given(st.text(st.sampled_from(characters), max_size=30))
    def same(text: str) -> None:
        assert ours.ipa(text) == theirs.transliterate(text)

    same()


@pytest.mark.parametrize(
    ("language", "code", "text"),
    [("cmn", "cmn-Hans", "你好 中国"), ("yue", "yue-Hant", "唔該"), ("jpn", "jpn-Jpan", "日本語")],
)
def test_the_bare_code_is_the_language_in_its_characters(language: str, code: str, text: str) -> None:
    converter = load(language, Options("none"))
    assert (converter.entry.code, converter.backend) == (code, "epitran-dictionary")
    assert SOURCES[code].name in converter.version
    words = converter.words(text)
    assert all(word.ipa and not word.unmapped for word in words)
    assert converter.sequence(text).count("▁") == len(words) - 1


def test_what_is_in_no_dictionary_is_counted_as_a_leak() -> None:
    converter = load("cmn", Options("none"))
    assert converter.words("龘好")[0].unmapped == ("龘",)
    counter = QualityCounter(converter)
    counter.add(["龘好", "好", "ok"])
    assert (counter.result().leaked_tokens, counter.result().foreign_tokens) == (1, 1)


def test_a_backend_of_another_language_is_refused() -> None:
    with pytest.raises(InvalidInput, match="epitran-dictionary"):
        load("cmn", Options("none", backend="flite"))


@pytest.mark.parametrize("code", sorted(SOURCES))
def test_without_the_dictionary_the_error_says_how_to_get_it(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ISOGLOSS_G2P_DICTIONARIES", str(tmp_path))
    settings.cache_clear()
    try:
        with pytest.raises(BackendMissingError, match=f"{SOURCES[code].download}.*ISOGLOSS_G2P_DICTIONARIES"):
            Dictionary(code)
    finally:
        settings.cache_clear()
    assert code in catalog.entries()
