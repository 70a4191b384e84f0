"""Inputs: what a model reads of a word, a rendering and its units. One record each.

A corpus has columns of words as they are written (`tokens`, `premise`, `hypothesis`, `text`); a rendering is
a column beside each, made by G2P's ConvertCorpus and aligned word by word: `phonemes` beside `tokens`, and
`premise_phonemes`, `hypothesis_phonemes`, `text_phonemes`.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from isogloss.errors import InvalidInput

Units = Literal["subword", "character", "symbol"]


@dataclass(frozen=True)
class Input:
    """One input.

    - rendering: the name of the columns that are read, "" for the words as written
    - units: what the model counts: subwords of a tokenizer, single characters, or symbols between spaces
    """

    name: str
    title: str
    units: Units
    rendering: str = ""

    @property
    def symbols(self) -> bool:
        """Whether a word is given as symbols between spaces, and words stand between ` ▁ `."""
        return self.units == "symbol"

    def column(self, written: str) -> str:
        """The column to read where `written` is that of the words as written."""
        if not self.rendering:
            return written
        return self.rendering if written == "tokens" else f"{written}_{self.rendering}"


INPUTS = MappingProxyType(
    {
        item.name: item
        for item in (
            Input("subword", "Subwords", "subword"),
            Input("character", "Characters", "character"),
            Input("phoneme", "Phonemes", "symbol", "phonemes"),
            # For controlled experiments (pre-training in which only the input differs):
            Input("letters", "Letters: lower case, NFD, jamo", "character", "letters"),
            Input("romanized", "Romanized by uroman", "character", "romanized"),
            Input(
                "phoneme_by_script", "Phonemes, none shared across scripts", "symbol", "phonemes_by_script"
            ),
        )
    }
)


def input_named(name: str, field: str = "input") -> Input:
    """Look up an input; `InvalidInput` on `field` when there is none of that name."""
    try:
        return INPUTS[name]
    except KeyError:
        raise InvalidInput(field, f"unknown input {name!r}", f"Use one of: {', '.join(INPUTS)}.") from None
