"""English words that are two: *we'll*, *don't*, *they've*, *dog's*.

flite's lexicon has some of them without the apostrophe, where *we'll* is *well* and *I'd* is *id*.
"""

from collections.abc import Callable

_SIBILANTS = ("s", "z", "ʃ", "ʒ")
_VOICELESS = ("p", "t", "k", "f", "θ")
_VOWELS = "aæɑɛəɪiɔoʊuʌjw"
_PAST = frozenset(("i", "you", "he", "she", "we", "they", "who"))


def ipa(word: str, read: Callable[[str], str]) -> str | None:
    """Its IPA, or None where it is no contraction; `read` gives that of the word before the apostrophe."""
    head, apostrophe, tail = word.replace("’", "'").rpartition("'")
    if not apostrophe or not head.isalpha():
        return None
    tail = tail.lower()
    if tail == "t" and head.lower().endswith("n") and len(head) > 2:
        return f"{read(head[:-1])}ənt"
    if tail not in _TAILS:
        return None
    base = read(head)
    return _TAILS[tail](head.lower(), base) if base else None


def _s(head: str, base: str) -> str:
    if base.endswith(_SIBILANTS):
        return f"{base}ɪz"
    return f"{base}s" if base.endswith(_VOICELESS) else f"{base}z"


def _d(head: str, base: str) -> str:
    return f"{base}d" if head in _PAST or base[-1] in _VOWELS else f"{base}əd"


_TAILS: dict[str, Callable[[str, str], str]] = {
    "s": _s,
    "d": _d,
    "ll": lambda head, base: f"{base}l" if base[-1] in _VOWELS else f"{base}əl",
    "ve": lambda head, base: f"{base}v" if base[-1] in _VOWELS else f"{base}əv",
    "re": lambda head, base: f"{base}ɹ",
    "m": lambda head, base: f"{base}m",
}
