"""Which letters made which phonemes.

A word and its phonemes are cut into pairs, from left to right, so that every letter and every phoneme is in
one of them: the cheapest path (dynamic programming), where a pair costs little if its letters, read alone,
give its phonemes. It is the same for rules, lexicons and English, since it looks at what was written and
what was said, and not at how; a rule that moves a sound past another therefore gives one pair for both. A
letter that is not heard is a pair without phonemes."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import regex

_CLUSTERS = regex.compile(r"\X").finditer
_MOST_LETTERS = 3  # of one pair
_MOST_PHONEMES = 4
_MOST_CELLS = 6_000  # letters times phonemes; what is longer is one pair
_SILENT, _SILENT_MARK, _UNKNOWN = 0.15, 0.05, 1.0
# What joining costs, so that pairs are as small as they can be: less for a letter that is doubled.
_JOINED, _DOUBLED, _MORE_PHONEMES = (0.0, 0.3, 0.5), 0.05, 0.2
_VOWELS = frozenset("aeiouyøœɶɑɒæɐəɘɛɜɞɪɨɯɵɤʉʊʌʏɔjwɥ")
_CHANGED = {(True, True): 0.5, (False, False): 0.9, (True, False): 1.4, (False, True): 1.4}

_AFFRICATE = regex.compile(".[\u0361\u035c](.)")

Alone = Callable[[str], str]


@dataclass(frozen=True)
class Span:
    """Letters `start` to `end`, in code points, and what they are heard as; () when they are silent."""

    start: int
    end: int
    phonemes: tuple[str, ...]


def align(
    word: str, phonemes: Sequence[str], alone: Alone, sounds: Sequence[str] | None = None
) -> tuple[Span, ...]:
    """The spans of a word, which begin and end where it does and lie side by side.

    `alone` gives the IPA of some letters by themselves; `sounds` is the IPA of each phoneme where
    `phonemes` are spelled otherwise. A word without a letter has no span."""
    letters = [match[0] for match in _CLUSTERS(word)]
    if not letters:
        return ()
    heard = [_signs(sound) for sound in (phonemes if sounds is None else sounds)]
    if len(letters) * len(heard) > _MOST_CELLS or any(map(str.isdigit, word)):
        return (Span(0, len(word), tuple(phonemes)),)
    spans = []
    start = said = 0
    for taken, made in _cheapest(letters, heard, alone):
        end = start + sum(map(len, letters[:taken]))
        spans.append(Span(start, end, tuple(phonemes[said : said + made])))
        letters, start, said = letters[taken:], end, said + made
    return tuple(spans)


def _cheapest(letters: Sequence[str], heard: Sequence[str], alone: Alone) -> list[tuple[int, int]]:
    """How many letters and phonemes each pair takes."""
    rows, columns = len(letters), len(heard)
    most = max(_MOST_PHONEMES, -(-columns // rows) + 1)
    read = {
        (at, size): _signs(alone("".join(letters[at : at + size])))
        for at in range(rows)
        for size in range(1, min(_MOST_LETTERS, rows - at) + 1)
    }
    costs = {(0, 0): (0.0, (0, 0))}
    for row in range(rows):
        for column in range(columns + 1):
            if (row, column) not in costs:
                continue
            before = costs[row, column][0]
            for taken in range(1, min(_MOST_LETTERS, rows - row) + 1):
                for made in range(
                    min(most, columns - column) + 1 if taken < 3 else min(2, columns - column + 1)
                ):
                    if not made and taken > 1:
                        continue
                    said = "".join(heard[column : column + made])
                    cost = before + _cost(read[row, taken], said, letters[row : row + taken], made)
                    there = row + taken, column + made
                    if there not in costs or cost < costs[there][0]:
                        costs[there] = cost, (taken, made)
    at, path = (rows, columns), []
    while at != (0, 0):
        step = costs[at][1]
        path.append(step)
        at = at[0] - step[0], at[1] - step[1]
    return path[::-1]


def _cost(read: str, said: str, letters: Sequence[str], made: int) -> float:
    if not made:
        return _SILENT_MARK if not read or not letters[0][0].isalpha() else _SILENT
    doubled = len(letters) > 1 and len(set(letters)) == 1
    joined = _DOUBLED if doubled else _JOINED[len(letters) - 1]
    return (
        joined
        + _MORE_PHONEMES * (made - 1)
        + (_difference(read, said) if read else _UNKNOWN * max(len(letters), made))
    )


@lru_cache(50_000)
def _difference(read: str, said: str) -> float:
    """Edit distance, in which a vowel or glide for another is cheaper than for a consonant."""
    above = [float(column) for column in range(len(said) + 1)]
    for row, sign in enumerate(read, start=1):
        diagonal, above[0] = above[0], float(row)
        for column, wanted in enumerate(said, start=1):
            changed = 0.0 if sign == wanted else _CHANGED[sign in _VOWELS, wanted in _VOWELS]
            cost = min(diagonal + changed, above[column] + 0.8, above[column - 1] + 0.8)
            diagonal, above[column] = above[column], cost
    return above[-1]


@lru_cache(50_000)
def _signs(ipa: str) -> str:
    """The letters of IPA without marks, length and stress; an affricate is its fricative."""
    decomposed = _AFFRICATE.sub(r"\1", unicodedata.normalize("NFD", ipa))
    return (
        "".join(sign for sign in decomposed if sign.isalpha() and unicodedata.category(sign) != "Lm") or ipa
    )


# What English letters mostly stand for: flite reads one alone by its name.
ENGLISH = {
    "a": "æ", "b": "b", "c": "k", "d": "d", "e": "ɛ", "f": "f", "g": "ɡ", "h": "h", "i": "ɪ", "j": "d͡ʒ",
    "k": "k",
    "l": "l", "m": "m", "n": "n", "o": "ɑ", "p": "p", "q": "k", "r": "ɹ", "s": "s", "t": "t", "u": "ʌ",
    "v": "v",
    "w": "w", "x": "ks", "y": "i", "z": "z", "ch": "t͡ʃ", "ck": "k", "dge": "d͡ʒ", "gh": "", "kn": "n",
    "ng": "ŋ",
    "ph": "f", "qu": "kw", "sh": "ʃ", "tch": "t͡ʃ", "th": "θ", "wh": "w", "wr": "ɹ", "ai": "ej", "ay": "ej",
    "ea": "i", "ee": "i", "ei": "ej", "ey": "i", "ie": "i", "igh": "aj", "oa": "ow", "oi": "ɔj", "oo": "u",
    "ou": "aw", "ow": "ow", "oy": "ɔj", "au": "ɔ", "aw": "ɔ", "ew": "u", "er": "ɹ", "ir": "ɹ", "ur": "ɹ",
    "or": "ɔɹ",
    "ar": "ɑɹ", "ti": "ʃ", "ci": "ʃ", "si": "ʒ", "bb": "b", "cc": "k", "dd": "d", "ff": "f", "gg": "ɡ",
    "ll": "l",
    "mm": "m", "nn": "n", "pp": "p", "rr": "ɹ", "ss": "s", "tt": "t", "zz": "z", "le": "əl", "nk": "ŋk",
    "wor": "wɹ",
}  # fmt: skip
