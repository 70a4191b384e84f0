"""English as Epitran has it (`FliteLexLookup`): runs of letters to ARPAbet, ARPAbet to IPA, everything else
passes.
"""

import re
import string
import unicodedata
from collections.abc import Callable

from isogloss.errors import InvalidInput
from isogloss.g2p.engine import cmudict, flite
from isogloss.g2p.engine.epitran_data import read_arpabet

BACKENDS = ("flite", "lex_lookup", "cmudict")
_CHUNK = re.compile("[A-Za-z'’]+|[^A-Za-z'’]+")
_LETTER = re.compile("[A-Za-z'’]").match
_PRINTABLE = frozenset(string.printable)


class English:
    """English text to IPA. Thread-safe.

    `name` is one of `BACKENDS`, or "" for flite. `InvalidInput` when there is no such backend,
    `BackendMissingError` when it is not installed.
    """

    def __init__(self, name: str = "") -> None:
        if name not in ("", *BACKENDS):
            fix = f"Use {', '.join(BACKENDS)}, or leave it empty."
            raise InvalidInput("options.backend", f"unknown backend {name[:40]!r}", fix)
        if name == "cmudict":
            self.name: str = name
            self.version, dictionary = cmudict.dictionary()
            self._phones: Callable[[str], list[str] | None] = dictionary.get
        else:
            found = flite.find(name)
            self.name, self.version, self._phones = found.name, found.version, found.phones
        # Epitran drops the stress digits.
        self._ipa = {
            phone + digit: ipa for phone, ipa in read_arpabet().items() for digit in ("", "0", "1", "2")
        }

    def ipa(self, text: str) -> str:
        """The text in IPA; what is no letter or apostrophe, or no word of the dictionary, passes."""
        return self.ipa_with(text, None)

    def ipa_with(self, text: str, unmapped: Callable[[str], str] | None) -> str:
        """The same, with `unmapped` deciding what becomes of each character that passes."""
        parts = []
        for chunk in _CHUNK.findall(unicodedata.normalize("NFC", text)):
            ipa = self._word(chunk) if _LETTER(chunk) else None
            if ipa is None:
                ipa = chunk if unmapped is None else "".join(map(unmapped, chunk))
            parts.append(ipa)
        return "".join(parts)

    def _word(self, letters: str) -> str | None:
        if not letters.isascii():
            letters = "".join(filter(_PRINTABLE.__contains__, unicodedata.normalize("NFD", letters)))
        phones = self._phones(letters.lower())
        return None if phones is None else "".join([self._ipa[phone] for phone in phones])
