"""Lexicons: words and their IPA, which go before every rule.

A lexicon is the caller's own (sent with a request, or a file) or an installed one: a file
`<code>.tsv` in the folder ISOGLOSS_G2P_LEXICONS, which says in its head where it is from and under which
licence. Isogloss ships none: what there is of pronunciations under free licences is mostly CC BY-SA.
Its transcriptions are taken as they are: bring them into the inventory of the language's rules first, so that
a model sees one alphabet.
"""

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from isogloss.errors import InvalidInput
from isogloss.g2p.engine import notation
from isogloss.settings import settings

MAX_ENTRIES = 1_000_000
MAX_CHARACTERS = 200  # of a word, and of its IPA


@dataclass(frozen=True)
class Lexicon:
    """Words with IPA. Two are equal when their content is: `digest` is a SHA-256.

    A word is looked up as it is written, then in lower case; inflected forms are words of their own.
    """

    digest: str
    words: Mapping[str, str] = field(compare=False, repr=False)
    name: str = field(default="own", compare=False)
    licence: str = field(default="", compare=False)

    def find(self, word: str) -> str | None:
        """Its IPA, NFC, or None."""
        found = self.words.get(word)
        return self.words.get(word.lower()) if found is None else found


def of_entries(
    entries: Iterable[tuple[str, str]],
    spelled: str = "ipa",
    name: str = "own",
    licence: str = "",
    where: str = "",
) -> Lexicon:
    """A lexicon of words and pronunciations; `spelled` is "ipa", "x-sampa" or "arpabet".

    `InvalidInput` names the entry that cannot be used.
    """
    words: dict[str, str] = {}
    for number, (word, spelling) in enumerate(entries):
        field_ = f"{where or 'options.lexicon'}[{number}]"
        word = unicodedata.normalize("NFC", word.replace("’", "'").replace("ʼ", "'")).strip()
        if not word or any(character.isspace() for character in word):
            raise InvalidInput(field_, f"{word[:40]!r} is not one word", "Give a word without white space.")
        if len(word) > MAX_CHARACTERS or len(spelling) > MAX_CHARACTERS:
            raise InvalidInput(
                field_, f"{word[:40]!r} is too long", f"{MAX_CHARACTERS} characters are the most."
            )
        ipa = unicodedata.normalize("NFC", "".join(notation.to_ipa(spelling, spelled, field_).split()))
        if not ipa:
            raise InvalidInput(field_, f"{word[:40]!r} has no pronunciation", "Give one, or leave it out.")
        words.setdefault(word, ipa)  # the first of several
        if len(words) > MAX_ENTRIES:
            raise InvalidInput(field_, f"more than {MAX_ENTRIES} words", "Send the words that matter.")
    content = "\n".join(f"{word}\t{ipa}" for word, ipa in sorted(words.items()))
    return Lexicon(hashlib.sha256(content.encode()).hexdigest(), words, name, licence)


def read(path: Path, spelled: str = "ipa", field_: str = "lexicon") -> Lexicon:
    """A file of `word <TAB> pronunciation` lines; those that begin with # are its head."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(field_, f"cannot read {path}: {error}", "Give a text file, UTF-8.") from None
    head = dict(line[1:].strip().partition(": ")[::2] for line in lines if line.startswith("#"))
    entries = []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        word, tab, spelling = line.partition("\t")
        if not tab:
            fix = "Write one word, a tab and its pronunciation a line."
            raise InvalidInput(field_, f"line {number} of {path.name} has no tab", fix)
        entries.append((word, spelling))
    return of_entries(entries, spelled, head.get("name", path.stem), head.get("licence", ""), field_)


@cache
def installed(code: str) -> Lexicon | None:
    """The lexicon of a language in ISOGLOSS_G2P_LEXICONS, read once; None without one."""
    folder = settings().g2p_lexicons
    path = folder / f"{code}.tsv" if folder else None
    return read(path, field_=f"ISOGLOSS_G2P_LEXICONS: {path.name}") if path and path.is_file() else None
