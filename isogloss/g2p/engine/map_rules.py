"""The backend of every language with a map: Epitran's `SimpleEpitran.transliterate`, compiled.

Hangul → letters, lower case, NFD → strip → pre rules → map → post rules → NFC
"""

import string
import unicodedata
from collections.abc import Callable, Iterator

from isogloss.g2p.engine import rules
from isogloss.g2p.engine.graphemes import Graphemes
from isogloss.g2p.engine.hangul import to_letters
from isogloss.g2p.engine.panphon import known_segments
from isogloss.g2p.engine.rule_data import RuleData

# A map that lacks more letters than these writes down only those that are not their own IPA: Croatian has ten
# graphemes. Others lack a few that the language borrows (Italian k, w, x, y), whose sound is not known.
_FEW_MISSING = 6


class MapRules:
    """One language. Immutable but for tables that grow with the characters seen: thread-safe.

    Raises `DataError` on a damaged file.
    """

    name = "epitran-rules"
    version = ""

    def __init__(self, data: RuleData) -> None:
        self._strip = dict.fromkeys(map(ord, data.strip))
        self._pre = rules.Cascade(rules.read(data.pre))
        self._graphemes = Graphemes(data.mapping)
        self._post = rules.Cascade(rules.read(data.post))
        self._own_ipa = _letters_that_are_ipa(data)
        spoken = set("".join(data.mapping.values()))
        # Characters that no grapheme covers and that a later rule may consume, such as a virama.
        self._consumed_later = {
            letter
            for letter in "".join(data.post)
            if letter not in spoken and (letter.isalpha() or unicodedata.combining(letter))
        }

    def ipa(self, text: str) -> str:
        """The text in IPA, NFC, equal to Epitran's; characters that are in no map pass."""
        phonemes = self._graphemes.to_phonemes(self._pre.apply(self._spelling(text)))
        return unicodedata.normalize("NFC", self._post.apply(phonemes))

    def ipa_with(self, text: str, unmapped: Callable[[str], str]) -> str:
        """The same, with `unmapped` deciding what becomes of each character of the text that no rule has
        made a sound of, or used up.

        A character that only a pre rule has brought in is what that rule meant, and passes; so does one that
        is its own IPA in a language whose map leaves such letters out.
        """
        spelling = self._spelling(text)
        own = set(spelling) - self._own_ipa
        waiting: set[str] = set()

        def uncovered(character: str) -> str:
            if character not in own:
                return character
            if character in self._consumed_later:
                waiting.add(character)
                return character
            return unmapped(character)

        phonemes = self._graphemes.to_phonemes_with(self._pre.apply(spelling), uncovered)
        ipa = unicodedata.normalize("NFC", self._post.apply(phonemes))
        if waiting and not waiting.isdisjoint(decomposed := unicodedata.normalize("NFD", ipa)):
            treated = [unmapped(letter) if letter in waiting else letter for letter in decomposed]
            ipa = unicodedata.normalize("NFC", "".join(treated))
        return ipa

    def trace(self, text: str) -> Iterator[tuple[str, str]]:
        """Each step that changed the text, as the rule's line (or "map"), and the text after it."""
        text = self._spelling(text)
        for step, after in self._pre.trace(text):
            yield step, after
            text = after
        phonemes = self._graphemes.to_phonemes(text)
        if phonemes != text:
            yield "map", phonemes
        yield from self._post.trace(phonemes)

    def _spelling(self, text: str) -> str:
        text = unicodedata.normalize("NFD", to_letters(text).lower())
        return text.translate(self._strip) if self._strip else text


def _letters_that_are_ipa(data: RuleData) -> frozenset[str]:
    missing = set(string.ascii_lowercase) - set(data.mapping)
    is_latin = any(letter in data.mapping or len(missing) < 26 for letter in "aeiou")
    if not is_latin or len(missing) <= _FEW_MISSING:
        return frozenset()
    return frozenset(missing & known_segments())
