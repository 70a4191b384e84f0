"""Text to phonemes in this process, without a server: `pip install 'isogloss[g2p]'`.

    from isogloss import phonemize

    phonemize("Les femmes parlent", "fr")                            # 'le fam paʀl'
    phonemize(["une ligne", "une autre"], "fra", form="sequence")    # ['y n ▁ l i ɲ', 'y n ▁ o t ʀ']
    phonemize("we'll see", "en", notation="arpabet", form="sequence")
    phonemize("le GIF", "fr", lexicon={"GIF": "ʒif"})
    phonemize("Dr. Li paid $5.50", "en", speech_ready=True)

Programs in other languages, and many processes that share one memory of words, call the service: `G2PClient`.
"""

from collections.abc import Iterable, Mapping
from typing import Literal, overload

from isogloss.errors import InvalidInput
from isogloss.g2p.engine.converter import Converter, load
from isogloss.g2p.engine.lexicon import Lexicon, of_entries
from isogloss.g2p.engine.options import Normalization, Options, Unmapped

Form = Literal["ipa", "sequence"]


@overload
def phonemize(text: str, language: str, **options: object) -> str: ...
@overload
def phonemize(text: Iterable[str], language: str, **options: object) -> list[str]: ...


def phonemize(  # type: ignore[misc]  # the options below are those of the overloads
    text: str | Iterable[str],
    language: str,
    *,
    form: Form = "ipa",
    normalization: Normalization = "standard",
    layers: Iterable[str] = (),
    lexicon: Mapping[str, str] | Lexicon | None = None,
    lexicon_notation: str = "ipa",
    notation: str = "ipa",
    unmapped: Unmapped = "pass",
    punctuation: bool = True,
    stress: bool = True,
    tones: bool = False,
    spell_digits: bool = False,
    speech_ready: bool = False,
    routes: Mapping[str, str] | None = None,
    backend: str = "",
) -> str | list[str]:
    """The IPA of a text, or of each of several; form "sequence": phonemes by spaces, words by ` ▁ `.

    `language` is ISO 639-3, ISO 639-1, a BCP 47 tag, an Epitran code or a name in English; `normalization`
    "none" is Epitran as it is; `layers`, `lexicon`, `routes`, `notation` are those of `Options`.

    Raises `InvalidInput`, which names the field and the fix.
    """
    if lexicon is not None and not isinstance(lexicon, Lexicon):
        lexicon = of_entries(lexicon.items(), lexicon_notation)
    options = Options(
        normalization,
        unmapped=unmapped,
        keep_punctuation=punctuation,
        keep_stress=stress,
        spell_digits=spell_digits,
        speech_ready=speech_ready,
        backend=backend,
        layers=tuple(layers),
        lexicon=lexicon or None,
        tones=tones,
        routes=tuple(sorted((routes or {}).items())),
        notation=notation,
    )
    converter = load(language, options)
    if isinstance(text, str):
        return _converted(converter, text, form)
    if not isinstance(text, Iterable):
        raise InvalidInput("text", f"{type(text).__name__}, not text", "Give a string, or several.")
    return [_converted(converter, line, form) for line in text]


def _converted(converter: Converter, text: str, form: Form) -> str:
    if not isinstance(text, str):
        raise InvalidInput("text", f"{type(text).__name__}, not text", "Give strings.")
    if form not in ("ipa", "sequence"):
        raise InvalidInput("form", f"no form {form!r}", "Use ipa or sequence.")
    return converter.sequence(text) if form == "sequence" else converter.sentence(text).ipa
