"""Hangul syllables to compatibility jamo by arithmetic (Unicode, section 3.12), as the `jamo` package gives
them.
"""

import re
import unicodedata

_LEADS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_TAILS = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")
_SYLLABLE = re.compile("[가-힣]")
_FIRST, _LAST = 0xAC00, 0xD7A3
_COMPATIBILITY = range(0x3131, 0x318F)
# Old jamo that the `jamo` package refuses; Epitran then converts the text with its syllables whole.
_REFUSED = re.compile(r"[\uA960-\uA97C\uD7B0-\uD7C6\uD7CB-\uD7FB]")


def to_letters(text: str) -> str:
    """Decompose every syllable; text without one is returned as it is."""
    if not _SYLLABLE.search(text) or _REFUSED.search(text):
        return text
    return text.translate(_TABLE)


class _Table(dict[int, str]):
    """Code point to jamo, filled as syllables are met: a text has hundreds of them, Unicode 11,172."""

    def __missing__(self, code: int) -> str:
        self[code] = decomposed = _decompose(code)
        return decomposed


def _decompose(code: int) -> str:
    if not _FIRST <= code <= _LAST:
        return _CONJOINING.get(code, chr(code))
    lead, rest = divmod(code - _FIRST, 588)
    vowel, tail = divmod(rest, 28)
    return f"{_LEADS[lead]}{_VOWELS[vowel]}{_TAILS[tail]}"


def _conjoining() -> dict[int, str]:
    """Conjoining jamo to the compatibility jamo of the same name."""
    by_name = {unicodedata.name(chr(code)).rpartition(" ")[2]: chr(code) for code in _COMPATIBILITY}
    names = {code: unicodedata.name(chr(code), "").rpartition(" ")[2] for code in range(0x1100, 0x1200)}
    return {code: by_name[name] for code, name in names.items() if name in by_name and name != "FILLER"}


_CONJOINING = _conjoining()
_TABLE = _Table()
