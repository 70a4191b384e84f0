"""What the G2P clients take and give, and how it looks on the wire. No connection is made here."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Literal, TypeVar

from isogloss.errors import InvalidInput
from isogloss.g2p.board.figures import Accuracy
from isogloss.g2p.v1 import g2p_pb2 as pb

# A batch stays well below the server's bounds: 10,000 texts, and 16 MiB with phonemes several bytes a letter.
BATCH_TEXTS = 1_000
BATCH_CHARACTERS = 200_000
BATCHES_AHEAD = 2  # under way while the caller reads one: what keeps both sides busy, and memory bounded

T = TypeVar("T")


@dataclass(frozen=True)
class Options:
    """How to convert; see docs/g2p.md. Normalization "none" is Epitran as it is."""

    normalization: Literal["none", "standard"] = "standard"
    mode: Literal["words", "whole_string"] = "words"
    segmentation: Literal["ipa", "plain"] = "ipa"
    punctuation: Literal["keep", "drop"] = "keep"
    unmapped: Literal["pass", "drop", "mark", "error"] = "pass"
    stress: Literal["keep", "drop"] = "keep"
    phoneme_separator: str = ""  # empty: one space
    word_separator: str = ""  # empty: ` ▁ `
    spell_digits: bool = False
    speech_ready: bool = False
    backend: str = ""  # English: flite, lex_lookup, cmudict; any: espeak-ng; empty: the language's own
    layers: tuple[str, ...] = ()  # of own, lexicon, mended, folds, epitran; empty: all
    lexicon: Mapping[str, str] = field(default_factory=dict)  # one's own words: word to pronunciation
    lexicon_notation: str = ""  # of the lexicon: ipa (empty), x-sampa, arpabet
    tones: bool = False
    routes: Mapping[str, str] = field(default_factory=dict)  # script to language: {"Latn": "eng"}
    notation: str = ""  # of phonemes and sequences: ipa (empty), x-sampa, arpabet

    def to_proto(self) -> pb.ConvertOptions:
        """The same as a message; `InvalidInput` on a value that does not exist."""
        message = pb.ConvertOptions(
            phoneme_separator=self.phoneme_separator,
            word_separator=self.word_separator,
            spell_digits=self.spell_digits,
            speech_ready=self.speech_ready,
            backend=self.backend,
            layers=self.layers,
            lexicon=[pb.LexiconEntry(word=word, pronunciation=ipa) for word, ipa in self.lexicon.items()],
            lexicon_notation=self.lexicon_notation,
            tones=self.tones,
            routes=self.routes,
            notation=self.notation,
        )
        for name, enum in _ENUMS.items():
            value = getattr(self, name)
            try:
                setattr(message, name, enum.Value(f"{name}_{value}".upper()))
            except ValueError:
                choices = [item.partition("_")[2].lower() for item in enum.keys()[1:]]
                fix = f"Use {' or '.join(choices)}."
                raise InvalidInput(f"options.{name}", f"unknown value {value!r}", fix) from None
        return message


_ENUMS = {
    "normalization": pb.Normalization,
    "mode": pb.Mode,
    "segmentation": pb.Segmentation,
    "punctuation": pb.Punctuation,
    "unmapped": pb.Unmapped,
    "stress": pb.Stress,
}


@dataclass(frozen=True)
class Step:
    """One step from a word to its sound: the layer, the entry or rule, and the word after it."""

    layer: str
    by: str
    after: str


@dataclass(frozen=True)
class Span:
    """Letters `start` to `end` of a text, in code points, and their phonemes; () where they are silent."""

    start: int
    end: int
    phonemes: tuple[str, ...]


@dataclass(frozen=True)
class Word:
    """One token of a text; `start` and `end` count code points, so `text[start:end]` is the token."""

    text: str
    start: int
    end: int
    ipa: str
    phonemes: tuple[str, ...]
    unmapped: tuple[str, ...]  # letters, marks and digits that no rule mapped
    layer: str = ""  # which layer made the difference: own, lexicon, mended, folds, epitran
    steps: tuple[Step, ...] = ()  # only on request: the entry or the rules that gave the sound
    spans: tuple[Span, ...] = ()  # only on request: which letters made which phonemes


@dataclass(frozen=True)
class Conversion:
    """One text: its IPA, its phonemes, and the sequence that XPhoneBERT reads. `words` only on request."""

    ipa: str
    phonemes: tuple[str, ...]
    sequence: str
    words: tuple[Word, ...] = ()
    failure: str = ""  # only where errors were asked for beside the rest: why there is no conversion


@dataclass(frozen=True)
class Language:
    """A language of the server; `iso639_3` is empty where the bare code stands for another variant."""

    code: str
    iso639_3: str
    script: str
    backend: str
    version: str
    accuracy: tuple[Accuracy, ...] = ()  # where there is gold


@dataclass(frozen=True)
class Quality:
    """What a conversion left over; see `Quality` in g2p.proto."""

    tokens: int = 0
    types: int = 0
    leaked_tokens: int = 0
    tokens_with_digits: int = 0
    foreign_tokens: int = 0
    empty_tokens: int = 0
    characters: int = 0
    leaked_characters: int = 0
    phonemes: int = 0
    unknown_phonemes: int = 0
    vocabulary_segments: int = 0
    vocabulary_unknown: int = 0
    worst_words: tuple[str, ...] = field(default=())

    @property
    def rates(self) -> Mapping[str, float | None]:
        """Shares from 0 to 1; None where there was nothing to count."""
        return {
            "leak_rate": _share(self.leaked_characters, self.characters),
            "leaked_tokens": _share(self.leaked_tokens, self.tokens),
            "unknown_to_panphon": _share(self.unknown_phonemes, self.phonemes),
            "unknown_to_vocabulary": _share(self.vocabulary_unknown, self.vocabulary_segments),
        }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def convert_request(
    language: str,
    texts: list[str],
    options: Options,
    *,
    words: bool = False,
    compact: bool = False,
    explain: bool = False,
    partial: bool = False,
    align: bool = False,
) -> pb.ConvertRequest:
    """A batch as a message; `InvalidInput` on a text that UTF-8 cannot carry (a lone surrogate)."""
    try:
        return pb.ConvertRequest(
            language=language,
            texts=texts,
            options=options.to_proto(),
            words=words or explain or align,
            compact=compact,
            explain=explain,
            partial=partial,
            align=align,
        )
    except (UnicodeEncodeError, ValueError) as error:
        raise _not_unicode(error) from error
    except TypeError:
        index = next((index for index, text in enumerate(texts) if not isinstance(text, str)), None)
        if index is None:
            raise InvalidInput("language", f"{type(language).__name__}, not text", "Name it.") from None
        problem = f"{type(texts[index]).__name__}, not text"
        raise InvalidInput(f"texts[{index}]", problem, "Send strings.") from None


def sequences_request(language: str, texts: list[str], options: Options) -> pb.ConvertRequest:
    """A batch whose sequences alone are wanted: joined, unless a text holds the line feed that would join."""
    joined = "\n".join(texts)
    if joined.count("\n") != len(texts) - 1:
        return convert_request(language, texts, options, compact=True)
    try:
        encoded = joined.encode()
    except UnicodeEncodeError as error:
        raise _not_unicode(error) from error
    return pb.ConvertRequest(language=language, joined_texts=encoded, options=options.to_proto())


def _not_unicode(error: ValueError) -> InvalidInput:
    return InvalidInput("texts", f"not Unicode text: {error}", "Decode it with the right encoding.")


def conversion(message: pb.Conversion) -> Conversion:
    """A message as a result."""
    words = tuple(
        Word(
            word.text,
            word.start,
            word.end,
            word.ipa,
            tuple(word.phonemes),
            tuple(word.unmapped),
            word.layer,
            tuple(Step(step.layer, step.by, step.after) for step in word.steps),
            tuple(Span(span.start, span.end, tuple(span.phonemes)) for span in word.spans),
        )
        for word in message.words
    )
    failure = f"{message.failure.problem}. {message.failure.fix}" if message.HasField("failure") else ""
    return Conversion(message.ipa, tuple(message.phonemes), message.sequence, words, failure)


def sequences(answer: pb.ConvertResponse) -> Sequence[str]:
    """The answer to `sequences_request`, one a text."""
    return answer.sequences or answer.joined_sequences.decode().split("\n")


def language(message: pb.Language) -> Language:
    """A message as a result."""
    accuracy = tuple(
        Accuracy(**{item.name: getattr(figure, item.name) for item in fields(Accuracy)})
        for figure in message.accuracy
    )
    return Language(
        message.code, message.iso639_3, message.script, message.backend, message.version, accuracy
    )


def quality(message: pb.Quality) -> Quality:
    """A message as a result."""
    counts = {
        item.name: getattr(message, item.name) for item in fields(Quality) if item.name != "worst_words"
    }
    return Quality(**counts, worst_words=tuple(message.worst_words))


def batches(texts: Iterable[str], most_texts: int = BATCH_TEXTS) -> Iterator[list[str]]:
    """Texts in lists that one message can carry; one that is too long goes alone, for the server to
    refuse."""
    batch: list[str] = []
    characters = 0
    for index, text in enumerate(texts):
        if not isinstance(text, str):
            raise InvalidInput(f"texts[{index}]", f"{type(text).__name__}, not text", "Send strings.")
        if batch and (len(batch) >= most_texts or characters + len(text) > BATCH_CHARACTERS):
            yield batch
            batch, characters = [], 0
        batch.append(text)
        characters += len(text)
    if batch:
        yield batch


class QualityRequests:
    """The messages of MeasureQuality: how to convert, then the texts.

    gRPC iterates in a thread of its own and says of an exception only that there was one: `problem` keeps it,
    such as a caller's lines that cannot be read, or `InvalidInput` on a lone surrogate.
    """

    def __init__(
        self, language: str, texts: Iterable[str], options: Options, vocabulary: Iterable[str]
    ) -> None:
        self._first = pb.MeasureQualityRequest(
            language=language, options=options.to_proto(), vocabulary=vocabulary
        )
        self._texts = texts
        self.problem: Exception | None = None

    def __iter__(self) -> Iterator[pb.MeasureQualityRequest]:
        try:
            yield self._first
            for batch in batches(self._texts):
                yield pb.MeasureQualityRequest(texts=batch)
        except UnicodeEncodeError as error:
            self.problem = _not_unicode(error)
            raise
        except Exception as error:
            self.problem = error
            raise


_INDEX = re.compile(r"texts\[(\d+)\]")


def renumbered(error: InvalidInput, offset: int) -> InvalidInput:
    """An error about a text of a batch as one about the caller's texts, which are numbered through."""
    place = _INDEX.fullmatch(error.field)
    if place is None or not offset:
        return error
    return InvalidInput(f"texts[{int(place[1]) + offset}]", error.problem, error.fix)
