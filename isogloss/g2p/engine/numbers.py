"""Numbers as words: num2words2 (LGPL, Rust), and for Urdu, whose numbers below a hundred it puts together of
tens and units as no speaker does, a table of our own.

The languages below are those whose numbers num2words2 has in the language and in its usual script. Where it
lacks one it answers in a neighbour's language (Hausa for Hakka), so what is not listed is not asked for.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib import util
from pathlib import Path
from typing import Any

from isogloss.g2p.engine.flite import BackendMissingError

# Epitran's language and script to num2words2's names.
_NAMES = {
    "afr-Latn": "af", "amh-Ethi": "am", "ara-Arab": "ar", "aze-Latn": "az", "bel-Cyrl": "be",
    "ben-Beng": "bn", "bos-Latn": "bs", "bul-Cyrl": "bg", "cat-Latn": "ca", "ces-Latn": "cs",
    "cym-Latn": "cy", "dan-Latn": "da", "deu-Latn": "de", "ell-Grek": "el", "eng-Latn": "en",
    "epo-Latn": "eo", "est-Latn": "et", "eus-Latn": "eu", "fas-Arab": "fa", "fin-Latn": "fi",
    "fra-Latn": "fr", "glg-Latn": "gl", "heb-Hebr": "he", "hin-Deva": "hi", "hrv-Latn": "hr",
    "hun-Latn": "hu", "hye-Armn": "hy", "ind-Latn": "id", "isl-Latn": "is", "ita-Latn": "it",
    "jav-Latn": "jv", "kat-Geor": "ka", "kaz-Cyrl": "kk", "khm-Khmr": "km", "kor-Hang": "ko",
    "lao-Laoo": "lo", "lav-Latn": "lv", "lit-Latn": "lt", "ltz-Latn": "lb", "mkd-Cyrl": "mk",
    "mlt-Latn": "mt", "mon-Cyrl": "mn", "msa-Latn": "ms", "mya-Mymr": "my", "nld-Latn": "nl",
    "nno-Latn": "nn", "nob-Latn": "nb", "pol-Latn": "pl", "por-Latn": "pt", "ron-Latn": "ro",
    "rus-Cyrl": "ru", "slk-Latn": "sk", "slv-Latn": "sl", "som-Latn": "so", "spa-Latn": "es",
    "sqi-Latn": "sq", "srp-Cyrl": "sr", "swa-Latn": "sw", "swe-Latn": "sv", "tam-Taml": "ta",
    "tel-Telu": "te", "tgl-Latn": "fil", "tha-Thai": "th", "tur-Latn": "tr", "ukr-Cyrl": "uk",
    "urd-Arab": "ur", "uzb-Latn": "uz", "vie-Latn": "vi", "xho-Latn": "xh", "zul-Latn": "zu",
}  # fmt: skip
_OWN = "urd-Arab"
_ZERO = {"kaz-Cyrl": "нөл", "mkd-Cyrl": "нула"}  # for which the library says *zero*
# Elsewhere a year is read as any number.
_YEARS = frozenset(("eng-Latn", "deu-Latn", "dan-Latn", "nob-Latn", "swe-Latn", "nld-Latn"))
_LONGEST = 15  # digits that are read as one number; longer ones are read digit by digit, like leading zeros
_PUNCTUATION = re.compile(r"[-‐,]")
_INVISIBLE = dict.fromkeys((0x200B, 0xAD))


def name_of(code: str) -> str:
    """The library's name of a language by Epitran's code, a variant's too; "" where it has not its
    numbers."""
    return _NAMES.get(code[:8], "")


def languages() -> tuple[str, ...]:
    """Codes of the languages that numbers can be spelled in."""
    return tuple(_NAMES)


def check_installed() -> None:
    """`BackendMissingError` where num2words2 is not installed."""
    if util.find_spec("num2words2") is None:
        raise BackendMissingError("spell_digits needs num2words2: pip install 'isogloss[g2p]'")


class Numbers:
    """Numbers of one language; what is given are digits, perhaps with a decimal point, a minus before
    them."""

    def __init__(self, code: str) -> None:
        check_installed()
        self._name, self._own = name_of(code), code[:8] == _OWN
        self._zero = _ZERO.get(code[:8], "")
        self.has_years = code[:8] in _YEARS

    def cardinal(self, digits: str) -> str:
        """A number; digit by digit where it is too long for one, or begins with a zero."""
        whole, _, fraction = digits.lstrip("-").partition(".")
        if len(whole) > _LONGEST or (len(whole) > 1 and whole[0] == "0"):
            return " ".join(self.cardinal(digit) for digit in digits if digit.isdigit())
        if self._own:
            whole_said = _urdu(int(whole) * (-1 if digits[0] == "-" else 1))
            said = [
                whole_said,
                *(["اعشاریہ"] if fraction else []),
                *(_urdu(int(digit)) for digit in fraction),
            ]
            return " ".join(said)
        return self._zero if self._zero and digits == "0" else self._said(digits)

    def year(self, digits: str) -> str:
        """A year, where the language reads one otherwise than a number."""
        return self._said(digits, to="year") if self.has_years else self.cardinal(digits)

    def ordinal(self, digits: str) -> str:
        """Its place in a row, masculine where there are genders; "" where the library cannot."""
        if self._own:
            return ""
        try:
            return self._said(digits, to="ordinal")
        except (NotImplementedError, ValueError, OverflowError):
            return ""

    def money(self, amount: str, currency: str) -> str:
        """An amount with its currency (ISO 4217); "" where the library has not that currency."""
        try:
            return self._said(amount, to="currency", currency=currency)
        except NotImplementedError:
            return ""

    def _said(self, number: str, **how: Any) -> str:
        from num2words2 import num2words  # only when there is a digit

        try:
            # As text, `5.50` keeps its zero; some of the languages take numbers only.
            said = num2words(
                number if "." in number or "currency" in how else int(number), lang=self._name, **how
            )
        except AttributeError:
            said = num2words(float(number), lang=self._name, **how)
        said = said.translate(_INVISIBLE)
        return " ".join(_PUNCTUATION.sub(" ", unicodedata.normalize("NFC", said)).split())


def _urdu(number: int) -> str:
    if number < 0:
        return f"منفی {_urdu(-number)}"
    words: list[str] = []
    for unit, name in (
        (10**11, "کھرب"),
        (10**9, "ارب"),
        (10**7, "کروڑ"),
        (10**5, "لاکھ"),
        (1000, "ہزار"),
        (100, "سو"),
    ):
        count, number = divmod(number, unit)
        if count:
            words += [_urdu(count), name]
    return " ".join([*words, _urdu_words()[number]] if number or not words else words)


@cache
def _urdu_words() -> Mapping[int, str]:
    lines = (Path(__file__).parent / "spoken" / "numbers-urd.txt").read_text(encoding="utf-8").split()
    return dict(enumerate(lines))
