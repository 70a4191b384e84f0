"""Between g2p.proto and the engine: bounds, options, messages.

Used by the servicer, by HTTP, and by `isogloss g2p --local`.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from isogloss.errors import InvalidInput
from isogloss.g2p.board import figures
from isogloss.g2p.engine import catalog, lexicon
from isogloss.g2p.engine.catalog import Entry
from isogloss.g2p.engine.converter import Converter, load
from isogloss.g2p.engine.options import XPHONEBERT_WORD_SEPARATOR, Normalization, Options
from isogloss.g2p.engine.quality import Quality, QualityCounter
from isogloss.g2p.v1 import g2p_pb2 as pb

MAX_TEXTS = 10_000  # of one call
MAX_CHARACTERS = 100_000  # of one text
MAX_SEPARATOR = 16
MAX_VOCABULARY = 100_000
MAX_LEXICON = 10_000

Text = TypeVar("Text", str, bytes)

# The engine's name of each value; the first is what UNSPECIFIED means.
_CHOICES: dict[str, dict[int, str]] = {
    "mode": {pb.MODE_WORDS: "words", pb.MODE_WHOLE_STRING: "whole"},
    "segmentation": {pb.SEGMENTATION_IPA: "ipa", pb.SEGMENTATION_PLAIN: "plain"},
    "normalization": {pb.NORMALIZATION_STANDARD: "standard", pb.NORMALIZATION_NONE: "none"},
    "punctuation": {pb.PUNCTUATION_KEEP: "keep", pb.PUNCTUATION_DROP: "drop"},
    "unmapped": {
        pb.UNMAPPED_PASS: "pass",
        pb.UNMAPPED_DROP: "drop",
        pb.UNMAPPED_MARK: "mark",
        pb.UNMAPPED_ERROR: "error",
    },
    "stress": {pb.STRESS_KEEP: "keep", pb.STRESS_DROP: "drop"},
}
_KINDS = {pb.CORPUS_KIND_TOKENS: "tokens", pb.CORPUS_KIND_PAIRS: "pairs", pb.CORPUS_KIND_TEXT: "text"}
_NORMALIZATIONS: dict[Normalization, "pb.Normalization.ValueType"] = {
    "none": pb.NORMALIZATION_NONE,
    "standard": pb.NORMALIZATION_STANDARD,
}


def respond(request: pb.ConvertRequest, alive: Callable[[], None]) -> pb.ConvertResponse:
    """Convert's answer. `alive` raises when nobody waits for it any more.

    Raises `InvalidInput` for what cannot be converted, `BackendMissingError` when English has no flite.
    """
    if request.HasField("joined_texts"):
        return _respond_joined(request, alive)
    texts = list(request.texts)  # once: each look at a message's list makes its strings anew
    if not texts:
        raise InvalidInput("texts", "nothing to convert", "Send one text at least.")
    check_texts(texts)
    alive()
    converter = converter_for(request.language, request.options)
    if request.words and not request.compact and converter.options.mode == "whole":
        raise InvalidInput(
            "words", "a whole string is not converted word by word", "Use mode words, or leave it out."
        )
    if request.align and not request.words:
        raise InvalidInput("align", "without words", "Ask for words, too: spans are theirs.")
    if request.compact:
        try:
            sequences = converter.sequences(texts, alive)
        except InvalidInput as error:
            raise _first_wrong(error, texts, converter.sequence) from None
        return pb.ConvertResponse(sequences=sequences, provenance=provenance(converter))
    response = pb.ConvertResponse(provenance=provenance(converter))
    for index, text in enumerate(texts):
        alive()
        try:
            response.conversions.append(_conversion(converter, text, request, alive))
        except InvalidInput as error:
            if not request.partial:
                raise _about_text(error, index) from None
            failure = pb.Failure(field=f"texts[{index}]", problem=error.problem, fix=error.fix)
            response.conversions.append(pb.Conversion(failure=failure))
    return response


def _about_text(error: InvalidInput, index: int) -> InvalidInput:
    """What the engine says of a text, as it says it of one of many."""
    return InvalidInput(f"texts[{index}]", error.problem, error.fix) if error.field == "texts" else error


def _first_wrong(
    error: InvalidInput, texts: Sequence[Text], convert: Callable[[Text], object]
) -> InvalidInput:
    """An error about one of several texts, which are then converted one by one to find it."""
    if error.field != "texts":
        return error
    for index, text in enumerate(texts):
        try:
            convert(text)
        except InvalidInput as again:
            return _about_text(again, index)
    return error


def _respond_joined(request: pb.ConvertRequest, alive: Callable[[], None]) -> pb.ConvertResponse:
    if request.texts:
        raise InvalidInput("joined_texts", "sent beside texts", "Send one of the two.")
    texts = request.joined_texts.split(b"\n")
    short = max(map(len, texts)) <= MAX_CHARACTERS  # in bytes, and so in characters
    check_texts(texts if short else [text.decode(errors="replace") for text in texts])
    alive()
    converter = converter_for(request.language, request.options)
    try:
        joined = b"\n".join(converter.encoded_sequences(texts, alive))
    except InvalidInput as error:
        raise _first_wrong(error, texts, lambda text: converter.encoded_sequences([text])) from None
    return pb.ConvertResponse(joined_sequences=joined, provenance=provenance(converter))


def measure(
    requests: Iterable[pb.MeasureQualityRequest], alive: Callable[[], None]
) -> pb.MeasureQualityResponse:
    """MeasureQuality's answer; raises as `respond` does."""
    converter: Converter | None = None
    counter: QualityCounter | None = None
    for request in requests:
        alive()
        if converter is None or counter is None:
            if len(request.vocabulary) > MAX_VOCABULARY:
                problem = f"{len(request.vocabulary)} phonemes"
                raise InvalidInput("vocabulary", problem, f"Send {MAX_VOCABULARY} at most.")
            converter = converter_for(request.language, request.options)
            counter = QualityCounter(converter, request.vocabulary)
        texts = list(request.texts)
        check_texts(texts)
        for text in texts:
            counter.add(text.split())
    if converter is None or counter is None:
        raise InvalidInput("language", "no message was sent", "Say in the first message how to convert.")
    quality = quality_to_proto(counter.result(alive))
    return pb.MeasureQualityResponse(quality=quality, provenance=provenance(converter))


