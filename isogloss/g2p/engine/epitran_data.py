"""Epitran's data files, read without importing Epitran (which would bring pandas, 2.5 s and 37 MB per
language).

    data/map/<code>.csv    header Orth,Phon; one grapheme and its phoneme a line
    data/strip/<code>.csv  characters removed before the rules
    data/pre/<code>.txt    rules on letters;  data/post/<code>.txt  rules on phonemes
    data/rules/<name>.txt  rules on the spellings of Chinese dictionaries (pinyin, jyutping)
    data/arpabet.csv       the phones of flite and their IPA

Codes are ISO 639-3, script (ISO 15924) and sometimes a variant, such as `fra-Latn` or `fra-Latn-p`.
"""

import csv
import importlib.util
import re
import unicodedata
from functools import cache
from importlib import metadata
from pathlib import Path

_TONES = str.maketrans("", "", "˩˨˧˦˥")
_CODE = re.compile(r"[A-Za-z0-9_-]{2,40}")


class DataError(Exception):
    """Epitran is not installed, or a data file of it is not what this engine knows."""


@cache
def directory() -> Path:
    """The data folder of the installed Epitran; `DataError` when there is none."""
    spec = importlib.util.find_spec("epitran")  # finds the package, runs nothing of it
    if spec is None or not spec.submodule_search_locations:
        raise DataError(
            "Epitran is not installed, and its data files are what G2P runs on: pip install epitran"
        )
    return Path(spec.submodule_search_locations[0]) / "data"


def version() -> str:
    """Version of the installed Epitran, which is the version of the data."""
    return metadata.version("epitran")


@cache
def codes() -> tuple[str, ...]:
    """Every code that has a map, sorted."""
    names = (path.stem for path in (directory() / "map").glob("*.csv"))
    return tuple(sorted(name for name in names if _CODE.fullmatch(name) and not name.endswith("_rev")))


def without_tones(ipa: str) -> str:
    """IPA without tone letters."""
    return ipa.translate(_TONES)


def read_map(code: str, tones: bool = False) -> dict[str, str]:
    """Grapheme → phoneme in the file's order, both NFD; without `tones`, they are removed, as Epitran does by
    default.
    """
    path = directory() / "map" / f"{code}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    if header != ["Orth", "Phon"]:
        raise DataError(f"{path.name}: header is {header}, not Orth,Phon")
    mapping: dict[str, str] = {}
    for number, row in enumerate(rows, start=2):
        if len(row) != 2 or not row[0]:
            raise DataError(f"{path.name}, line {number}: not a grapheme and a phoneme")
        grapheme, phoneme = (unicodedata.normalize("NFD", field) for field in row)
        if grapheme in mapping:
            raise DataError(f"{path.name}, line {number}: {grapheme!r} is mapped twice")
        mapping[grapheme] = phoneme if tones else without_tones(phoneme)
    return mapping


def read_strip(code: str) -> frozenset[str]:
    """Characters that are removed from a word before its rules; empty when the language has no such file."""
    path = directory() / "strip" / f"{code}.csv"
    if not path.is_file():
        return frozenset()
    with path.open(encoding="utf-8", newline="") as file:
        return frozenset(row[0] for row in csv.reader(file))


def read_rules(code: str, stage: str) -> list[str]:
    """Lines of a rule file, `stage` being "pre" or "post", NFD, without comments; empty when there is no
    file.
    """
    path = directory() / stage / f"{code}.txt"
    return _read_lines(path) if path.is_file() else []


def read_spelling(name: str) -> list[str]:
    """The rules from a dictionary's spelling to IPA, `name` being "pinyin-to-ipa" or "jyutping-to-ipa"."""
    return _read_lines(directory() / "rules" / f"{name}.txt")


def _read_lines(path: Path) -> list[str]:
    with path.open(encoding="utf-8") as file:
        lines = [unicodedata.normalize("NFD", line.strip()) for line in file]
    return [line for line in lines if line and not line.startswith("%")]


def read_arpabet() -> dict[str, str]:
    """flite's phones and their IPA."""
    with (directory() / "arpabet.csv").open(encoding="utf-8", newline="") as file:
        return dict(csv.reader(file))
