"""Text to words, IPA, phonemes and the sequence that XPhoneBERT reads: what the service and the CLI call."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass, replace
from functools import lru_cache

from isogloss.errors import InvalidInput
from isogloss.g2p.engine import alignment, catalog, espeak, notation, segmentation
from isogloss.g2p.engine.catalog import Entry
from isogloss.g2p.engine.memo import Memo
from isogloss.g2p.engine.normalization import is_punctuation, split_edges
from isogloss.g2p.engine.options import EPITRAN, FOLDS, XPHONEBERT_WORD_SEPARATOR, Options
from isogloss.g2p.engine.pronouncer import Pronouncer, Step
from isogloss.g2p.engine.scripts import Foreign, script_of
from isogloss.g2p.engine.speech import Speech
from isogloss.g2p.engine.watch import STEP, no_deadline, stepwise, watched

# Some rules take time by the square of what they are given: no word and no sentence is as long as this.
# Characters.
MAX_WORD = 1_000
MAX_WHOLE_STRING = 4_000
_CACHED_WORDS = 50_000  # per converter and kind of answer; about 15 MB when full
# Kept at once, a converter being a language with its options. What they remember of words is bounded in
# all, by `memo.WORDS`: a turn through many languages does not forget the first.
_CONVERTERS = 1_024
_CONVERTERS_WITH_OWN_LEXICON = 8
_TOKEN = re.compile(r"\S+")
_STRESS = str.maketrans("", "", "ˈˌ")
_MARK = "\ufffd"
_ENCODED_WORD_SEPARATOR = XPHONEBERT_WORD_SEPARATOR.encode()


@dataclass(frozen=True)
class Word:
    """One token.

    `unmapped` are the letters, marks and digits of it that no rule mapped, each once, in order.
    """

    text: str
    start: int  # code points from the start of the text
    end: int
    ipa: str
    phonemes: tuple[str, ...]
    unmapped: tuple[str, ...]


@dataclass(frozen=True)
class Sentence:
    """One text: IPA, all phonemes, and both with separators."""

    ipa: str
    phonemes: tuple[str, ...]
    sequence: str


class Converter:
    """One language with its options. Thread-safe. Made by `load`.

    In mode "words", each white-space token is converted by itself, as Epitran's author advises: `#` in a rule
    is the edge of what is converted. Words are remembered, up to a bound, so running text costs little more
    than its types.
    """

    def __init__(self, entry: Entry, options: Options) -> None:
        self.entry = entry
        self.options = options
        layers = options.active_layers
        notation.check(options.notation, entry.code, "options.notation")
        folds = FOLDS in layers
        self._pronouncer = Pronouncer(entry, options)
        self._backend = self._pronouncer.backend
        self._fold = catalog.folding(entry, options).apply if folds else None
        self._letters = catalog.letters(entry, options)
        self._routes = {script: load(language, _routed(options)) for script, language in options.routes}
        leaves_foreign = folds and self._backend.name != espeak.NAME
        self._foreign = Foreign(entry.script, _map_letters(entry, options)) if leaves_foreign else None
        speaks = options.spell_digits or options.speech_ready
        self.speech = Speech(entry, options.speech_ready) if speaks else None
        self._sets_edges_apart = options.mode == "words" and (folds or not options.keep_punctuation)
        # Nothing to do before or after Epitran's own steps, which is what equality and the paper ask for.
        plain = replace(options, segmentation="ipa", backend="", tones=False, normalization="none", layers=())
        self._as_epitran = layers == (EPITRAN,) and plain == Options("none", options.mode)
        self._segment = segmentation.ipa if options.segmentation == "ipa" else segmentation.plain
        # As functions, so that a hit costs one dict access.
        self.ipa_of: Callable[[str], str] = Memo(self._word_ipa, _CACHED_WORDS).__getitem__
        self.phonemes_of: Callable[[str], str] = Memo(self._phonemes, _CACHED_WORDS).__getitem__
        self.unmapped_in: Callable[[str], str] = Memo(self._unmapped, _CACHED_WORDS).__getitem__
        self.layer_of: Callable[[str], str] = Memo(self._layer, _CACHED_WORDS).__getitem__
        self._alone: Callable[[str], str] = Memo(self._read_alone, _CACHED_WORDS).__getitem__
        self._encoded: Callable[[bytes], bytes] = Memo(self._encoded_phonemes, _CACHED_WORDS).__getitem__

    @property
    def backend(self) -> str:
        """What does the converting: "epitran-rules", "epitran-dictionary", "flite", "lex_lookup" or
        "cmudict".
        """
        return self._backend.name

    @property
    def version(self) -> str:
        """Of the data and of the engine: the same version gives the same output."""
        spoken = self.speech.version if self.speech is not None else ""
        parts = (catalog.version(), self._backend.version, self._pronouncer.version, spoken)
        return ", ".join(dict.fromkeys(filter(None, parts)))

    def explain(self, word: str) -> list[Step]:
        """How a word got its sound: the entry that has it, or the rules that changed it, in order."""
        return [
            step
            for parts in self._parts(word)
            for part in parts
            if any(map(_should_be_mapped, part))
            for step in self._pronouncer.explain(part)
        ]

    def withhold(self, word: Callable[[str], bool]) -> None:
        """Forget our exceptions for some words: of a converter of one's own, before it converts. For the
        board, which measures what the rules do with words that nobody has looked at.
        """
        self._pronouncer.withhold(word)

    def _layer(self, token: str) -> str:
        """The layer that made the difference in a token; "" for one without letters."""
        if self._as_epitran:
            return EPITRAN
        for parts in self._parts(token):
            for part in parts:
                if any(map(_should_be_mapped, part)):
                    return self._pronouncer.layer(part)
        return ""

    def align(self, word: Word) -> tuple[alignment.Span, ...]:
        """Which letters of a word made which of its phonemes; places are in the text, as the word's are."""
        sounds = None
        if self.options.notation != "ipa":
            sounds = [notation.sound_of(phoneme, self.options.notation) for phoneme in word.phonemes]
        spans = alignment.align(word.text, word.phonemes, self._alone, sounds)
        return tuple(
            replace(span, start=word.start + span.start, end=word.start + span.end) for span in spans
        )

    def _read_alone(self, letters: str) -> str:
        """What some letters are heard as by the rules alone; "" where the backend would say their name."""
        folded = self._fold(letters) if self._fold is not None else letters
        if self.entry.code == catalog.ENGLISH:
            return alignment.ENGLISH.get(folded.lower(), "" if folded.isalpha() else folded)
        return "" if self._backend.name == espeak.NAME else self._backend.ipa(folded)

    def words(self, text: str, check: Callable[[], None] = no_deadline) -> list[Word]:
        """The white-space tokens of a text, with their places in it; `check` as in `sentence`."""
        found: list[Word] = []
        looked_at = 0
        for match in _TOKEN.finditer(text):
            if match.start() - looked_at > STEP:
                check()
                looked_at = match.start()
            found.append(self._word(match[0], match.start()))
        return found

    def sentence(self, text: str, check: Callable[[], None] = no_deadline) -> Sentence:
        """One text. `check` is called every few thousand characters, and may raise to stop.

        Raises `InvalidInput` for a word of more than `MAX_WORD` characters, and where the options say so.
        """
        if self.options.mode == "whole":
            if len(text) > MAX_WHOLE_STRING:
                fix = f"A whole string has {MAX_WHOLE_STRING} at most: use mode words, or send sentences."
                raise InvalidInput("texts", f"{len(text)} characters", fix)
            ipa = self._ipa(text)
            parts = [self._segmented(ipa)] if ipa else []
        else:
            ipa = " ".join(filter(None, stepwise(self.ipa_of, text, check)))
            parts = list(filter(None, stepwise(self.phonemes_of, text, check)))
        phonemes = [phoneme for part in parts for word in _words_of(part) for phoneme in word.split(" ")]
        return Sentence(ipa, tuple(phonemes), self._joined(parts))

    def sequence(self, text: str, check: Callable[[], None] = no_deadline) -> str:
        """One text as phonemes and words with their separators; by default the form that XPhoneBERT reads."""
        if self.options.mode == "whole":
            return self.sentence(text, check).sequence
        return self._joined(list(filter(None, stepwise(self.phonemes_of, text, check))))

    def sequences(self, texts: Iterable[str], check: Callable[[], None] = no_deadline) -> list[str]:
        """The sequence of each text: `sequence`, without what calling it costs beside a dozen known words."""
        if not self._is_plain:
            return [self.sequence(text, check) for text in watched(texts, check)]
        join, phonemes_of, step = XPHONEBERT_WORD_SEPARATOR.join, self.phonemes_of, STEP
        return [
            join(filter(None, map(phonemes_of, text.split())))
            if len(text) <= step
            else self.sequence(text, check)
            for text in watched(texts, check)
        ]

    def encoded_sequences(
        self, texts: Iterable[bytes], check: Callable[[], None] = no_deadline
    ) -> list[bytes]:
        """The same from UTF-8 to UTF-8, put together from words that are remembered so: a server that makes
        strings of what it receives, and bytes of what it answers, pays a third more.

        Raises `InvalidInput` for what is not UTF-8, too.
        """
        if not self._is_plain:
            return [sequence.encode() for sequence in self.sequences(map(_decoded, texts), check)]
        join, encoded, step = _ENCODED_WORD_SEPARATOR.join, self._encoded, STEP
        return [
            join(filter(None, map(encoded, text.split())))
            if len(text) <= step
            else self.sequence(_decoded(text), check).encode()
            for text in watched(texts, check)
        ]

    def _word(self, token: str, start: int) -> Word:
        phonemes = [phoneme for word in _words_of(self.phonemes_of(token)) for phoneme in word.split(" ")]
        unmapped = tuple(self.unmapped_in(token))
        return Word(token, start, start + len(token), self.ipa_of(token), tuple(phonemes), unmapped)

    def _joined(self, parts: list[str]) -> str:
        """Parts are in XPhoneBERT's form; one whose digits were spelled out holds several words."""
        if self._in_form_of_xphonebert:
            return XPHONEBERT_WORD_SEPARATOR.join(parts)
        options = self.options
        words = [word.replace(" ", options.phoneme_separator) for part in parts for word in _words_of(part)]
        return options.word_separator.join(words)

    @property
    def _in_form_of_xphonebert(self) -> bool:
        options = self.options
        return options.phoneme_separator == " " and options.word_separator == XPHONEBERT_WORD_SEPARATOR

    @property
    def _is_plain(self) -> bool:
        """Whether a sequence is nothing but remembered words with the default separators."""
        return self.options.mode == "words" and self._in_form_of_xphonebert

    def _phonemes(self, token: str) -> str:
        return self._segmented(self.ipa_of(token))

    def _encoded_phonemes(self, token: bytes) -> bytes:
        """Of what ASCII white space sets apart: several words where there is other white space in it."""
        return XPHONEBERT_WORD_SEPARATOR.join(
            filter(None, map(self._phonemes, _decoded(token).split()))
        ).encode()

    def _segmented(self, ipa: str) -> str:
        segment = self._segment
        if self.options.notation == "arpabet":
            return XPHONEBERT_WORD_SEPARATOR.join([" ".join(notation.arpabet(word)) for word in ipa.split()])
        words = [segment(word) for word in ipa.split()]
        if self.options.notation != "ipa":
            words = [
                [notation.from_ipa(phoneme, self.options.notation) for phoneme in word] for word in words
            ]
        return XPHONEBERT_WORD_SEPARATOR.join([" ".join(word) for word in words])

    def _word_ipa(self, token: str) -> str:
        if len(token) > MAX_WORD:
            problem = f"a word of {len(token)} characters, {token[:20]!r}…"
            raise InvalidInput("texts", problem, f"Words have {MAX_WORD} at most: put spaces between them.")
        return self._backend.ipa(token) if self._as_epitran else self._ipa(token)

    def _ipa(self, text: str) -> str:
        ipa = " ".join(["".join(map(self._part_ipa, parts)) for parts in self._parts(text)])
        if not self.options.keep_stress:
            ipa = ipa.translate(_STRESS)
        if not self.options.keep_punctuation:
            ipa = "".join([letter for letter in ipa if not is_punctuation(letter)])
        return ipa

    def _parts(self, text: str) -> Iterable[Iterable[str]]:
        """The words of a token (several where digits were spelled out), and what of each the backend gets at
        a time.
        """
        if self._fold is not None:
            text = self._fold(text)
        if self.speech is not None:
            text = self.speech.say(text)
        words = text.split() if self.speech is not None and self.options.mode == "words" else [text]
        if self._sets_edges_apart:
            return [split_edges(word, self._letters) for word in words]
        return [[word] for word in words]

    def _part_ipa(self, part: str) -> str:
        if not part:
            return ""
        if self._foreign is not None and len(runs := self._foreign.split(part)) > 1:
            return "".join(
                [self._foreign_ipa(run) if at % 2 else self._own_ipa(run) for at, run in enumerate(runs)]
            )
        return self._own_ipa(part)

    def _own_ipa(self, part: str) -> str:
        """A part in letters of the language's own script."""
        if not part:
            return ""
        if self.options.unmapped == "pass":
            return self._pronouncer.ipa(part, None)
        ipa = self._pronouncer.ipa(part, lambda character: self._treated(character, part))
        if not ipa and self.options.unmapped == "error" and any(map(str.isalpha, part)):
            problem = f"{part[:80]!r} has no sound by the rules of {self.entry.code}"
            raise InvalidInput("texts", problem, "Leave it out, use another code, or another policy.")
        return ipa

    def _foreign_ipa(self, run: str) -> str:
        """Letters of another script: read by the language that they are routed to, else left alone."""
        route = self._routes.get(script_of(run[0]))
        if route is not None:
            return route.ipa_of(run)
        return (
            run if self.options.unmapped == "pass" else "".join(self._treated(letter, run) for letter in run)
        )

    def _treated(self, character: str, part: str) -> str:
        if not _should_be_mapped(character):
            return character
        if self.options.unmapped == "error":
            which = f"{character!r} (U+{ord(character):04X})"
            problem = f"{part[:80]!r} has {which}, which no rule of {self.entry.code} maps"
            raise InvalidInput("texts", problem, "Correct it, use normalization standard, or another policy.")
        return _MARK if self.options.unmapped == "mark" else ""

    def _unmapped(self, token: str) -> str:
        found: dict[str, None] = {}

        def collect(character: str) -> str:
            if _should_be_mapped(character):
                found[character] = None
            return character

        for parts in self._parts(token):
            for part in parts:
                runs = self._foreign.split(part) if self._foreign is not None else [part]
                for at, run in enumerate(runs):
                    if not at % 2:
                        self._pronouncer.ipa(run, collect)
                    elif script_of(run[0]) not in self._routes:
                        "".join(map(collect, run))
        return "".join(found)


