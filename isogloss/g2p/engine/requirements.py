"""Which letters must a text hold so that a pattern can match in it at all?

Most rewrite rules never fire on most words: of French's 49 rules, 2.5 do. A rule whose letters are not in the
word need not be tried. The answer is a list of *clauses*; a text that shares no letter with one of them
cannot be matched. The scanner knows the part of the syntax that Epitran's rules are written in, and for
anything else claims nothing: no clause is always right, a wrong one would be a wrong output.
"""

from dataclasses import dataclass

Clause = frozenset[str]

_OPEN = {"?:": True, "?=": True, "?<=": True, "?!": False, "?<!": False}
_UNKNOWN_ESCAPES = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


class NotUnderstood(Exception):
    """The pattern uses syntax that this scanner does not know."""


@dataclass(frozen=True)
class Analysis:
    """`clauses`: see above.

    `plain`: nothing but letters, classes of letters, groups, `. ^ $` and quantifiers.
    """

    clauses: tuple[Clause, ...]
    plain: bool


def analyze(pattern: str) -> Analysis:
    """The clauses of a pattern that is matched with regard to case."""
    scanner = _Scanner(pattern)
    try:
        clauses = scanner.alternatives()
        if scanner.position < len(pattern):
            raise NotUnderstood(pattern)
    except (NotUnderstood, IndexError):
        return Analysis((), False)
    return Analysis(tuple(dict.fromkeys(clauses)), scanner.plain)


class _Scanner:
    """Recursive descent over the pattern; each method returns the clauses of what it read."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self.position = 0
        self.plain = True

    def alternatives(self) -> list[Clause]:
        """`a|b|c`, up to a closing parenthesis or the end."""
        branches = [self._sequence()]
        while self._peek() == "|":
            self.position += 1
            branches.append(self._sequence())
        if len(branches) == 1:
            return branches[0]
        if not all(branches):  # a branch that needs nothing
            return []
        # One letter of any branch's most selective clause: weaker than the branches, and true.
        return [frozenset().union(*(min(branch, key=len) for branch in branches))]

    def _sequence(self) -> list[Clause]:
        clauses: list[Clause] = []
        while self._peek() not in ("|", ")", ""):
            atom = self._atom()
            if self._quantifier_allows_none():
                continue
            clauses += atom
        return clauses

    def _atom(self) -> list[Clause]:
        character = self._take()
        if character == "(":
            return self._group()
        if character == "[":
            return self._letters_of_class()
        if character == "\\":
            escaped = self._take()
            if escaped in _UNKNOWN_ESCAPES:
                self.plain = False
                if escaped in "pPuUxN":  # take arguments
                    raise NotUnderstood(self._pattern)
                return []
            return [frozenset(escaped)]
        if character in "^$.":
            return []
        if character in "?*+{":
            raise NotUnderstood(self._pattern)
        return [frozenset(character)]

    def _group(self) -> list[Clause]:
        counts = True
        if self._peek() == "?":
            if self._pattern.startswith("?P<", self.position):
                self.position = self._pattern.index(">", self.position) + 1
            else:
                kind = next((kind for kind in _OPEN if self._pattern.startswith(kind, self.position)), None)
                if kind is None:
                    raise NotUnderstood(self._pattern)
                self.plain = self.plain and kind in ("?:", "?=", "?!")
                self.position += len(kind)
                counts = _OPEN[kind]
        clauses = self.alternatives()
        if self._take() != ")":
            raise NotUnderstood(self._pattern)
        return clauses if counts else []

    def _letters_of_class(self) -> list[Clause]:
        start = self.position
        end = self._pattern.index("]", start + 1)
        self.position = end + 1
        letters = self._pattern[start:end]
        if not letters or any(mark in letters for mark in "\\-^[&|~") or letters.startswith("]"):
            self.plain = False
            if "\\" in letters or "[" in letters:  # its end may lie elsewhere
                raise NotUnderstood(self._pattern)
            return []
        return [frozenset(letters)]

    def _quantifier_allows_none(self) -> bool:
        """Read a quantifier, if there is one; whether it lets its atom be absent."""
        quantifier = self._peek()
        if quantifier in ("?", "*", "+"):
            self.position += 1
        elif quantifier == "{":
            end = self._pattern.index("}", self.position)
            bounds = self._pattern[self.position + 1 : end]
            if not bounds.replace(",", "", 1).isdecimal():
                raise NotUnderstood(self._pattern)
            self.position = end + 1
            quantifier = "?" if not bounds.partition(",")[0].strip("0") else "+"
        else:
            return False
        if self._peek() in (
            "?",
            "+",
            "*",
            "{",
        ):  # lazy and possessive ones mean the same here, but are not plain
            self.plain = False
            self.position += 1
        return quantifier != "+"

    def _peek(self) -> str:
        return self._pattern[self.position : self.position + 1]

    def _take(self) -> str:
        character = self._pattern[self.position]
        self.position += 1
        return character
