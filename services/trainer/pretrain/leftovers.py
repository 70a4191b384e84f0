"""Renderings that left letters as they were: phonemes that are none, Latin text that is not Latin."""

import unicodedata

import numpy as np

from isogloss.errors import InvalidInput
from services.trainer.pretrain.corpus import Corpus

MOST = 0.05  # of a language's letters
_CHECKED = {"phoneme", "phoneme_by_script", "romanized"}
# What the International Phonetic Alphabet has beside a to z and the blocks of IPA and of modifiers.
_IPA = frozenset("æðøħŋœβθχçǀǁǂǃʔᵻⱱ")


def check(corpus: Corpus) -> None:
    """Raise `InvalidInput` where over 5 % of a language's letters are no phonemes, or not Latin."""
    for name in sorted(_CHECKED & corpus.readings.keys()):
        for language, share in shares(corpus, name).items():
            if share > MOST:
                problem = f"{100 * share:.1f} % of the letters are left unconverted as {name}"
                fix = f"At most {100 * MOST:.0f} % may be: add rules for them, or leave {language} out."
                raise InvalidInput(f"corpora[{language}]", problem, fix)


def shares(corpus: Corpus, name: str) -> dict[str, float]:
    """By language the share of units with letters that are none of the rendering's alphabet."""
    reading = corpus.readings[name]
    is_left = np.array([_left(unit, name) for unit in reading.inventory])
    is_letter = np.array([any(map(str.isalpha, unit)) for unit in reading.inventory])
    left, letters = (
        np.add.reduceat(flags[reading.units].astype(np.int64), reading.starts[:-1])[reading.types]
        for flags in (is_left, is_letter)
    )
    sums = [
        (left[a:b].sum(), letters[a:b].sum()) for a, b in zip(corpus.bounds, corpus.bounds[1:], strict=False)
    ]
    return {
        language: float(wrong / max(1, total))
        for language, (wrong, total) in zip(corpus.languages, sums, strict=True)
    }


def _left(unit: str, name: str) -> bool:
    text = unit.split("@")[0] if name == "phoneme_by_script" else unit
    letters = [c for c in unicodedata.normalize("NFC", text) if c.isalpha()]
    if name == "romanized":
        return any(not c.isascii() for c in letters)
    return any(not _is_ipa(c) for c in letters)


def _is_ipa(letter: str) -> bool:
    code = ord(letter)
    if "a" <= letter <= "z" or letter in _IPA or 0x250 <= code <= 0x2FF or 0x1D00 <= code <= 0x1DBF:
        return True
    decomposed = unicodedata.normalize("NFD", letter)
    return (
        len(decomposed) > 1 and decomposed[1] in "\u0303\u0325\u0329\u030a\u0308" and _is_ipa(decomposed[0])
    )
