"""espeak-ng as a second backend, by choice: for languages that Epitran lacks, and beside it on the board.

It is GPL-3.0 and no dependency: the library is looked for when it is asked for by name (Debian and Ubuntu:
`apt-get install libespeak-ng1`; macOS: `brew install espeak-ng`), and every answer names it.
"""

import ctypes
import re
import threading
import unicodedata
from collections.abc import Callable
from functools import cache

from isogloss.g2p.engine.flite import BackendMissingError

NAME = "espeak-ng"
INSTALL = (
    "The backend espeak-ng (GPL-3.0) is not installed. Debian/Ubuntu: apt-get install libespeak-ng1."
    " macOS: brew install espeak-ng."
)
_PLACES = (
    "libespeak-ng.so.1",
    "/opt/homebrew/lib/libespeak-ng.dylib",
    "/usr/local/lib/libespeak-ng.dylib",
)
# Of espeak-ng's speak_lib.h.
_SYNCHRONOUS, _NO_SAMPLES, _UTF8, _IPA = 2, 0, 1, 0x02
_SWITCHES = re.compile(r"\([a-z-]+\)")  # `(en)` before a word that is read as English
_TABLE = str.maketrans("", "", "\u200d")

# ISO 639-3 to voices, all that espeak-ng 1.51 has for natural languages of today.
VOICES = {
    "afr": "af", "amh": "am", "arg": "an", "ara": "ar", "asm": "as", "aze": "az", "bak": "ba", "bel": "be",
    "bul": "bg", "ben": "bn", "bpy": "bpy", "bos": "bs", "cat": "ca", "cmn": "cmn",
    "ces": "cs", "chv": "cv", "cym": "cy", "dan": "da", "deu": "de", "ell": "el", "eng": "en-us", "epo": "eo",
    "spa": "es", "est": "et", "eus": "eu", "fas": "fa", "fin": "fi", "fra": "fr-fr", "gle": "ga", "gla": "gd",
    "grn": "gn", "guj": "gu", "hak": "hak", "haw": "haw", "heb": "he", "hin": "hi", "hrv": "hr", "hat": "ht",
    "hun": "hu", "hye": "hy", "ind": "id", "isl": "is", "ita": "it", "jpn": "ja", "kat": "ka", "kaz": "kk",
    "kal": "kl", "kan": "kn", "kor": "ko", "kok": "kok", "kmr": "ku", "kir": "ky", "lat": "la", "ltz": "lb",
    "lit": "lt", "ltg": "ltg", "lav": "lv", "mri": "mi", "mkd": "mk", "mal": "ml", "mar": "mr", "msa": "ms",
    "mlt": "mt", "mya": "my", "nob": "nb", "nep": "ne", "nld": "nl", "nog": "nog", "orm": "om", "ori": "or",
    "pan": "pa", "pap": "pap", "pol": "pl", "por": "pt", "que": "qu", "ron": "ro", "rus": "ru", "snd": "sd",
    "shn": "shn", "sin": "si", "slk": "sk", "slv": "sl", "sqi": "sq", "srp": "sr", "swe": "sv", "swa": "sw",
    "tam": "ta", "tel": "te", "tha": "th", "tuk": "tk", "tsn": "tn", "tur": "tr", "tat": "tt", "uig": "ug",
    "ukr": "uk", "urd": "ur", "uzb": "uz", "vie": "vi", "yue": "yue",
}  # fmt: skip

# Languages that Epitran has no map of.
ONLY = (
    "arg-Latn", "asm-Beng", "bak-Cyrl", "bel-Cyrl", "bos-Latn", "bul-Cyrl", "chv-Cyrl",
    "dan-Latn",
    "ell-Grek", "eus-Latn", "gla-Latn", "grn-Latn", "guj-Gujr", "haw-Latn", "heb-Hebr", "hye-Armn",
    "isl-Latn",
    "kok-Deva", "kal-Latn", "lat-Latn", "ltz-Latn", "mkd-Cyrl", "nep-Deva", "nob-Latn", "pap-Latn",
    "que-Latn",
    "shn-Mymr", "slk-Latn", "snd-Arab", "tat-Cyrl",
)  # fmt: skip


class Espeak:
    """One voice. Thread-safe: the library has one state, so calls take turns.

    `BackendMissingError` where the library or the voice is not installed.
    """

    name = NAME

    def __init__(self, voice: str) -> None:
        self._library = _library()
        self._voice = voice
        self.version = f"{NAME} {self._library.version}, voice {voice}"
        self._library.phonemes("", voice)

    def ipa(self, text: str) -> str:
        """IPA, NFC, with stress; words by spaces."""
        return unicodedata.normalize("NFC", self._library.phonemes(text, self._voice))

    def ipa_with(self, text: str, unmapped: Callable[[str], str]) -> str:
        """The same: the library reads whatever it is given, and says of nothing that it does not know it."""
        return self.ipa(text)


class _Properties(ctypes.Structure):
    """`espeak_VOICE`, of which the language alone is given."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_char_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("xx1", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


class _Library:
    """The loaded library and its current voice."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._lock = threading.Lock()
        self._voice = ""
        self._set_voice = library.espeak_SetVoiceByProperties
        self._set_voice.argtypes = [ctypes.POINTER(_Properties)]
        self._to_phonemes = library.espeak_TextToPhonemes
        self._to_phonemes.restype = ctypes.c_char_p
        self._to_phonemes.argtypes = [ctypes.POINTER(ctypes.c_char_p), ctypes.c_int, ctypes.c_int]
        library.espeak_Info.restype = ctypes.c_char_p
        if library.espeak_Initialize(_SYNCHRONOUS, _NO_SAMPLES, None, 0) < 0:
            raise BackendMissingError(f"{INSTALL} (The library is there, its data are not.)")
        self.version = library.espeak_Info(None).decode().split()[0]

    def phonemes(self, text: str, voice: str) -> str:
        with self._lock:
            if voice != self._voice:
                if self._set_voice(ctypes.byref(_Properties(languages=voice.encode()))) != 0:
                    raise BackendMissingError(f"This espeak-ng has no voice {voice}. Install a newer one.")
                self._voice = voice
            clauses = []
            rest = ctypes.c_char_p(text.replace("\0", " ").encode())
            while rest.value:
                clauses.append((self._to_phonemes(ctypes.byref(rest), _UTF8, _IPA) or b"").decode())
        return _SWITCHES.sub("", " ".join(" ".join(clauses).split())).translate(_TABLE)


@cache
def _library() -> _Library:
    for place in _PLACES:
        try:
            return _Library(ctypes.CDLL(place))
        except OSError:
            continue
    raise BackendMissingError(INSTALL)
