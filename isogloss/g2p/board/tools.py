"""What is compared: this engine with its layers, and other tools where they are installed.

A tool is a function from a word to IPA. `TOOLS` makes one for a language, or says that it has none by
returning None; `ImportError` and `BackendMissingError` mean that the tool is not installed.
"""

import importlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from isogloss.g2p.board.gold import held_out
from isogloss.g2p.engine.catalog import Entry
from isogloss.g2p.engine.converter import Converter, load
from isogloss.g2p.engine.espeak import VOICES, Espeak
from isogloss.g2p.engine.options import Options

Transliterate = Callable[[str], str]


@dataclass(frozen=True)
class Tool:
    """`made_from` names the family of gold that the tool was made of: its figures on that are optimistic."""

    name: str
    make: Callable[[Entry], Transliterate | None]
    made_from: str = ""


def _standard(entry: Entry) -> Transliterate:
    return load(entry.code, Options(normalization="standard", keep_stress=False)).ipa_of


def _withheld(entry: Entry) -> Transliterate:
    """`standard` without its exceptions for words that are held out: what rules do with unseen words."""
    converter = Converter(entry, Options(normalization="standard", keep_stress=False))
    converter.withhold(held_out)
    return converter.ipa_of


def _none(entry: Entry) -> Transliterate:
    return load(entry.code, Options(normalization="none")).ipa_of


def _espeak(entry: Entry) -> Transliterate | None:
    voice = VOICES.get(entry.code.partition("-")[0])
    return Espeak(voice).ipa if voice else None


def _epitran(entry: Entry) -> Transliterate | None:
    """The package itself, which is slow to start: what `none` is checked against by bench/g2p_equality.py."""
    if entry.code == "eng-Latn" and shutil.which("lex_lookup") is None:
        return None
    if entry.backend == "epitran-dictionary":
        return None
    epitran: Any = importlib.import_module("epitran")
    convert: Transliterate = epitran.Epitran(entry.code).transliterate
    return convert


def _g2p2(entry: Entry) -> Transliterate | None:
    g2p2: Any = importlib.import_module("g2p2")
    langcodes: Any = importlib.import_module("langcodes")
    name = langcodes.Language.get(entry.code.partition("-")[0]).language
    if not g2p2.supported(name):
        return None
    convert: Transliterate = g2p2.get_model({"fil": "tl", "nb": "no"}.get(name, name)).phonemize
    return convert


TOOLS = {
    tool.name: tool
    for tool in (
        Tool("standard", _standard),
        Tool("withheld", _withheld),
        Tool("none", _none),
        Tool("espeak-ng", _espeak),
        Tool("epitran", _epitran),
        Tool("g2p2", _g2p2, made_from="wikipron"),
    )
}
