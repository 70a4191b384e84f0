"""Languages: which there are, and what each resource calls them. One record each, read from languages.tsv.

The table has every language that G2P converts; one that is written in several
scripts has a record for each (`uzb-Latn`, `uzb-Cyrl`). `tools/languages.py` writes it. Elsewhere a language
is its code; only the readers of a resource translate it. An experiment may bring more:

    registry = extended([Language("tat", "tat", "Tatar", "Turkic", "Cyrl", wikiann="tt", flores="tat_Cyrl")])
    language("tat", "languages", registry).flores      # tat_Cyrl; LANGUAGES itself stays as it is
"""

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType

from isogloss.errors import InvalidInput

TABLE = Path(__file__).with_name("languages.tsv")

_CODE = re.compile(r"[a-z]{3}(-[A-Z][a-z]{3}(-[A-Za-z0-9]{1,16})?)?")
_SCRIPT = re.compile(r"[A-Z][a-z]{3}")


def check_code(code: str, field: str = "language") -> str:
    """A code of the right form, known or not: what a service asks of the name of a language, since whoever
    calls it may have a registry of its own. Raises `InvalidInput` on `field`.
    """
    if not _CODE.fullmatch(code):
        fix = "Use ISO 639-3, such as fra, with the script where there are several: uzb-Latn."
        raise InvalidInput(field, f"{code[:40]!r} is no code of a language", fix)
    return code


@dataclass(frozen=True)
class Language:
    """One language in one script, and what each resource calls it; None where a resource does not have it.

    - code: ISO 639-3, with the script where the language has a record for each of several (`uzb-Latn`)
    - name, family: English; the outermost family of Glottolog
    - script: ISO 15924
    - epitran: G2P's code, which is Epitran's; None where nothing converts it, and then no phonemes are made
    - backend: what has to be installed for it beside G2P itself: espeak-ng, or None
    - treebank, repository: of Universal Dependencies 2.13: the first part of the releases' file names, and
      the treebank's name
    - wikiann, xnli: names of the configurations; ISO 639-1 for most
    - flores: code of FLORES-200
    - ntrex: of NTREX-128's files
    """

    code: str
    iso639_3: str
    name: str
    family: str
    script: str
    epitran: str | None = None
    backend: str | None = None
    treebank: str | None = None
    repository: str | None = None
    wikiann: str | None = None
    xnli: str | None = None
    flores: str | None = None
    ntrex: str | None = None

    def __post_init__(self) -> None:
        """Raises `InvalidInput` naming the field that does not fit."""
        check_code(self.code, "languages.code")
        if self.code.partition("-")[0] != self.iso639_3:
            fix = "Write the code as ISO 639-3, or ISO 639-3 and script."
            raise InvalidInput(
                f"languages.{self.code}.iso639_3", f"{self.iso639_3!r} is not that of the code", fix
            )
        if not _SCRIPT.fullmatch(self.script):
            fix = "Use four letters of ISO 15924, such as Latn."
            raise InvalidInput(f"languages.{self.code}.script", f"{self.script!r} is no script", fix)
        if not self.name.strip() or not self.name.isprintable():
            raise InvalidInput(f"languages.{self.code}.name", "is not a name", "Give the English name.")

    @property
    def title(self) -> str:
        """The name, with the script where it tells two records apart: Uzbek (Cyrl)."""
        return self.name if self.code == self.iso639_3 else f"{self.name} ({self.script})"


FIELDS = tuple(field.name for field in fields(Language))


def _read(path: Path) -> Mapping[str, Language]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader((line for line in file if line[0] != "#"), dialect="excel-tab")
        records = [Language(**{name: cell for name, cell in row.items() if cell}) for row in rows]
    return MappingProxyType({record.code: record for record in records})


LANGUAGES = _read(TABLE)


def extended(
    more: Iterable[Language], registry: Mapping[str, Language] = LANGUAGES
) -> Mapping[str, Language]:
    """A registry with more languages, or other records of the same code; the one given stays as it is."""
    return MappingProxyType({**registry, **{record.code: record for record in more}})


def language(code: str, field: str = "language", registry: Mapping[str, Language] = LANGUAGES) -> Language:
    """The record of a code: `fra`, `uzb-Cyrl`, or with a script that goes without saying (`fra-Latn`).

    Raises `InvalidInput` on `field` for another one, with the codes that may have been meant.
    """
    record = registry.get(code)
    if record is None and "-" in code:
        iso, _, script = code.partition("-")
        bare = registry.get(iso)
        record = bare if bare is not None and bare.script == script else None
    if record is not None:
        return record
    raise InvalidInput(field, f"unknown language {code[:40]!r}", _suggested(code, registry))


def _suggested(code: str, registry: Mapping[str, Language]) -> str:
    """The scripts of the language, the language of that name or of that code in a resource, or codes that
    look alike.
    """
    folded = code.casefold()
    parts = re.split(r"[-_]", folded)
    scripts = [known for known in registry if known.partition("-")[0] == parts[0]]
    called = [
        record.code
        for record in registry.values()
        if folded
        in {name.casefold() for name in (record.name, record.flores, record.wikiann, record.ntrex) if name}
    ]
    meant = scripts or called or get_close_matches(folded, registry, n=3, cutoff=0.6)
    choices = f"Use {' or '.join(meant[:6])}." if meant else "Use an ISO 639-3 code, such as fra."
    return f"{choices} `isogloss languages` lists all; an experiment file may bring more."
