"""The backend of every language with a map: Epitran's `SimpleEpitran.transliterate`, compiled.

Hangul → letters, lower case, NFD → strip → pre rules → map → post rules → NFC
"""

import unicodedata
from collections.abc import Callable, Mapping

from isogloss.g2p.engine import epitran_data, rules
from isogloss.g2p.engine.graphemes import Graphemes
from isogloss.g2p.engine.hangul import to_letters

MendMap = Callable[[str, Mapping[str, str]], dict[str, str]]


class MapRules:
    """One language. `mend` changes the map's phonemes, for a normalization that mends the map itself.

    Immutable but for tables that grow with the characters seen: thread-safe. Raises `DataError` on a damaged
    file.
    """

    name = "epitran-rules"
    version = ""

    def __init__(self, code: str, mend: MendMap | None = None) -> None:
        mapping = epitran_data.read_map(code)
        if mend is not None:
            mapping = mend(code, mapping)
        self._strip = dict.fromkeys(map(ord, epitran_data.read_strip(code)))
        self._pre = rules.Cascade(rules.read(epitran_data.read_rules(code, "pre")))
        self._graphemes = Graphemes(mapping)
        self._post = rules.Cascade(rules.read(epitran_data.read_rules(code, "post")))

    def ipa(self, text: str) -> str:
        """The text in IPA, NFC, equal to Epitran's; characters that are in no map pass."""
        phonemes = self._graphemes.to_phonemes(self._pre.apply(self._spelling(text)))
        return unicodedata.normalize("NFC", self._post.apply(phonemes))

    def ipa_with(self, text: str, unmapped: Callable[[str], str]) -> str:
        """The same, with `unmapped` deciding what becomes of each character of the text that no grapheme
        covers.

        A character that only a pre rule has brought in is what that rule meant, and passes.
        """
        spelling = self._spelling(text)
        own = set(spelling)
        phonemes = self._graphemes.to_phonemes_with(
            self._pre.apply(spelling),
            lambda character: unmapped(character) if character in own else character,
        )
        return unicodedata.normalize("NFC", self._post.apply(phonemes))

    def _spelling(self, text: str) -> str:
        text = unicodedata.normalize("NFD", to_letters(text).lower())
        return text.translate(self._strip) if self._strip else text
