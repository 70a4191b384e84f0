"""How a word gets its sound: the layers, first come first, and which of them it was.

    own → lexicon → mended (exceptions, then rules) → folds → epitran

A word with hyphens or an elision is looked up whole, then part by part: *c'est* is *c'* and *est*.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from isogloss.g2p.engine import acronyms, catalog, contractions, lexicon, reduced_vowels, rule_data
from isogloss.g2p.engine.backend import Backend
from isogloss.g2p.engine.catalog import ENGLISH, Entry
from isogloss.g2p.engine.map_rules import MapRules
from isogloss.g2p.engine.options import EPITRAN, LEXICON, MENDED, OWN, Options

Unmapped = Callable[[str], str]

_PARTS = re.compile("([-‐‑–—/]+)")
_ELIDING = frozenset(("fra", "ita", "cat", "oci"))
_ELIDED = re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_])")


@dataclass(frozen=True)
class Step:
    """One step from a word to its sound: who took it ("own", "lexicon", "mended", "folds", "epitran", or the
    name of another backend), by which entry or rule, and what the word was after it.
    """

    layer: str
    by: str
    after: str


class Pronouncer:
    """One language under some layers. Thread-safe."""

    def __init__(self, entry: Entry, options: Options) -> None:
        self._entry, self._options = entry, options
        self._layers = options.active_layers
        self.backend: Backend = catalog.backend(entry, options)
        self._lexicons: list[tuple[str, lexicon.Lexicon]] = []
        if OWN in self._layers and options.lexicon is not None:
            self._lexicons.append((OWN, options.lexicon))
        if LEXICON in self._layers and (found := lexicon.installed(entry.code)) is not None:
            self._lexicons.append((LEXICON, found))
        self._mended = MENDED in self._layers and not self._reads_all
        self._words: Mapping[str, str] = rule_data.words(entry.code) if self._mended else {}
        self._splits = bool(self._lexicons) or (
            self._mended and (rule_data.is_mended(entry.code) or entry.code == ENGLISH)
        )
        self._elides = entry.code.partition("-")[0] in _ELIDING and self._splits

    def withhold(self, word: Callable[[str], bool]) -> None:
        """See `Converter.withhold`."""
        self._words = {known: ipa for known, ipa in self._words.items() if not word(known)}

    @property
    def version(self) -> str:
        """Of lexicons, and of what tells acronyms of English; "" without any."""
        parts = [f"lexicon {found.name} {found.digest[:12]}" for _, found in self._lexicons]
        if self._entry.code == ENGLISH and self._mended:
            parts.append(acronyms.version())
        return ", ".join(filter(None, parts))

    @property
    def _reads_all(self) -> bool:
        """espeak-ng has exceptions of its own."""
        return self.backend.name == "espeak-ng"

    def ipa(self, part: str, unmapped: Unmapped | None) -> str:
        """A word without the punctuation at its edges in IPA; with `unmapped`, see `Backend.ipa_with`."""
        if not self._splits:
            return self._read(part, unmapped)
        found = self._find(part)
        if found is not None:
            return found[1]
        return "".join([self._unit(unit, unmapped) for unit in self._units(part)])

    def explain(self, part: str) -> Iterator[Step]:
        """Each step of the same; rules that did not fire are left out."""
        whole = self._find(part)
        for unit in [part] if whole or not self._splits else self._units(part):
            found = self._find(unit)
            if found is not None:
                yield Step(found[0], f"{unit} → {found[1]}", found[1])
                continue
            yield from self._explain_read(unit)

    def layer(self, part: str) -> str:
        """The layer that made the difference: of several parts, the first that is not Epitran's."""
        layers = {step.layer for step in self.explain(part)}
        return next((name for name in self._layers if name in layers), self._last)

    def _find(self, word: str) -> tuple[str, str] | None:
        for layer, words in self._lexicons:
            if (ipa := words.find(word)) is not None:
                return layer, ipa
        if self._words:
            ipa = self._words.get(word) or self._words.get(unicodedata.normalize("NFC", word.lower()))
            if ipa is not None:
                return MENDED, ipa
        if self._entry.code == ENGLISH and self._mended:
            ipa = contractions.ipa(word, self._read_plain) or acronyms.ipa(word)
            if ipa:
                return MENDED, ipa
        return None

    def _unit(self, unit: str, unmapped: Unmapped | None) -> str:
        found = self._find(unit)
        return found[1] if found is not None else self._read(unit, unmapped)

    def _units(self, part: str) -> list[str]:
        units = _PARTS.split(part) if _PARTS.search(part) else [part]
        if self._elides:
            units = [piece for unit in units for piece in _elision(unit)]
        return [unit for unit in units if unit]

    def _read_plain(self, word: str) -> str:
        found = self._find(word) if "'" not in word else None
        return found[1] if found else self._read(word, None)

    def _read(self, word: str, unmapped: Unmapped | None) -> str:
        if self._entry.code == ENGLISH and self._mended and self._options.backend != "cmudict":
            word = word.replace("'", "")  # flite's lexicon has *dont*
        if self._elides and word.endswith("'"):
            word = word[:-1] + ("e" if self._entry.code.startswith("fra") else "")
        ipa = self.backend.ipa(word) if unmapped is None else self.backend.ipa_with(word, unmapped)
        return reduced_vowels.ipa(word, ipa) if self._entry.code == ENGLISH and self._mended else ipa

    def _explain_read(self, unit: str) -> Iterator[Step]:
        if not isinstance(self.backend, MapRules):
            yield Step(self._last, self.backend.name, self._read(unit, None))
            return
        own = set(self._own_rules)
        for by, after in self.backend.trace(unit):
            layer = MENDED if by in own else self._last
            yield Step(layer, unicodedata.normalize("NFC", by), unicodedata.normalize("NFC", after))

    @property
    def _last(self) -> str:
        """What reads a word that no entry has."""
        return self.backend.name if self._reads_all else EPITRAN

    @cached_property
    def _own_rules(self) -> frozenset[str]:
        if not self._mended:
            return frozenset()
        epitran = rule_data.epitran(self._entry.code)
        mended = rule_data.mended(self._entry.code)
        own = frozenset(mended.pre + mended.post) - frozenset(epitran.pre + epitran.post)
        return own | {"map"} if mended.mapping != rule_data.without_slips(self._entry.code).mapping else own


def _elision(unit: str) -> list[str]:
    """`qu'il` is `qu'` and `il`."""
    pieces = _ELIDED.split(unit)
    return [*(piece + "'" for piece in pieces[:-1]), pieces[-1]]
