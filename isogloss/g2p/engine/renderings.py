"""Renderings: the same words in the forms that a controlled experiment compares, word for word.

    phonemes            what the converter gives: symbols by spaces
    letters             lower case, NFD (Hangul so in jamo): the orthography, with nothing bundled
    romanized           one alphabet without any phonology, by uroman: lower case, NFD
    phonemes_by_script  the phonemes, each tagged with the script of the language: the same units, of which no
                        two scripts share one; punctuation and digits are shared, as in every rendering

Word i of each rendering is word i of the text. Where a rendering has nothing for a word, it is `HOLE`, one
unit that no model knows, and not an empty string that would make the words behind it slip.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache
from importlib import import_module
from typing import Any

from isogloss.errors import InvalidInput
from isogloss.g2p.engine.catalog import Entry
from isogloss.g2p.engine.converter import Converter
from isogloss.g2p.engine.flite import BackendMissingError
from isogloss.g2p.engine.memo import Memo
from isogloss.g2p.engine.options import XPHONEBERT_WORD_SEPARATOR

HOLE = "\ufffd"
PHONEMES, LETTERS, ROMANIZED, BY_SCRIPT = "phonemes", "letters", "romanized", "phonemes_by_script"
RENDERINGS = (PHONEMES, LETTERS, ROMANIZED, BY_SCRIPT)

_CACHED_WORDS = 200_000
_DOTLESS = frozenset(("tur", "aze", "kaz", "crh", "tat"))  # I is the capital of ı, İ of i
_SPACE = re.compile(r"\s+")

Render = Callable[[str], str]


def check(renderings: Iterable[str], field: str = "renderings") -> tuple[str, ...]:
    """The renderings asked for, phonemes alone when none is; `InvalidInput` names one that does not exist."""
    asked = tuple(renderings) or (PHONEMES,)
    for index, name in enumerate(asked):
        if name not in RENDERINGS:
            raise InvalidInput(
                f"{field}[{index}]", f"no rendering {name[:40]!r}", f"Use {', '.join(RENDERINGS)}."
            )
        if name in asked[:index]:
            raise InvalidInput(f"{field}[{index}]", f"{name} is asked for twice", "Name each rendering once.")
    return asked


def renderer(converter: Converter, rendering: str) -> Render:
    """A pure function from a word to its rendering; equal words are rendered once.

    `BackendMissingError` for `romanized` where uroman is not installed.
    """
    make = {
        PHONEMES: lambda: converter.phonemes_of,
        LETTERS: lambda: Memo(letters_of(converter.entry), _CACHED_WORDS).__getitem__,
        ROMANIZED: lambda: Memo(_romanizer(converter.entry), _CACHED_WORDS).__getitem__,
        BY_SCRIPT: lambda: Memo(_tagged(converter), _CACHED_WORDS).__getitem__,
    }
    return make[rendering]()


def render(words: Iterable[str], converter: Converter, rendering: str) -> list[str]:
    """The words in one rendering, as many as there are; `HOLE` for one that it has nothing for."""
    of = renderer(converter, rendering)
    return [of(word) or HOLE for word in words]


def joined(rendering: str, words: Iterable[str]) -> str:
    """Rendered words as one text: letters by white space, symbols by XPhoneBERT's separator."""
    return (" " if rendering in (LETTERS, ROMANIZED) else XPHONEBERT_WORD_SEPARATOR).join(words)


def libraries(renderings: Iterable[str]) -> tuple[str, ...]:
    """What beside the engine can change a rendering, as keys hold it."""
    return ("uroman",) if ROMANIZED in renderings else ()


def letters_of(entry: Entry) -> Render:
    """Lower case, NFD, by the rules of the language: the Turkish I has no dot in lower case either."""
    dotless = entry.code.partition("-")[0] in _DOTLESS and entry.script == "Latn"

    def letters(word: str) -> str:
        if dotless:
            word = unicodedata.normalize("NFC", word).replace("İ", "i").replace("I", "ı")
        return unicodedata.normalize("NFD", word.lower())

    return letters


def _romanizer(entry: Entry) -> Render:
    uroman, language = _uroman(), entry.code.partition("-")[0]

    def romanized(word: str) -> str:
        text = _SPACE.sub("", uroman.romanize_string(word, lcode=language))
        return unicodedata.normalize("NFD", text.lower())

    return romanized


@cache
def _uroman() -> Any:
    """uroman with its tables, which take seconds to read."""
    try:
        return import_module("uroman").Uroman()
    except ModuleNotFoundError:
        raise BackendMissingError(
            "The rendering romanized needs uroman: pip install 'isogloss[renderings]'"
        ) from None


def _tagged(converter: Converter) -> Render:
    tag = f"@{converter.entry.script}"

    def tagged(word: str) -> str:
        symbols = converter.phonemes_of(word).split(" ")
        return " ".join(symbol + tag if any(map(str.isalpha, symbol)) else symbol for symbol in symbols)

    return tagged
