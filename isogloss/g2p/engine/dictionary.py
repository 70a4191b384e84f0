"""Chinese and Japanese as Epitran has them (`Epihan`, `EpiCanto`, `EpiJpan`): a pronouncing dictionary, the
longest word first.

    cmn-Hans, cmn-Hant   CC-CEDICT: pinyin, then Epitran's rules from pinyin to IPA
    yue-Hant             CC-Canto: jyutping, then Epitran's rules from jyutping to IPA
    jpn-Jpan             ipa-dict's ja.txt: IPA

Epitran ships none of the dictionaries; its own downloads, where they were made, are used, or the folder
ISOGLOSS_G2P_DICTIONARIES where that is set. Epitran is not imported (it brings pandas), nor is its quadratic
loop taken over. What is in no dictionary passes. The answer is Epitran's string, which is not normalized.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from isogloss.g2p.engine import epitran_data, rules
from isogloss.g2p.engine.epitran_data import DataError
from isogloss.g2p.engine.flite import BackendMissingError
from isogloss.settings import settings

Reading = Callable[[Iterable[str]], Iterator[tuple[str, str]]]  # lines to words and their pronunciations


@dataclass(frozen=True)
class Source:
    """A dictionary: its name, its file in Epitran's folder of downloads, how it is read and then spelled."""

    name: str
    file: str
    download: str  # the function of `epitran.download` that fetches it
    read: Reading
    rules: str  # in Epitran's data/rules; "" where the dictionary has IPA


class Dictionary:
    """One language. Immutable but for a cache of pronunciations: thread-safe.

    `BackendMissingError` where the dictionary is not installed, `DataError` on a file that is none.
    """

    name = "epitran-dictionary"

    def __init__(self, code: str) -> None:
        source = SOURCES[code]
        content = _find(source).read_bytes()
        self.version = f"{source.name} {hashlib.sha256(content).hexdigest()[:12]}"
        self._words = dict(source.read(content.decode("utf-8").splitlines(keepends=True)))
        if not self._words:
            raise DataError(f"{source.file} has no word: it is not {source.name}")
        self._lengths = _lengths(self._words)
        self._rules = rules.Cascade(
            rules.read(epitran_data.read_spelling(source.rules)) if source.rules else []
        )
        self._ipa: dict[str, str] = {}  # by pronunciation, of which there are far fewer than words

    def ipa(self, text: str) -> str:
        """The text in IPA; what is in no word of the dictionary passes."""
        return "".join(self._parts(text, lambda character: character))

    def ipa_with(self, text: str, unmapped: Callable[[str], str]) -> str:
        """The same, with `unmapped` deciding what becomes of each character that passes."""
        return "".join(self._parts(text, unmapped))

    def _parts(self, text: str, unmapped: Callable[[str], str]) -> Iterator[str]:
        at = 0
        while at < len(text):
            word = self._longest(text, at)
            yield self._pronounced(self._words[word]) if word else unmapped(text[at])
            at += len(word) or 1

    def _longest(self, text: str, at: int) -> str:
        """The longest word of the dictionary that the text goes on with; "" when there is none."""
        for length in self._lengths.get(text[at], ()):
            if (word := text[at : at + length]) in self._words:
                return word
        return ""

    def _pronounced(self, spelled: str) -> str:
        ipa = self._ipa.get(spelled)
        if ipa is None:
            self._ipa[spelled] = ipa = self._rules.apply(spelled.lower()).replace(",", "")
        return ipa


def _lengths(words: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """By first character, the lengths of the words that begin with it, the longest first."""
    lengths: dict[str, set[int]] = {}
    for word in words:
        lengths.setdefault(word[0], set()).add(len(word))
    return {first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()}


_CEDICT_LINE = re.compile(r"(?P<words>[^]]+) \[(?P<pinyin>[^]]+)\] /.+/")
_CANTO_LINE = re.compile(r"(?P<words>[^\[]+) \[[^]]+\] \{(?P<jyutping>[^}]+)\} /.+/")
_JAPANESE_IPA = re.compile(r"/([^/]+)/")


def _cedict(column: int) -> Reading:
    """CC-CEDICT's words in traditional (column 0) or simplified (1) characters; a word's last entry wins."""

    def read(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
        for entry in filter(None, map(_CEDICT_LINE.match, _without_comments(lines))):
            words = entry["words"].split(" ")
            if len(words) > column and words[column]:
                yield words[column], entry["pinyin"].replace(" ", "")

    return read


def _cc_canto(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """CC-Canto's words in traditional characters, and every character with its syllable in the last word that
    has it, as Epitran fills the gaps of the dictionary.
    """
    for entry in filter(None, map(_CANTO_LINE.match, _without_comments(lines))):
        word, syllables = entry["words"].split(" ")[0], entry["jyutping"].split(" ")
        if word:
            yield word, "".join(syllables)
            yield from zip(word, syllables, strict=False)


def _japanese(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Words with their first pronunciation."""
    for number, line in enumerate(lines, start=1):
        word, tab, pronunciations = line.partition("\t")
        if not tab or "\t" in pronunciations:
            raise DataError(f"ja.txt, line {number}: not a word, a tab and its pronunciations")
        found = _JAPANESE_IPA.search(pronunciations)
        if word:
            yield word, found[1] if found else ""


def _without_comments(lines: Iterable[str]) -> Iterator[str]:
    return (line for line in lines if not line.lstrip().startswith("#"))


SOURCES = {
    "cmn-Hans": Source("CC-CEDICT", "cedict.txt", "cedict", _cedict(1), "pinyin-to-ipa"),
    "cmn-Hant": Source("CC-CEDICT", "cedict.txt", "cedict", _cedict(0), "pinyin-to-ipa"),
    "yue-Hant": Source("CC-Canto", "cc_canto/cccanto-webdist.txt", "cc_canto", _cc_canto, "jyutping-to-ipa"),
    "jpn-Jpan": Source("ipa-dict", "ja.txt", "opendict_ja", _japanese, ""),
}


def _find(source: Source) -> Path:
    own = settings().g2p_dictionaries
    folder = own or epitran_data.directory().parent / "epitran_data"  # where Epitran's downloads go
    path = folder / source.file
    if path.is_file():
        return path
    raise BackendMissingError(
        f"{source.name} is not installed: {folder} has no {source.file}. Fetch it with"
        f" python -c 'from epitran import download; download.{source.download}()' where there is a way out,"
        " or set ISOGLOSS_G2P_DICTIONARIES to a folder that has it."
    )


@cache
def dictionary(code: str) -> Dictionary:
    """One language's dictionary, read once: it takes half a second and some dozen MB."""
    return Dictionary(code)
