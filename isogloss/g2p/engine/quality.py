"""What a conversion leaves over: letters of the source script, segments unknown to PanPhon or to a model's
vocabulary.
"""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from isogloss.errors import InvalidInput
from isogloss.g2p.engine.converter import Converter
from isogloss.g2p.engine.panphon import known_segments
from isogloss.g2p.engine.scripts import matcher

MAX_TYPES = 1_000_000
_WORST = 20
_STEP = 500  # types between two looks at the deadline
_STRESS = str.maketrans("", "", "ˈˌ")


@dataclass(frozen=True)
class Quality:
    """Counts over running words; see `Quality` in g2p.proto, field by field."""

    tokens: int
    types: int
    leaked_tokens: int
    phonemes: int
    unknown_phonemes: int
    worst_words: tuple[str, ...]
    characters: int
    leaked_characters: int
    vocabulary_segments: int
    vocabulary_unknown: int
    tokens_with_digits: int
    foreign_tokens: int
    empty_tokens: int


class QualityCounter:
    """Collects words, then counts each type once.

    `vocabulary` holds a model's phonemes; empty: not counted.
    """

    def __init__(self, converter: Converter, vocabulary: Iterable[str] = ()) -> None:
        self._converter = converter
        self._vocabulary = frozenset(unicodedata.normalize("NFD", phoneme) for phoneme in vocabulary)
        self._words: Counter[str] = Counter()
        self._source = matcher(converter.entry.script)

    def add(self, words: Iterable[str]) -> None:
        """Count some more words; `InvalidInput` when there are more than `MAX_TYPES` different ones."""
        self._words.update(words)
        if len(self._words) > MAX_TYPES:
            problem = f"more than {MAX_TYPES} different words"
            raise InvalidInput("texts", problem, "Measure a sample: rates settle long before that.")

    def result(self, check: Callable[[], None] = lambda: None) -> Quality:
        """The counts. `check` is called now and then, and may raise to stop."""
        sums: Counter[str] = Counter()
        leaked: Counter[str] = Counter()
        for number, (word, count) in enumerate(self._words.items()):
            if number % _STEP == 0:
                check()
            found = self._of_word(word)
            for name, value in found.items():
                sums[name] += value * count
            if found["leaked_characters"] or found["empty_tokens"]:
                leaked[word] = count
        return Quality(
            tokens=self._words.total(),
            types=len(self._words),
            leaked_tokens=sums["leaked_tokens"],
            phonemes=sums["phonemes"],
            unknown_phonemes=sums["unknown_phonemes"],
            worst_words=tuple(word for word, _ in leaked.most_common(_WORST)),
            characters=sums["characters"],
            leaked_characters=sums["leaked_characters"],
            vocabulary_segments=sums["vocabulary_segments"],
            vocabulary_unknown=sums["vocabulary_unknown"],
            tokens_with_digits=sums["tokens_with_digits"],
            foreign_tokens=sums["foreign_tokens"],
            empty_tokens=sums["empty_tokens"],
        )

    def _of_word(self, word: str) -> dict[str, int]:
        composed = self._converter.ipa_of(word)
        ipa = unicodedata.normalize("NFD", composed)
        unmapped = set(filter(_is_letter, self._converter.unmapped_in(word)))
        leaks = set(filter(self._source, unmapped))
        segments = [
            segment for segment in self._converter.phonemes_of(word).split(" ") if segment not in ("", "▁")
        ]
        phonemes = [segment.translate(_STRESS) for segment in segments if any(map(_is_letter, segment))]
        known = known_segments()
        return {
            "phonemes": len(phonemes),
            "unknown_phonemes": sum(phoneme not in known for phoneme in phonemes),
            "characters": sum(map(_is_letter, ipa)),
            # A backend names what it passed as it met it: maps decomposed, flite composed.
            "leaked_characters": sum(max(ipa.count(letter), composed.count(letter)) for letter in leaks),
            "leaked_tokens": int(any(ipa.count(letter) or composed.count(letter) for letter in leaks)),
            "empty_tokens": int(not composed and any(map(str.isalpha, word))),
            "vocabulary_segments": len(segments) if self._vocabulary else 0,
            "vocabulary_unknown": sum(s not in self._vocabulary for s in segments) if self._vocabulary else 0,
            "tokens_with_digits": int(any(unicodedata.category(character)[0] == "N" for character in ipa)),
            "foreign_tokens": int(not (unmapped - leaks).isdisjoint(ipa + composed)),
        }


def _is_letter(character: str) -> bool:
    return unicodedata.category(character)[0] in "LM"
