"""English words in capitals: *NASA* is a word, *FBI* and *DNA* are letters.

CMUdict says which, where it has them; of the rest, those without a vowel are spelled. flite reads all of them
as words: *fbi*, *dnɑ*.
"""

from functools import cache

from isogloss.g2p.engine import cmudict
from isogloss.g2p.engine.epitran_data import read_arpabet
from isogloss.g2p.engine.flite import BackendMissingError

_MOST_LETTERS = 6
_NAMES = {
    "A": "ej", "B": "bi", "C": "si", "D": "di", "E": "i", "F": "ɛf", "G": "d͡ʒi", "H": "ejt͡ʃ",
    "I": "aj", "J": "d͡ʒej", "K": "kej", "L": "ɛl", "M": "ɛm", "N": "ɛn", "O": "ow", "P": "pi",
    "Q": "kju", "R": "ɑɹ", "S": "ɛs", "T": "ti", "U": "ju", "V": "vi", "W": "dʌbəlju", "X": "ɛks",
    "Y": "waj", "Z": "zi",
}  # fmt: skip


def ipa(word: str) -> str | None:
    """A word in capitals as CMUdict has it, or letter by letter; None for any other word."""
    if not (word.isascii() and word.isalpha() and word.isupper() and 2 <= len(word) <= _MOST_LETTERS):
        return None
    if found := _dictionary().get(word.lower()):
        return "".join(_arpabet()[phone.rstrip("012")] for phone in found)
    return "".join(map(_NAMES.__getitem__, word)) if not set(word) & set("AEIOUY") else None


def version() -> str:
    """Of what decides: CMUdict's, "" where it is not installed."""
    return _installed()[0]


def _dictionary() -> dict[str, list[str]]:
    return _installed()[1]


def _installed() -> tuple[str, dict[str, list[str]]]:
    try:
        return cmudict.dictionary()
    except BackendMissingError:
        return "", {}


@cache
def _arpabet() -> dict[str, str]:
    return read_arpabet()
