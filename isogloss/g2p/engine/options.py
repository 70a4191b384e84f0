"""How to convert: what callers may choose. The servicer's messages and the command line both become this."""

from dataclasses import dataclass
from typing import Literal

from isogloss.errors import InvalidInput
from isogloss.g2p.engine.lexicon import Lexicon

Mode = Literal["words", "whole"]
Segmentation = Literal["ipa", "plain"]
Normalization = Literal["none", "standard"]
Unmapped = Literal["pass", "drop", "mark", "error"]

XPHONEBERT_WORD_SEPARATOR = " ▁ "

# What may give a word its sound, first come first: the caller's own lexicon, an installed one, our rules and
# exceptions over Epitran's, spellings folded to those that Epitran knows, Epitran itself.
OWN, LEXICON, MENDED, FOLDS, EPITRAN = LAYERS = ("own", "lexicon", "mended", "folds", "epitran")


@dataclass(frozen=True)
class Options:
    """Every choice with its default.

    `normalization` has none here: it changes results, so callers name it.
    """

    normalization: Normalization
    mode: Mode = "words"  # white-space tokens one by one, or the whole string at once
    segmentation: Segmentation = "ipa"  # marks with their letter, or grapheme clusters
    unmapped: Unmapped = (
        "pass"  # letters, marks and digits that no rule maps: stay, go, become U+FFFD, are refused
    )
    keep_punctuation: bool = True
    keep_stress: bool = True
    spell_digits: bool = False  # digits, and the signs beside them, as words: see `speech`
    speech_ready: bool = False  # the same, with abbreviations and acronyms
    phoneme_separator: str = " "
    word_separator: str = XPHONEBERT_WORD_SEPARATOR
    # English: "flite", "lex_lookup", "cmudict"; with a voice: "espeak-ng"; empty: the language's own.
    backend: str = ""
    layers: tuple[str, ...] = ()  # of LAYERS; empty: all of them, with normalization none the last alone
    lexicon: Lexicon | None = None  # the caller's own words
    tones: bool = False  # keep the tones of Epitran's map
    notation: str = "ipa"  # of phonemes and sequences: "ipa", "x-sampa", "arpabet"
    routes: tuple[tuple[str, str], ...] = ()  # ISO 15924 to language: who reads letters of another script

    @property
    def active_layers(self) -> tuple[str, ...]:
        """The layers in their order; `InvalidInput` on one that does not exist or does not fit."""
        for name in self.layers:
            if name not in LAYERS:
                raise InvalidInput("options.layers", f"no layer {name[:40]!r}", f"Use {', '.join(LAYERS)}.")
        if self.normalization == "none":
            if set(self.layers) - {EPITRAN}:
                fix = "Use normalization standard, or leave layers out."
                raise InvalidInput("options.layers", "normalization none is the layer epitran alone", fix)
            if self.lexicon is not None:
                fix = "Use normalization standard with a lexicon."
                raise InvalidInput("options.lexicon", "normalization none is Epitran as it is", fix)
            return (EPITRAN,)
        if not self.layers:
            return LAYERS
        if EPITRAN not in self.layers:
            raise InvalidInput(
                "options.layers", "without epitran", "It reads what no other layer knows: add it."
            )
        return tuple(name for name in LAYERS if name in self.layers)