def _routed(options: Options) -> Options:
    """For words of another language: all that is not of this one's backend."""
    return replace(options, routes=(), backend="", lexicon=None, tones=False, mode="words")


def _map_letters(entry: Entry, options: Options) -> frozenset[str]:
    return (
        frozenset("".join(catalog.rules_of(entry, options).mapping))
        if catalog.has_map(entry)
        else frozenset()
    )


def _should_be_mapped(character: str) -> bool:
    """Letters, marks and digits; punctuation and symbols have no sound."""
    return unicodedata.category(character)[0] in "LMN"


def _decoded(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        problem = f"not UTF-8: {text[max(0, error.start - 10) : error.start + 10]!r}"
        raise InvalidInput("texts", problem, "Decode it with the right encoding.") from None


def _words_of(part: str) -> list[str]:
    return part.split(XPHONEBERT_WORD_SEPARATOR) if part else []


def load(language: str, options: Options) -> Converter:
    """The converter of a language (ISO 639-3 or Epitran code); made once, in milliseconds.

    Raises `InvalidInput` for an unknown language, backend or option, `BackendMissingError` when English has
    no flite.
    """
    entry = catalog.resolve(language)
    # Separators change no word: whoever asks for others shares the words of the rest.
    load_ = _load if options.lexicon is None else _load_with_lexicon
    shared = load_(entry, replace(options, phoneme_separator=" ", word_separator=XPHONEBERT_WORD_SEPARATOR))
    if shared.options == options:
        return shared
    converter = copy(shared)
    converter.options = options
    return converter


@lru_cache(_CONVERTERS_WITH_OWN_LEXICON)
def _load_with_lexicon(entry: Entry, options: Options) -> Converter:
    return Converter(entry, options)


@lru_cache(_CONVERTERS)
def _load(entry: Entry, options: Options) -> Converter:
    return Converter(entry, options)
