"""The map of a language: graphemes to phonemes, the longest grapheme first, letters that are in no map passed
on.

Epitran matches one alternation of all graphemes, case-insensitively, at the head of a string that it then
shortens: quadratic. Here each character is translated by table after the graphemes of several letters have
been given a placeholder each. What the case-insensitive match would do beyond that (`E`, made by a rule,
matches `e`, is not in the map, and passes) is left to the same alternation as Epitran's, and only texts with
such a character are given to it.
"""

import re
from collections.abc import Callable, Iterable, Mapping

import regex

_PLACEHOLDERS = range(
    0xE000, 0xF900
)  # private use: no map has them, and a text that has them takes the slow way


class Graphemes:
    """One language's map.

    Raises `ValueError` for more graphemes of several letters than there are placeholders.
    """

    def __init__(self, mapping: Mapping[str, str]) -> None:
        several = [grapheme for grapheme in mapping if len(grapheme) > 1]
        if len(several) > len(_PLACEHOLDERS):
            raise ValueError(
                f"{len(several)} graphemes of several letters; {len(_PLACEHOLDERS)} can be handled"
            )
        placeholders = dict(zip(several, map(chr, _PLACEHOLDERS), strict=False))
        self._mapping = mapping
        self._placeholder = lambda match: placeholders[match[0]]
        self._several = re.compile(_as_tree(several)) if several else None
        self._table = {ord(key): mapping[key] for key in mapping if len(key) == 1}
        self._table |= {ord(sign): mapping[key] for key, sign in placeholders.items()}
        self._exact = regex.compile(f"({_longest_first(mapping)})", regex.I)
        self._plain = _PlainCharacters(mapping)

    def to_phonemes(self, text: str) -> str:
        """The text with its graphemes replaced."""
        if not self._plain.all(text):
            return str(self._exact.sub(self._as_epitran, text))
        if self._several is not None:
            text = self._several.sub(self._placeholder, text)
        return text.translate(self._table)

    def to_phonemes_with(self, text: str, uncovered: Callable[[str], str]) -> str:
        """The same, with `uncovered` deciding what becomes of each character that no grapheme covers."""
        out: list[str] = []
        at = 0
        for match in self._exact.finditer(text):
            out += map(uncovered, text[at : match.start()])
            out.append(self._as_epitran(match))
            at = match.end()
        out += map(uncovered, text[at:])
        return "".join(out)

    def _as_epitran(self, match: "regex.Match[str]") -> str:
        source = match[0]
        return self._mapping.get(source, source)


def _longest_first(graphemes: Iterable[str]) -> str:
    return "|".join(re.escape(key) for key in sorted(graphemes, key=len, reverse=True))


def _as_tree(graphemes: Iterable[str]) -> str:
    """A pattern for the longest of some strings that share their beginnings."""
    tails: dict[str, list[str]] = {}
    for grapheme in graphemes:
        tails.setdefault(grapheme[0], []).append(grapheme[1:])
    branches = []
    for first, rests in tails.items():
        longer = [rest for rest in rests if rest]
        branch = re.escape(first)
        if longer:
            branch += f"(?:{_as_tree(longer)})" + ("?" if "" in rests else "")
        branches.append(branch)
    return "|".join(branches)


class _PlainCharacters(dict[str, bool]):
    """For each character, whether matching with and without regard to case is the same to a map.

    It is not where the map has the character in another case only: `E`, written by a rule, for `e`. For
    single letters that makes no difference, since a match that is not in the map passes; in longer graphemes
    it does. A longer grapheme that holds a sign without case, such as `<tS>`, is told by that sign, which
    texts seldom have.
    """

    def __init__(self, mapping: Mapping[str, str]) -> None:
        self._telling: set[str] = set()
        self._of_several: dict[str, set[str]] = {}  # letters of longer graphemes, by case class
        for grapheme in mapping:
            if len(grapheme) == 1 or grapheme == grapheme.upper() == grapheme.lower():
                continue
            uncased = next((letter for letter in grapheme if letter.upper() == letter.lower()), None)
            mixed = any(letter != letter.lower() for letter in grapheme)
            if mixed and uncased is not None:
                self._telling.add(uncased)
                continue
            for letter in grapheme:
                self._of_several.setdefault(_case_class(letter), set()).add(letter)
        self._plain: set[str] = set()

    def all(self, text: str) -> bool:
        """Whether all characters of a text are plain."""
        return self._plain.issuperset(text) or all(map(self.__getitem__, text))

    def __missing__(self, character: str) -> bool:
        self[character] = plain = self._is_plain(character)
        if plain:
            self._plain.add(character)
        return plain

    def _is_plain(self, character: str) -> bool:
        if ord(character) in _PLACEHOLDERS or character in self._telling:
            return False
        return not self._of_several.get(_case_class(character), set()) - {character}


def _case_class(character: str) -> str:
    """Characters that `regex.I` takes for each other are in the same class (which may hold a few more)."""
    return character.upper().lower()
