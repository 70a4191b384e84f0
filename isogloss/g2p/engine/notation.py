"""IPA in ASCII: X-SAMPA for every language, ARPAbet for English, both ways.

X-SAMPA is J. C. Wells's table of 1995. ARPAbet is CMUdict's set, in the IPA that Epitran gives its phones; a
phone's stress digit is read and dropped.
"""

import re
import unicodedata
from functools import cache

from isogloss.errors import InvalidInput

NOTATIONS = ("ipa", "x-sampa", "arpabet")

# IPA to X-SAMPA; where IPA and X-SAMPA are the same letter it is left out.
_X_SAMPA = {
    "ɓ": "b_<", "ɖ": "d`", "ɗ": "d_<", "ɡ": "g", "ɠ": "g_<", "ɦ": "h\\", "ʝ": "j\\", "ɭ": "l`", "ɺ": "l\\",
    "ɳ": "n`", "ɸ": "p\\", "ɽ": "r`", "ɹ": "r\\", "ɻ": "r\\`", "ʂ": "s`", "ɕ": "s\\", "ʈ": "t`", "ʋ": "v\\",
    "ɧ": "x\\", "ʐ": "z`", "ʑ": "z\\", "ɑ": "A", "β": "B", "ʙ": "B\\", "ç": "C", "ð": "D", "ɛ": "E", "ɱ": "F",
    "ɣ": "G", "ɢ": "G\\", "ʛ": "G\\_<", "ɥ": "H", "ʜ": "H\\", "ɪ": "I", "ɲ": "J", "ɟ": "J\\", "ʄ": "J\\_<",
    "ɬ": "K", "ɮ": "K\\", "ʎ": "L", "ʟ": "L\\", "ɯ": "M", "ɰ": "M\\", "ŋ": "N", "ɴ": "N\\", "ɔ": "O",
    "ʘ": "O\\",
    "ʋ̥": "P", "ɒ": "Q", "ʁ": "R", "ʀ": "R\\", "ʃ": "S", "θ": "T", "ʊ": "U", "ʌ": "V", "ʍ": "W", "χ": "X",
    "ħ": "X\\", "ʏ": "Y", "ʒ": "Z", "ə": "@", "ɘ": "@\\", "æ": "{", "ʉ": "}", "ɨ": "1", "ø": "2", "ɜ": "3",
    "ɞ": "3\\", "ɾ": "4", "ɫ": "5", "ɐ": "6", "ɤ": "7", "ɵ": "8", "œ": "9", "ɶ": "&", "ʔ": "?", "ʕ": "?\\",
    "ʢ": "<\\", "ʡ": ">\\", "ǃ": "!\\", "ǀ": "|\\", "ǁ": "|\\|\\", "ǂ": "=\\", "ˈ": '"', "ˌ": "%", "ː": ":",
    "ˑ": ":\\", "ʲ": "_j", "ʰ": "_h", "ʱ": "_h\\", "ʷ": "_w", "ˠ": "_G", "ˤ": "_?\\", "ʼ": "_>", "ⁿ": "_n",
    "ˡ": "_l", "͡": "_", "͜": "_", "̃": "~", "̩": "=", "̥": "_0", "̊": "_0", "̤": "_t", "̪": "_d", "̯": "_^",
    "̞": "_o", "̝": "_r", "̟": "_+", "̠": "_-", "̹": "_O", "̜": "_c", "̬": "_v", "̚": "_}", "̰": "_k",
    "̈": '_"',
    "̆": "_X", "̘": "_A", "̙": "_q", "̺": "_a", "̻": "_m", "̼": "_N", "͈": "_!", "˥": "_T", "˦": "_H",
    "˧": "_M",
    "˨": "_L", "˩": "_B", "ɚ": "@`", "ɝ": "3`", "ʦ": "t_s", "ʧ": "t_S", "ʣ": "d_z", "ʤ": "d_Z",
}  # fmt: skip
_ARPABET = {
    "aa": "ɑ", "ae": "æ", "ah": "ʌ", "ax": "ə", "ao": "ɔ", "aw": "aw", "ay": "aj", "b": "b", "ch": "t͡ʃ",
    "d": "d", "dh": "ð", "eh": "ɛ", "er": "ɹ̩", "ey": "ej", "f": "f", "g": "ɡ", "hh": "h", "ih": "ɪ",
    "iy": "i",
    "jh": "d͡ʒ", "k": "k", "l": "l", "m": "m", "n": "n", "ng": "ŋ", "ow": "ow", "oy": "ɔj", "p": "p",
    "r": "ɹ",
    "s": "s", "sh": "ʃ", "t": "t", "th": "θ", "uh": "ʊ", "uw": "u", "v": "v", "w": "w", "y": "j", "z": "z",
    "zh": "ʒ",
}  # fmt: skip
_PHONE = re.compile(r"[a-z]+")


