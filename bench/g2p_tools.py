"""One G2P tool on one language, timed round by round.

    echo '["Bonjour le monde ."]' | python bench/g2p_tools.py cold fra 5      # words/s of five rounds, JSON

Tools: `epitran` (word by word, as its author advises), `espeak` (phonemizer on espeak-ng, all sentences in
one batch), `gruut`, and ours: `cold` (text to IPA, empty cache), `warm` (the same again), `sequence` (text to
phoneme sequences, empty cache). bench/g2p.py runs each in a process of its own and asks in turn: with 0 as
the last argument, a round is run for every line on stdin after the first. Only the standard library is
imported at the top: peers may need an environment of their own.
"""

import json
import logging
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

Round = Callable[[], float]  # converts all sentences once, and gives the CPU seconds that it took

_EPITRAN = {
    "eng": "eng-Latn", "fra": "fra-Latn", "rus": "rus-Cyrl", "ita": "ita-Latn", "hun": "hun-Latn",
    "ukr": "ukr-Cyrl", "kor": "kor-Hang", "tur": "tur-Latn", "fin": "fin-Latn", "hin": "hin-Deva",
    "swa": "swa-Latn", "urd": "urd-Arab",
}  # fmt: skip
_ESPEAK = {
    "eng": "en-us", "fra": "fr-fr", "rus": "ru", "ita": "it", "hun": "hu", "ukr": "uk",
    "kor": "ko", "tur": "tr", "fin": "fi", "hin": "hi", "swa": "sw", "urd": "ur",
}  # fmt: skip
_GRUUT = {"eng": "en-us", "fra": "fr-fr", "rus": "ru-ru", "ita": "it-it", "swa": "sw"}


def epitran(language: str, sentences: list[str]) -> Round:
    """Epitran on each token; English starts one lex_lookup process a word."""
    import epitran

    logging.disable(logging.CRITICAL)
    transliterate = epitran.Epitran(_EPITRAN[language]).transliterate

    def convert() -> None:
        for sentence in sentences:
            for token in sentence.split():
                transliterate(token)

    return _timed(convert)


def espeak(language: str, sentences: list[str]) -> Round:
    """phonemizer on espeak-ng, all sentences in one call."""
    from phonemizer.backend import EspeakBackend

    backend = EspeakBackend(_ESPEAK[language])
    return _timed(lambda: backend.phonemize(sentences, strip=True))


def gruut(language: str, sentences: list[str]) -> Round:
    """gruut, where it has the language."""
    from gruut import sentences as phonemize

    def convert() -> None:
        for sentence in sentences:
            for part in phonemize(sentence, lang=_GRUUT[language]):
                [word.phonemes for word in part]

    return _timed(convert)


def cold(language: str, sentences: list[str]) -> Round:
    """Ours, text to IPA; each round with a converter that has seen nothing."""
    return _ours(language, lambda converter: _ipa(converter, sentences))


def sequence(language: str, sentences: list[str]) -> Round:
    """Ours, text to phoneme sequences; each round with a converter that has seen nothing."""
    return _ours(language, lambda converter: [converter.sequence(sentence) for sentence in sentences])


def warm(language: str, sentences: list[str]) -> Round:
    """Ours, text to IPA that has been converted before."""
    converter = _converter(language)
    _ipa(converter, sentences)
    return _timed(lambda: _ipa(converter, sentences))


def _ours(language: str, convert: Callable[[object], object]) -> Round:
    def run() -> float:
        converter = _converter(language)
        return _timed(lambda: convert(converter))()

    return run


def _converter(language: str) -> object:
    from isogloss.g2p.engine.catalog import resolve
    from isogloss.g2p.engine.converter import Converter
    from isogloss.g2p.engine.options import Options

    return Converter(resolve(language), Options(normalization="none"))


def _ipa(converter: object, sentences: list[str]) -> None:
    ipa_of = converter.ipa_of  # type: ignore[attr-defined]  # no import at the top: see the docstring
    for sentence in sentences:
        " ".join(map(ipa_of, sentence.split()))


def _timed(convert: Callable[[], object]) -> Round:
    def run() -> float:
        start = _cpu_seconds()
        convert()
        return _cpu_seconds() - start

    return run


def _cpu_seconds() -> float:
    """Of this process and of those that it started: on a machine that is shared, the clock on the wall tells
    of others.
    """
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


TOOLS = {tool.__name__: tool for tool in (epitran, espeak, gruut, cold, sequence, warm)}


def main(tool: str, language: str, rounds: int) -> None:
    """Run rounds and print words/s, the last line being one JSON object."""
    sentences = json.loads(sys.stdin.readline())
    words = sum(len(sentence.split()) for sentence in sentences)
    try:
        run = TOOLS[tool](language, sentences)
    except (ImportError, KeyError, RuntimeError) as error:
        print(json.dumps({"tool": tool, "language": language, "missing": repr(error)}), flush=True)
        return
    print(json.dumps({"tool": tool, "language": language, "words": words}), flush=True)
    if rounds:
        print(json.dumps({tool: [round(words / run()) for _ in range(rounds)]}))
        return
    for _ in sys.stdin:
        print(run(), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
