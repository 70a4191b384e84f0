"""Normalization `standard`: what real texts write and Epitran's maps do not know is folded to what they know.

A fold applies to a language only where its map knows the target and does not know the source, so nothing that
Epitran converts by itself is touched. `docs/g2p.md` gives each fold's argument and what it does to the leak
rate.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping

# Letters that look or sound alike in the Arabic script, but are different code points in the orthographies
# that use it.
_ARABIC = {
    "ی": "ي",  # Farsi yeh
    "ى": "ي",  # alef maksura
    "ک": "ك",  # keheh
    "ہ": "ه",  # heh goal
    "ھ": "ه",  # heh doachashmee, which marks aspiration: a following h is the nearest that the map has
    "ۃ": "ه",  # teh marbuta goal
    "ة": "ه",
    "ي": "ی",
    "ك": "ک",
    "ه": "ہ",
    "ٱ": "ا",
    "ە": "ه",
    "ۓ": "ے",
}
# They become the first of these that the language knows, or ASCII's, which then passes as punctuation.
_APOSTROPHES = "'ʼ’"
_LIKE_APOSTROPHES = "’ʼ‘‛′ʹ´`＇'"
# Joiners, direction marks, soft hyphens: they steer type-setting, not sound, and would split graphemes and
# words.
_INVISIBLE = (
    "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2066\u2067\u2068\u2069\ufeff\u0640"
)
# Letters with a shape of their own: ligatures, Arabic presentation forms, full-width and half-width letters.
# Letters of mathematics and in circles are letters all the same.
_SHAPED = re.compile(
    "[\ufb00-\ufdff\ufe70-\ufefc\uff10-\uffef\u24b6-\u24e9\U0001d400-\U0001d7ff"
    "\u2102\u210a-\u2113\u2115\u2119-\u211d\u2124\u2128\u212a-\u212d\u212f-\u2134\u2139\u213c-\u213f\u2145-\u2149]+"
)
_STRESS_ACCENTS = "\u0300\u0301"  # dictionaries and schoolbooks put them on stressed Cyrillic vowels
_ARABIC_MARKS = "".join(map(chr, [*range(0x064B, 0x0660), 0x0670]))
_LATIN_MARKS = "".join(map(chr, range(0x0300, 0x0370)))
# The French rules know <é>; what <è ê ë> stand for they write <ɛ>, and <ù> is <u>. The Turkish circumflex
# marks a long vowel or a soft consonant, which the map does not write.
_LETTERS: Mapping[str, Mapping[str, str]] = {
    "fra-Latn": {"è": "ɛ", "ê": "ɛ", "ë": "ɛ", "ù": "u", "È": "ɛ", "Ê": "ɛ", "Ë": "ɛ", "Ù": "u"},
    "tur-Latn": {"â": "a", "î": "i", "û": "u", "Â": "a", "Î": "i", "Û": "u"},
}
# Graphemes that a map has forgotten: Hindi has the sign ॉ, and not the letter of the same vowel.
_FORGOTTEN: Mapping[str, Mapping[str, str]] = {"hin-Deva": {"ऑ": "<ons>ɔ"}}
# Turkish, Azeri and Kazakh: capitals of two different letters.
_DOTLESS = {"I": "ı", "İ": "i"}


class Folding:
    """The folds of one language: `table` says what becomes of a code point. Thread-safe."""

    def __init__(self, table: Mapping[str, str]) -> None:
        self._table = {ord(source): target for source, target in table.items()}
        self._folds_ascii = any(code < 0x80 for code in self._table)

    @classmethod
    def of_map(cls, code: str, script: str, letters: Iterable[str], own_rules: bool = False) -> "Folding":
        """The folds of a language (Epitran's code, ISO 15924 script) whose map and rules know `letters`;
        `own_rules` read every letter of the language themselves.
        """
        known = frozenset(letters)
        folds = _typographic(known)
        if script == "Arab":
            folds |= {source: target for source, target in _ARABIC.items() if target in known}
            folds |= dict.fromkeys(_ARABIC_MARKS, "")
        if script == "Cyrl":
            folds |= dict.fromkeys(_STRESS_ACCENTS, "")
        folds = {source: target for source, target in folds.items() if source not in known}
        if not own_rules:
            folds |= _LETTERS.get(code, {})
        return cls(folds | _DOTLESS if "ı" in known else folds)

    @classmethod
    def of_english(cls, backend: str, mended: bool = False) -> "Folding":
        """flite reads a to z: *naïve* is *naive*, which Epitran means to do, and misses.

        Its lexicon has *dont*, *im*, *theyre* and no *don't*, for which its rules give /dɑnt/: apostrophes
        go. Epitran already drops the typographic one. CMUdict has *don't*, and our rules know contractions.
        """
        folds = _typographic(frozenset("'")) | dict.fromkeys(_LATIN_MARKS, "")
        return cls(folds if mended or backend == "cmudict" else folds | dict.fromkeys(_LIKE_APOSTROPHES, ""))

    def apply(self, text: str) -> str:
        """The folded text, NFC."""
        if text.isascii() and not self._folds_ascii:
            return text
        text = _SHAPED.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)
        text = unicodedata.normalize("NFC", text).translate(self._table)
        # Decomposed, so that a mark can go alone; where the map knows a mark, it is not in the table.
        return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).translate(self._table))


def _typographic(known: frozenset[str]) -> dict[str, str]:
    """What every script shares: apostrophes become one, invisible characters go."""
    folds = dict.fromkeys(_INVISIBLE, "")
    apostrophe = next((mark for mark in _APOSTROPHES if mark in known), "'")
    return folds | dict.fromkeys(_LIKE_APOSTROPHES.replace(apostrophe, ""), apostrophe)


def mend_map(code: str, mapping: Mapping[str, str]) -> dict[str, str]:
    """A map without its slips: length written `ː` and not `:`, no dotted circle under a mark, nothing
    forgotten.
    """
    mended = {grapheme: phoneme.replace(":", "ː").replace("◌", "") for grapheme, phoneme in mapping.items()}
    if code == "vie-Latn":
        mended = {grapheme: _with_tone(grapheme, phoneme) for grapheme, phoneme in mended.items()}
    return {**mended, **_FORGOTTEN.get(code, {})}


# Epitran writes the acute and the grave of Vietnamese as the level tone: má, mà and ma are one word.
_VIETNAMESE_TONES = {"\u0301": "˦˥", "\u0300": "˨˩"}


def _with_tone(grapheme: str, phoneme: str) -> str:
    tone = next((_VIETNAMESE_TONES[mark] for mark in _VIETNAMESE_TONES if mark in grapheme), "")
    return phoneme[:-1] + tone if tone and phoneme.endswith("˧") else phoneme


def is_punctuation(character: str) -> bool:
    """Whether Unicode calls it punctuation (P*) or a symbol that is no modifier (Sm, Sc, So)."""
    category = unicodedata.category(character)
    return category[0] == "P" or category in ("Sm", "Sc", "So")


def split_edges(token: str, letters: frozenset[str]) -> tuple[str, str, str]:
    """Punctuation before, the word, punctuation after, so that `#` in a rule is the edge of the word.

    What is among `letters` is none: Swahili writes *ng'*, and the map knows it.
    """
    if token.isalpha():
        return "", token, ""
    start, end = 0, len(token)
    while start < end and is_punctuation(token[start]) and token[start] not in letters:
        start += 1
    while end > start and is_punctuation(token[end - 1]) and token[end - 1] not in letters:
        end -= 1
    return token[:start], token[start:end], token[end:]
