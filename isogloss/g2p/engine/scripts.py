"""Scripts: which letters of a text are of a language's own, and which are of another's."""

from collections.abc import Callable, Iterable
from functools import cache

import regex

# ISO 15924 names ways of writing; Unicode gives a character one script (annex 24).
_SCRIPTS = {"Hans": ("Hani",), "Hant": ("Hani",), "Jpan": ("Hani", "Hira", "Kana"), "Aran": ("Arab",)}


def unicode_scripts(script: str) -> tuple[str, ...]:
    """Unicode's names of what ISO 15924 calls `script`."""
    return _SCRIPTS.get(script, (script,))


@cache
def matcher(script: str) -> Callable[[str], object]:
    """Whether a character is a letter of a script, or a mark."""
    scripts = "".join(rf"\p{{Script={name}}}" for name in unicode_scripts(script))
    return regex.compile(rf"[{scripts}\p{{M}}]").match


class Foreign:
    """Splits words into runs of the language's own characters and runs of letters of other scripts.

    What is among `known` is the language's own, whatever its script.
    """

    def __init__(self, script: str, known: Iterable[str]) -> None:
        scripts = "".join(rf"\p{{Script={name}}}" for name in unicode_scripts(script))
        own = "".join(regex.escape(letter) for letter in sorted(known) if letter.isalpha())
        others = rf"\p{{L}}--[{scripts}\p{{Script=Common}}\p{{Script=Inherited}}{own}]"
        self._runs = regex.compile(rf"(?V1)([{others}][[{others}]\p{{M}}]*)")
        self._has_none = str.isascii if script == "Latn" else str.isdecimal

    def split(self, word: str) -> list[str]:
        """Own, foreign, own, …: those at odd places are foreign; a word of one's own is alone."""
        return [word] if self._has_none(word) else self._runs.split(word)


@cache
def script_of(character: str) -> str:
    """ISO 15924 of the first letter's script, of those that have languages here; "" for another."""
    for script in _LISTED:
        if regex.match(rf"\p{{Script={script}}}", character):
            return script
    return ""


_LISTED = (
    "Latn", "Cyrl", "Grek", "Arab", "Hebr", "Deva", "Beng", "Guru", "Gujr", "Orya", "Taml", "Telu", "Knda",
    "Mlym",
    "Sinh", "Thai", "Laoo", "Tibt", "Mymr", "Geor", "Armn", "Ethi", "Khmr", "Mong", "Hang", "Hani", "Hira",
    "Kana",
    "Bopo", "Cher", "Thaa", "Syrc", "Tfng", "Lisu", "Copt", "Goth",
)  # fmt: skip
