"""What a map-based language is converted by: Epitran's files, with its slips mended, or under our own.

Our own files are in `mended/`, in Epitran's formats, by code: `map/<code>.csv`, `pre/<code>.txt`,
`post/<code>.txt` and `words/<code>.tsv` (word, tab, IPA: what no rule gives). They go on top of Epitran's:
entries of a map are added or changed, pre rules come before Epitran's, post rules after. Where the first
line of a file is `% replaces`, Epitran's file of that kind is not used, and with its pre rules go the
characters that it strips before them.
"""

import csv
import hashlib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from isogloss.g2p.engine import epitran_data, normalization
from isogloss.g2p.engine.epitran_data import DataError

_FOLDER = Path(__file__).parent / "mended"
_REPLACES = "% replaces"


@dataclass(frozen=True)
class RuleData:
    """Map, characters to strip, and the lines of both rule files, all NFD."""

    mapping: Mapping[str, str]
    strip: frozenset[str]
    pre: tuple[str, ...]
    post: tuple[str, ...]
    replaced: bool = False  # whether the pre rules are our own alone

    @property
    def letters(self) -> frozenset[str]:
        """Every character that the map and the pre rules know, NFD."""
        spoken_of = "".join(self.pre)
        in_rules = {letter for letter in spoken_of if letter.isalpha() or unicodedata.combining(letter)}
        return frozenset("".join(self.mapping)) | in_rules


def epitran(code: str, tones: bool = False) -> RuleData:
    """Epitran's own; with `tones`, what its option of that name keeps."""
    return RuleData(
        epitran_data.read_map(code, tones),
        epitran_data.read_strip(code),
        tuple(epitran_data.read_rules(code, "pre")),
        tuple(epitran_data.read_rules(code, "post")),
    )


def without_slips(code: str, tones: bool = False) -> RuleData:
    """Epitran's with a map that writes length as IPA does; see `normalization.mend_map`."""
    data = epitran(code, tones)
    return replace(data, mapping=normalization.mend_map(code, data.mapping))


def mended(code: str, tones: bool = False) -> RuleData:
    """The same under our own rules, where there are some."""
    data = without_slips(code, tones)
    pre, post, entries = _lines("pre", code, "txt"), _lines("post", code, "txt"), _lines("map", code, "csv")
    mapping = {} if _replaces(entries) else dict(data.mapping)
    rows = csv.reader(line for line in entries if not line.startswith("%"))
    for row in rows:
        if len(row) != 2:
            raise DataError(f"mended/map/{code}.csv: {row} is not a grapheme and a phoneme")
        if row != ["Orth", "Phon"]:
            mapping[row[0]] = row[1] if tones else epitran_data.without_tones(row[1])
    return RuleData(
        mapping,
        frozenset() if _replaces(pre) else data.strip,
        (*_rules(pre), *(() if _replaces(pre) else data.pre)),
        (*(() if _replaces(post) else data.post), *_rules(post)),
        _replaces(pre),
    )


@cache
def words(code: str) -> Mapping[str, str]:
    """IPA by word, lower case and NFC: what no rule gives."""
    found = {}
    for line in _lines("words", code, "tsv"):
        if line and not line.startswith("%"):
            word, tab, ipa = unicodedata.normalize("NFC", line).partition("\t")
            if not tab or word in found:
                raise DataError(f"mended/words/{code}.tsv: {line!r} is no word and its IPA, or comes twice")
            found[word] = ipa
    return found


@cache
def version() -> str:
    """Hash of our own files, all languages."""
    digest = hashlib.sha256()
    for path in sorted(_FOLDER.rglob("*.*")):
        digest.update(f"{path.parent.name}/{path.name}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


@cache
def is_mended(code: str) -> bool:
    """Whether we have rules or words of our own for a language."""
    return any(_path(kind, code, end).is_file() for kind, end in _KINDS)


_KINDS = (("pre", "txt"), ("post", "txt"), ("map", "csv"), ("words", "tsv"))


def _path(kind: str, code: str, end: str) -> Path:
    return _FOLDER / kind / f"{code}.{end}"


def _lines(kind: str, code: str, end: str) -> list[str]:
    path = _path(kind, code, end)
    if not path.is_file():
        return []
    text = unicodedata.normalize("NFD", path.read_text(encoding="utf-8"))
    return [line.strip() for line in text.splitlines()]


def _rules(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(line for line in lines if line and not line.startswith("%"))


def _replaces(lines: list[str]) -> bool:
    return _REPLACES in lines[:2]
