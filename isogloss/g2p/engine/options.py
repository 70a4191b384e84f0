"""How to convert: what callers may choose. The servicer's messages and the command line both become this."""

from dataclasses import dataclass
from typing import Literal

Mode = Literal["words", "whole"]
Segmentation = Literal["ipa", "plain"]
Normalization = Literal["none", "standard"]
Unmapped = Literal["pass", "drop", "mark", "error"]

XPHONEBERT_WORD_SEPARATOR = " ▁ "


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
    spell_digits: bool = False
    phoneme_separator: str = " "
    word_separator: str = XPHONEBERT_WORD_SEPARATOR
    backend: str = (
        ""  # English: "flite", "lex_lookup" or "cmudict"; empty: what is installed of the first two
    )