def check_texts(texts: Sequence[str] | Sequence[bytes]) -> None:
    """`InvalidInput` on more or longer texts than a call may hold."""
    if len(texts) > MAX_TEXTS:
        raise InvalidInput("texts", f"{len(texts)} texts", f"Send {MAX_TEXTS} a call at most.")
    if max(map(len, texts), default=0) > MAX_CHARACTERS:
        index = next(index for index, text in enumerate(texts) if len(text) > MAX_CHARACTERS)
        problem = f"{len(texts[index])} characters"
        raise InvalidInput(f"texts[{index}]", problem, f"Send {MAX_CHARACTERS} a text at most.")


def converter_for(language: str, options: pb.ConvertOptions) -> Converter:
    """The converter that a request asks for; `InvalidInput` names the field that is wrong."""
    return load(language, _options(options))


def _options(message: pb.ConvertOptions) -> Options:
    for name in ("phoneme_separator", "word_separator"):
        if len(getattr(message, name)) > MAX_SEPARATOR:
            fix = f"Use {MAX_SEPARATOR} characters at most."
            raise InvalidInput(f"options.{name}", f"{len(getattr(message, name))} characters", fix)
        if "\n" in getattr(message, name):
            raise InvalidInput(
                f"options.{name}", "a line feed", "A sequence is one line: use something else."
            )
    chosen = {name: _choice(message, name) for name in _CHOICES}
    return Options(
        mode=chosen["mode"],  # type: ignore[arg-type]  # the engine's literals, all in _CHOICES
        segmentation=chosen["segmentation"],  # type: ignore[arg-type]
        normalization=chosen["normalization"],  # type: ignore[arg-type]
        unmapped=chosen["unmapped"],  # type: ignore[arg-type]
        keep_punctuation=chosen["punctuation"] == "keep",
        keep_stress=chosen["stress"] == "keep",
        spell_digits=message.spell_digits,
        speech_ready=message.speech_ready,
        phoneme_separator=message.phoneme_separator or " ",
        word_separator=message.word_separator or XPHONEBERT_WORD_SEPARATOR,
        backend=message.backend,
        layers=tuple(message.layers),
        lexicon=_lexicon(message),
        tones=message.tones,
        routes=tuple(sorted(message.routes.items())),
        notation=message.notation or "ipa",
    )


