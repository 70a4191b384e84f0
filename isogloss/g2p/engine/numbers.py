"""Digits spelled out, on request, through num2words, in the languages that it has."""

import re
from collections.abc import Callable
from importlib import import_module, util

from isogloss.errors import InvalidInput
from isogloss.g2p.engine.catalog import Entry
from isogloss.g2p.engine.flite import BackendMissingError

# ISO 639-3 to num2words's names; of the paper's languages it lacks Hindi, Swahili and Urdu.
_NAMES = {
    "eng": "en", "fra": "fr", "rus": "ru", "ita": "it", "hun": "hu", "ukr": "uk", "kor": "ko", "tur": "tr",
    "fin": "fi", "deu": "de", "spa": "es", "por": "pt", "nld": "nl", "pol": "pl", "ces": "cs", "ron": "ro",
    "srp": "sr", "swe": "sv", "vie": "vi", "ind": "id", "kaz": "kz", "lit": "lt", "lav": "lv", "slv": "sl",
    "aze": "az", "epo": "eo", "cat": "ca",
}  # fmt: skip
_NUMBER = re.compile(r"[0-9]+")
_LONGEST = 15  # digits that are read as one number; longer ones are read digit by digit, like leading zeros


def speller(entry: Entry) -> Callable[[str], str]:
    """A function that spells out the numbers of a token, words by spaces.

    Each run of digits is a cardinal number. `InvalidInput` for a language that num2words lacks,
    `BackendMissingError` where num2words is not installed.
    """
    name = _NAMES.get(entry.code.partition("-")[0])
    if name is None:
        fix = f"num2words has: {', '.join(sorted(_NAMES))}."
        raise InvalidInput("options.spell_digits", f"numbers cannot be spelled out in {entry.code}", fix)
    if util.find_spec("num2words") is None:
        raise BackendMissingError("spell_digits needs num2words: pip install num2words")

    def spelled(match: re.Match[str]) -> str:
        digits = match[0]
        whole = len(digits) <= _LONGEST and (digits[0] != "0" or len(digits) == 1)
        to_words = import_module("num2words").num2words  # loads all its languages: only when there is a digit
        return f" {' '.join(to_words(int(part), lang=name) for part in ([digits] if whole else digits))} "

    return lambda token: _NUMBER.sub(spelled, token)
