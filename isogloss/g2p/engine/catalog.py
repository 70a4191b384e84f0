"""Which languages there are, under which names, and what converts each."""

from dataclasses import dataclass
from functools import cache

from isogloss.code_version import version_of
from isogloss.errors import InvalidInput
from isogloss.g2p.engine import codes, epitran_data, espeak, normalization, rule_data
from isogloss.g2p.engine.backend import Backend
from isogloss.g2p.engine.dictionary import SOURCES as DICTIONARIES
from isogloss.g2p.engine.dictionary import Dictionary, dictionary
from isogloss.g2p.engine.english import English
from isogloss.g2p.engine.map_rules import MapRules
from isogloss.g2p.engine.options import FOLDS, MENDED, Options
from isogloss.g2p.engine.rule_data import RuleData
from isogloss.languages import LANGUAGES

ENGLISH = "eng-Latn"
_ENGINE = version_of("isogloss.g2p.engine.converter", libraries=("regex",)).id  # as loaded


@dataclass(frozen=True)
class Entry:
    """One language: its Epitran code, ISO 639-3 if the bare code stands for it ("" otherwise), script,
    backend.
    """

    code: str
    iso639_3: str
    script: str
    backend: str


@cache
def entries() -> dict[str, Entry]:
    """All languages by code, sorted: every map of Epitran, English, and those with a dictionary."""
    found = {}
    for code in sorted({*epitran_data.codes(), ENGLISH, *DICTIONARIES}):
        iso, _, rest = code.partition("-")
        backend = "flite" if code == ENGLISH else (Dictionary if code in DICTIONARIES else MapRules).name
        found[code] = Entry(code, iso if _bare(iso) == code else "", rest[:4], backend)
    for code in espeak.ONLY:
        iso, _, script = code.partition("-")
        found[code] = Entry(code, iso, script, espeak.NAME)
    return dict(sorted(found.items()))


@cache
def _bare(iso: str) -> str:
    """What a bare ISO 639-3 code stands for: the paper's choice, else the characters that the language is
    written in (of Chinese the simplified), else the only map without a variant, else "".
    """
    if iso in LANGUAGES:
        return LANGUAGES[iso].epitran or ""
    written = [code for code in DICTIONARIES if code.partition("-")[0] == iso]
    if written:
        return written[0]
    alone = [code for code in espeak.ONLY if code.partition("-")[0] == iso]
    if alone:
        return alone[0]
    plain = [code for code in epitran_data.codes() if code.partition("-")[0] == iso and code.count("-") == 1]
    return plain[0] if len(plain) == 1 else ""


def resolve(language: str, field: str = "language") -> Entry:
    """The entry of an ISO 639-3, ISO 639-1, BCP 47 or Epitran code, or of a name in English.

    `InvalidInput` on `field` when there is none, with the nearest that there are.
    """
    if not isinstance(language, str):
        raise InvalidInput(field, f"{type(language).__name__}, not text", "Name a language, such as fra.")
    for code in codes.candidates(language):
        found = entries().get(code) or entries().get(_bare(code) if len(code) == 3 else "")
        if found is not None:
            return found
    raise InvalidInput(field, f"unknown language {language[:40]!r}", codes.suggestion(language, entries()))


def backend(entry: Entry, options: Options) -> Backend:
    """What converts a language under the layers asked for.

    `InvalidInput` when it has no backend of that name, `BackendMissingError` when it is absent.
    """
    name = options.backend
    if name == espeak.NAME or (entry.backend == espeak.NAME and not name):
        return _espeak(entry)
    if entry.code == ENGLISH:
        return English(name)
    if name not in ("", entry.backend):
        fix = f"Leave it empty, or use {entry.backend} or {espeak.NAME}."
        raise InvalidInput("options.backend", f"{entry.code} has no backend {name[:40]!r}", fix)
    if entry.code in DICTIONARIES:
        return dictionary(entry.code)
    return MapRules(rules_of(entry, options))


def _espeak(entry: Entry) -> espeak.Espeak:
    voice = espeak.VOICES.get(entry.code.partition("-")[0])
    if voice is None:
        fix = f"It has voices for: {', '.join(sorted(espeak.VOICES))}."
        raise InvalidInput("options.backend", f"espeak-ng has no voice for {entry.code}", fix)
    return espeak.Espeak(voice)


def rules_of(entry: Entry, options: Options) -> RuleData:
    """The rules of a language with a map, under the layers asked for."""
    layers = options.active_layers
    if MENDED in layers:
        return rule_data.mended(entry.code, options.tones)
    return (rule_data.without_slips if FOLDS in layers else rule_data.epitran)(entry.code, options.tones)


def has_map(entry: Entry) -> bool:
    """Whether rules convert it: neither English, nor a dictionary, nor espeak-ng alone."""
    return entry.backend == MapRules.name


def folding(entry: Entry, options: Options) -> normalization.Folding:
    """The folds of a language's texts."""
    if entry.code == ENGLISH:
        return normalization.Folding.of_english(options.backend, MENDED in options.active_layers)
    own_letters = has_map(entry) and rules_of(entry, options).replaced
    return normalization.Folding.of_map(entry.code, entry.script, letters(entry, options), own_letters)


def letters(entry: Entry, options: Options) -> frozenset[str]:
    """Every character that the language's map and pre rules know, NFD; none for English, whose letters are A
    to Z, for dictionaries, which know whole words, and for espeak-ng, which reads whatever it is given.
    """
    return rules_of(entry, options).letters if has_map(entry) else frozenset()


@cache
def version() -> str:
    """Of Epitran's data and of this engine: the same version gives the same output, but for dictionaries,
    whose version a backend adds.
    """
    return f"epitran {epitran_data.version()}, engine {_ENGINE}, mended {rule_data.version()}"