def _lexicon(message: pb.ConvertOptions) -> lexicon.Lexicon | None:
    if len(message.lexicon) > MAX_LEXICON:
        problem = f"{len(message.lexicon)} words"
        raise InvalidInput("options.lexicon", problem, f"Send {MAX_LEXICON} at most, or install a lexicon.")
    if not message.lexicon:
        return None
    entries = ((entry.word, entry.pronunciation) for entry in message.lexicon)
    return lexicon.of_entries(entries, message.lexicon_notation or "ipa")


def _choice(message: pb.ConvertOptions, name: str) -> str:
    choices, value = _CHOICES[name], getattr(message, name)
    if value and value not in choices:
        raise InvalidInput(
            f"options.{name}", f"unknown value {value}", f"Use {' or '.join(choices.values())}."
        )
    return choices[value] if value else next(iter(choices.values()))


def corpus_kind(kind: "pb.CorpusKind.ValueType") -> str:
    """The engine's name of a kind; `InvalidInput` for one that does not exist."""
    if kind not in _KINDS:
        raise InvalidInput("kind", f"unknown kind {kind}", "Use TOKENS, PAIRS or TEXT.")
    return _KINDS[kind]


def _conversion(
    converter: Converter, text: str, request: pb.ConvertRequest, alive: Callable[[], None]
) -> pb.Conversion:
    sentence = converter.sentence(text, alive)
    message = pb.Conversion(ipa=sentence.ipa, phonemes=sentence.phonemes, sequence=sentence.sequence)
    if request.words:
        for word in converter.words(text, alive):
            steps = converter.explain(word.text) if request.explain else ()
            spans = converter.align(word) if request.align else ()
            message.words.add(
                text=word.text,
                start=word.start,
                end=word.end,
                ipa=word.ipa,
                phonemes=word.phonemes,
                unmapped=word.unmapped,
                layer=converter.layer_of(word.text),
                steps=[pb.Step(layer=step.layer, by=step.by, after=step.after) for step in steps],
                spans=[pb.Span(start=span.start, end=span.end, phonemes=span.phonemes) for span in spans],
            )
    return message


def provenance(converter: Converter) -> pb.Provenance:
    """What does the converting."""
    return pb.Provenance(
        backend=converter.backend,
        version=converter.version,
        normalization=_NORMALIZATIONS[converter.options.normalization],
        layers=converter.options.active_layers,
        spelled=converter.speech.kinds if converter.speech else (),
        not_spelled=converter.speech.missing if converter.speech else (),
    )


def quality_to_proto(quality: Quality) -> pb.Quality:
    """Counts as a message: the fields have the same names."""
    return pb.Quality(**vars(quality))


def language(entry: Entry) -> pb.Language:
    """One language as it is listed."""
    return pb.Language(
        code=entry.code,
        iso639_3=entry.iso639_3,
        script=entry.script,
        backend=entry.backend,
        version=catalog.version(),
        accuracy=[pb.Accuracy(**vars(figure)) for figure in figures.of(entry.code)],
    )
