"""Epitran's rule files (`a -> b / X _ Y`), compiled.

What `epitran.rules.Rules` does, and its quirks, are kept: context is consumed by a match (so contexts do not
overlap), `#` is the edge of the string, `0` is nothing, and each rule fires at most 32 times a call, since
Epitran passes `re.U` (32) where `sub` takes a count.

What is added is not trying. A word of ten letters can fire few of up to ninety rules, and which ones is
decided by the characters in it: each character has a bit mask of the rules whose conditions it satisfies, the
masks of a word's characters are joined, and only the rules left are tried (`requirements`).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import regex

from isogloss.g2p.engine.epitran_data import DataError
from isogloss.g2p.engine.requirements import analyze

_MOST_FIRINGS = int(regex.U)  # 32
_RULE = re.compile(r"(\S+)\s*->\s*(\S+)\s*/\s*(\S*)\s*[_]\s*(\S*)")
_SYMBOL = re.compile(r"::\w+::")
_DEFINITION = re.compile(r"(::\w+::)\s*=\s*(.+)")
_METATHESIS = re.compile(r"[?]P[<]sw1[>].+[?]P[<]sw2[>]")
_LITERAL = re.compile(r"[^\\.^$*+?{}()\[\]|]*")
_CLAUSES = 4  # conditions kept per rule; more cost more than they save


@dataclass(frozen=True)
class Rule:
    """One rule: `apply(text)` is the text after it; the conditions say when it cannot differ."""

    source: str
    apply: Callable[[str], str]
    clauses: tuple[frozenset[str], ...]
    needle: str
    adds: frozenset[str]  # characters that firing may bring into the text


def read(lines: Iterable[str]) -> list[Rule]:
    """Compile the lines of a rule file; `DataError` names the line that cannot be."""
    symbols: dict[str, str] = {}
    rules = []
    for line in lines:
        definition = _DEFINITION.match(line)
        if definition:
            symbols[definition.group(1)] = definition.group(2)
        else:
            rules.append(replace(_compile(_expand(line, symbols)), source=line))
    return rules


def _expand(line: str, symbols: dict[str, str]) -> str:
    while found := _SYMBOL.search(line):
        if found.group() not in symbols:
            raise DataError(f"rule {line!r}: {found.group()} is not defined")
        line = line.replace(found.group(), symbols[found.group()])
    return line


def _compile(line: str) -> Rule:
    parts = _RULE.match(line)
    if parts is None:
        raise DataError(f"rule {line!r} cannot be read")
    a, b, left, right = parts.groups()
    left, right = left.replace("#", "^"), right.replace("#", "$")
    a, b = a.replace("0", ""), b.replace("0", "")
    needle = _needle(left, a, right)
    if _METATHESIS.search(a):
        pattern = f"(?P<X>{left}){a}(?P<Y>{right})"
        return _substituting(line, pattern, _swapped, "", "")
    pattern = f"(?P<X>{left})(?P<a>{a})(?P<Y>{right})"
    if a and needle == left + a + right:
        clauses = tuple(frozenset(letter) for letter in dict.fromkeys(needle))
        return Rule(line, _replace(needle, left + b + right), clauses[:_CLAUSES], needle, frozenset(b))

    def rewritten(match: Any) -> str:
        return f"{match['X']}{b}{match['Y']}"

    return _substituting(line, pattern, rewritten, needle, b)


def _needle(left: str, a: str, right: str) -> str:
    """A string that stands in every match: the letters themselves, with as much of their context as is
    letters.
    """
    if not _LITERAL.fullmatch(a):
        return ""
    return (left if _LITERAL.fullmatch(left) else "") + a + (right if _LITERAL.fullmatch(right) else "")


def _substituting(line: str, pattern: str, rewritten: Callable[[Any], str], needle: str, adds: str) -> Rule:
    analysis = analyze(pattern)
    # Where both engines mean the same, the standard library's is several times faster on short strings.
    engine: Any = re if analysis.plain else regex
    try:
        compiled = engine.compile(pattern)
    except (re.error, regex.error) as error:
        raise DataError(f"rule {line!r}: {error}") from error
    clauses = sorted(analysis.clauses, key=lambda clause: (len(clause), sorted(clause)))
    return Rule(line, _substitute(compiled, rewritten), tuple(clauses[:_CLAUSES]), needle, frozenset(adds))


def _swapped(match: Any) -> str:
    return "".join(match[name] or "" for name in ("X", "sw2", "sw1", "Y"))


def _replace(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new, _MOST_FIRINGS)


def _substitute(pattern: Any, rewritten: Callable[[Any], str]) -> Callable[[str], str]:
    search, sub = pattern.search, pattern.sub

    def apply(text: str) -> str:
        return sub(rewritten, text, count=_MOST_FIRINGS) if search(text) else text

    return apply


class Cascade:
    """The rules of one file, applied in order."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._steps = [(rule.apply, rule.needle) for rule in rules]
        self._sources = [rule.source for rule in rules]
        self._size = len(rules)
        self._always = 0  # per clause, the rules that have no such clause
        # Per character, the clauses that it satisfies, `_size` bits a clause.
        self._masks: dict[str, int] = {}
        for index, rule in enumerate(rules):
            for number in range(_CLAUSES):
                bit = 1 << (number * self._size + index)
                if number >= len(rule.clauses):
                    self._always |= bit
                    continue
                for character in rule.clauses[number]:
                    self._masks[character] = self._masks.get(character, 0) | bit
        self._added = [self._mask(rule.adds) for rule in rules]

    def apply(self, text: str) -> str:
        """The text after all rules."""
        if not self._size:
            return text
        mask = self._always | self._mask(text if len(text) < 64 else set(text))
        left = self._satisfied(mask)
        while left:
            lowest = left & -left
            index = lowest.bit_length() - 1
            left ^= lowest
            apply, needle = self._steps[index]
            if needle not in text:
                continue
            after = apply(text)
            if after != text:
                text = after
                mask |= self._added[index]  # a superset of what is in the text now, which is enough
                left = self._satisfied(mask) & -(lowest << 1)  # of the rules that follow
        return text

    def trace(self, text: str) -> Iterator[tuple[str, str]]:
        """Each rule that changes the text, as its line, and the text after it."""
        for (apply, _), source in zip(self._steps, self._sources, strict=True):
            after = apply(text)
            if after != text:
                text = after
                yield source, text

    def _mask(self, characters: Iterable[str]) -> int:
        get, mask = self._masks.get, 0
        for character in characters:
            mask |= get(character, 0)
        return mask

    def _satisfied(self, mask: int) -> int:
        """The rules all of whose clauses are satisfied, as bits."""
        size = self._size
        return mask & (mask >> size) & (mask >> 2 * size) & (mask >> 3 * size) & ((1 << size) - 1)
