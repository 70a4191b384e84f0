"""Gold: words and their pronunciations, from WikiPron's files or a file of the user's own.

A word is *held out* when the first byte of the SHA-256 of `isogloss-board:` and the word is odd: half of
them. Rules and exceptions are written with the other half in view; figures are of this one."""

import gzip
import hashlib
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from isogloss.errors import InvalidInput
from isogloss.g2p.board.folding import fold

# WikiPron has one file for the standards of Serbo-Croatian.
_MACRO = {"hrv": "hbs", "srp": "hbs", "bos": "hbs", "prs": "fas", "zsm": "msa"}
# What dictionaries give of these is how they are said alone; in a sentence they are weak (J. C. Wells,
# Longman Pronunciation Dictionary, 2008, "weak forms"). Either is right, for every tool.
_WEAK = {
    "eng": {
        "a": "ə", "an": "ən", "and": "ənd", "are": "əɹ", "as": "əz", "at": "ət",
        "but": "bət", "can": "kən",
        "do": "də", "for": "fəɹ", "from": "fɹəm", "had": "həd", "has": "həz", "have": "həv", "her": "həɹ",
        "must": "məst", "of": "əv", "than": "ðən", "that": "ðət", "the": "ðə", "them": "ðəm", "to": "tə",
        "us": "əs", "was": "wəz", "were": "wəɹ", "your": "jəɹ",
    },
}  # fmt: skip
_EDGES = "".join(map(chr, [*range(0x21, 0x30), *range(0x3A, 0x41), *range(0x5B, 0x61), *range(0x7B, 0x7F)]))
_EDGES += "«»„“”‘’…–—¿¡।۔،؛؟％%°·"


@dataclass(frozen=True)
class Gold:
    """Folded pronunciations by word in lower case.

    `name` says where it is from, `family` what tools may have been made of ("wikipron", or "" for one's own).
    """

    name: str
    family: str
    words: dict[str, frozenset[tuple[str, ...]]]

    def half(self, name: str) -> "Gold":
        """The same with the words of "held-out" or "seen" alone; "all": as it is."""
        if name == "all":
            return self
        kept = {word: said for word, said in self.words.items() if held_out(word) == (name == "held-out")}
        return replace(self, words=kept)


def held_out(word: str) -> bool:
    """Whether a word is of the half that no rule and no exception may be written from."""
    return hashlib.sha256(f"isogloss-board:{word}".encode()).digest()[0] % 2 == 1


def wikipron(folder: Path, language: str, script: str) -> Gold | None:
    """The gold of a language (ISO 639-3, ISO 15924) in a folder of WikiPron's files; None without one."""
    found = path(folder, language, script)
    return read(found, language, family="wikipron") if found else None


def path(folder: Path, language: str, script: str) -> Path | None:
    """WikiPron's file of a language; None without one."""
    iso = _MACRO.get(language, language)
    return next(iter(sorted(folder.glob(f"{iso}-{script}-*.tsv*"))), None)


def read(file: Path, language: str, family: str = "") -> Gold:
    """A file of `word <TAB> IPA` lines, perhaps gzipped; `InvalidInput` names the line that is neither."""
    words: dict[str, set[tuple[str, ...]]] = {}
    with _opened(file) as lines:
        for number, line in enumerate(lines, start=1):
            word, tab, ipa = line.rstrip("\n").partition("\t")
            if not tab or not word:
                problem = f"line {number} of {file.name} is not a word, a tab and IPA"
                raise InvalidInput("gold", problem, "Write one pronunciation a line.")
            folded = fold(ipa, language)
            if folded:
                words.setdefault(key(word), set()).add(folded)
    for word, weak in _WEAK.get(language, {}).items():
        if word in words:
            words[word].add(fold(weak, language))
    return Gold(file.name, family, {word: frozenset(found) for word, found in words.items()})


def _opened(file: Path) -> IO[str]:
    return gzip.open(file, "rt", encoding="utf-8") if file.suffix == ".gz" else file.open(encoding="utf-8")


def key(word: str) -> str:
    """How a word is looked up: lower case, NFC, one apostrophe."""
    return unicodedata.normalize("NFC", word.replace("’", "'").replace("ʼ", "'")).lower()


def running_words(lines: Iterable[str]) -> Counter[str]:
    """The words of a text with how often they stand in it, without the punctuation at their edges."""
    counts: Counter[str] = Counter()
    for line in lines:
        for token in line.split():
            word = key(token.strip(_EDGES))
            if word:
                counts[word] += 1
    return counts