def to_ipa(text: str, notation: str, field: str = "notation") -> str:
    """A pronunciation in IPA, NFC; `InvalidInput` on `field` for a notation or sign that does not exist."""
    if notation == "ipa":
        return unicodedata.normalize("NFC", text)
    if notation == "x-sampa":
        return unicodedata.normalize("NFC", _x_sampa_signs().sub(lambda sign: _from_x_sampa()[sign[0]], text))
    if notation == "arpabet":
        phones = [_PHONE.match(phone.lower()) for phone in text.split()]
        unknown = [
            phone
            for phone, found in zip(text.split(), phones, strict=True)
            if not found or found[0] not in _ARPABET
        ]
        if unknown:
            raise InvalidInput(field, f"{unknown[0]!r} is no phone of ARPAbet", "Use CMUdict's, by spaces.")
        return unicodedata.normalize("NFC", "".join(_ARPABET[phone[0]] for phone in phones if phone))
    raise InvalidInput(field, f"no notation {notation[:40]!r}", f"Use {', '.join(NOTATIONS)}.")


def check(notation: str, code: str, field: str) -> None:
    """`InvalidInput` for a notation that does not exist, or has not the sounds of a language."""
    if notation not in NOTATIONS:
        raise InvalidInput(field, f"no notation {notation[:40]!r}", f"Use {', '.join(NOTATIONS)}.")
    if notation == "arpabet" and not code.startswith("eng"):
        raise InvalidInput(field, f"ARPAbet has the sounds of English, not of {code}", "Use x-sampa.")


def from_ipa(phoneme: str, notation: str) -> str:
    """One phoneme in another notation; a sign that it has no name for stays as it is."""
    if notation == "ipa":
        return phoneme
    decomposed = unicodedata.normalize("NFD", phoneme).replace("c\u0327", "ç")
    return "".join(_X_SAMPA.get(sign, sign) for sign in decomposed)


def sound_of(phoneme: str, notation: str) -> str:
    """The IPA of one phoneme in another notation; as it is where it is no sign of that."""
    if notation == "arpabet":
        return _ARPABET.get(phoneme.lower(), phoneme)
    return to_ipa(phoneme, notation)


def arpabet(word: str) -> list[str]:
    """One word of English IPA as phones; what is no sound of English stays as it is, sign by sign."""
    return [
        _to_arpabet().get(sign, sign) for sign in _arpabet_signs().findall(unicodedata.normalize("NFD", word))
    ]


@cache
def _from_x_sampa() -> dict[str, str]:
    found: dict[str, str] = {}
    for ipa, sign in _X_SAMPA.items():
        if sign != "_" and ipa not in "ʦʧʣʤ":
            found.setdefault(sign, ipa)
    return {**found, "_": "͡", "'": "ʲ"}


@cache
def _x_sampa_signs() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(_from_x_sampa(), key=len, reverse=True))))


@cache
def _to_arpabet() -> dict[str, str]:
    return {unicodedata.normalize("NFD", ipa): phone.upper() for phone, ipa in _ARPABET.items()}


@cache
def _arpabet_signs() -> re.Pattern[str]:
    return re.compile("|".join([*map(re.escape, sorted(_to_arpabet(), key=len, reverse=True)), "."]))
