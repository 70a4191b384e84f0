"""Which languages there are, under which names, and what converts each."""

import unicodedata
from dataclasses import dataclass
from functools import cache

from isogloss.code_version import version_of
from isogloss.errors import InvalidInput
from isogloss.g2p.engine import epitran_data, normalization
from isogloss.g2p.engine.backend import Backend
from isogloss.g2p.engine.dictionary import SOURCES as DICTIONARIES
from isogloss.g2p.engine.dictionary import Dictionary, dictionary
from isogloss.g2p.engine.english import English
from isogloss.g2p.engine.map_rules import MapRules
from isogloss.g2p.engine.options import Normalization
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
        backend = "flite" if code == ENGLISH else _kind(code).name
        found[code] = Entry(code, iso if _bare(iso) == code else "", rest[:4], backend)
    return found


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
    plain = [code for code in epitran_data.codes() if code.partition("-")[0] == iso and code.count("-") == 1]
    return plain[0] if len(plain) == 1 else ""


def resolve(language: str, field: str = "language") -> Entry:
    """The entry of an ISO 639-3 or Epitran code; `InvalidInput` on `field` when there is none."""
    found = entries().get(language) or entries().get(_bare(language) if len(language) == 3 else "")
    if found is None:
        choices = (
            [code for code in entries() if code.startswith(language[:3] + "-")] if len(language) >= 3 else []
        )
        fix = (
            f"Use one of: {', '.join(choices)}."
            if choices
            else "ListLanguages names them all; eng, fra, rus are some."
        )
        raise InvalidInput(field, f"unknown language {language[:40]!r}", fix)
    return found


def backend(entry: Entry, normalize: Normalization, name: str = "") -> Backend:
    """What converts a language.

    `InvalidInput` when it has no backend `name`, `BackendMissingError` when it is absent.
    """
    if entry.code == ENGLISH:
        return English(name)
    kind = _kind(entry.code)
    if name not in ("", kind.name):
        fix = f"Leave it empty, or use {kind.name}; only English has a choice."
        raise InvalidInput("options.backend", f"{entry.code} has no backend {name[:40]!r}", fix)
    if kind is Dictionary:
        return dictionary(entry.code)
    return MapRules(entry.code, normalization.mend_map if normalize == "standard" else None)


def _kind(code: str) -> type[MapRules] | type[Dictionary]:
    return Dictionary if code in DICTIONARIES else MapRules


def folding(entry: Entry, backend_name: str) -> normalization.Folding:
    """Normalization `standard` of a language's texts."""
    if entry.code == ENGLISH:
        return normalization.Folding.of_english(backend_name)
    return normalization.Folding.of_map(entry.code, entry.script, letters(entry))


@cache
def letters(entry: Entry) -> frozenset[str]:
    """Every character that the language's map and pre rules know, NFD; none for English, whose letters are A
    to Z, and for dictionaries, which know whole words.
    """
    if entry.code == ENGLISH or entry.code in DICTIONARIES:
        return frozenset()
    spoken_of = "".join(epitran_data.read_rules(entry.code, "pre"))
    in_rules = {
        character for character in spoken_of if character.isalpha() or unicodedata.combining(character)
    }
    return frozenset("".join(epitran_data.read_map(entry.code))) | in_rules


@cache
def version() -> str:
    """Of Epitran's data and of this engine: the same version gives the same output, but for dictionaries,
    whose version a backend adds.
    """
    return f"epitran {epitran_data.version()}, engine {_ENGINE}"
