"""The vocabulary of one rendering: units that are met often enough, in the tokenizer format of XPhoneBERT."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit
from tokenizers.processors import TemplateProcessing

from isogloss.errors import InvalidInput
from services.trainer.pretrain.corpus import HOLES, Reading
from services.trainer.pretrain.plan import Plan

START, PAD, END, UNKNOWN, SEPARATOR, MASK = range(6)  # ids 0 to 2 as in XPhoneBERT
SPECIALS = ("<s>", "<pad>", "</s>", "<unk>", "▁", "<mask>")
LEAST_UNITS = 2


@dataclass(frozen=True)
class Vocabulary:
    """Names of all ids, specials first, and the id of each unit of a reading's inventory."""

    names: tuple[str, ...]
    ids: NDArray[np.int32]  # [inventory]; `UNKNOWN` for what is too rare
    unknown_share: float  # of the units that the plan reads

    @property
    def units(self) -> Sequence[str]:
        """Without the specials."""
        return self.names[len(SPECIALS) :]

    def tokenizer(self) -> Tokenizer:
        """Units separated by spaces, words by ` ▁ `."""
        ids = {name: number for number, name in enumerate(self.names)}
        tokenizer = Tokenizer(WordLevel(ids, unk_token="<unk>"))
        tokenizer.pre_tokenizer = WhitespaceSplit()
        tokenizer.post_processor = TemplateProcessing(
            single="<s> $A </s>",
            pair="<s> $A </s> </s> $B </s>",
            special_tokens=[("<s>", START), ("</s>", END)],
        )
        tokenizer.add_special_tokens([name for name in SPECIALS if name != "▁"])
        return tokenizer


def build(reading: Reading, plan: Plan, least: int, field: str = "least_occurrences") -> Vocabulary:
    """Units with at least `least` occurrences in the windows that the plan reads, each window counted once.

    Raises `InvalidInput` when fewer than two are left.
    """
    used = np.zeros(len(reading.types) + 1, dtype=np.int64)  # how many windows begin, less those that end
    windows = plan.windows[np.unique(plan.rows)]
    np.add.at(used, windows[:, 0], 1)
    np.add.at(used, windows[:, 1], -1)
    times = np.bincount(reading.types, np.cumsum(used)[:-1], len(reading.starts) - 1)
    counts = np.bincount(
        reading.units, np.repeat(times, np.diff(reading.starts)), len(reading.inventory)
    ).astype(np.int64)
    kept = [
        number
        for number in sorted(
            range(len(counts)), key=lambda number: (-counts[number], reading.inventory[number])
        )
        if counts[number] >= least and reading.inventory[number] not in (*SPECIALS, *HOLES)
    ]
    if len(kept) < LEAST_UNITS:
        problem = f"{len(kept)} units occur {least} times or more"
        raise InvalidInput(field, problem, "Send more text, or lower it.")
    ids = np.full(len(counts), UNKNOWN, dtype=np.int32)
    ids[kept] = np.arange(len(kept)) + len(SPECIALS)
    if "▁" in reading.inventory:  # inside a word whose digits were spelled out
        ids[reading.inventory.index("▁")] = SEPARATOR
    names = (*SPECIALS, *(reading.inventory[number] for number in kept))
    return Vocabulary(names, ids, float(counts[ids == UNKNOWN].sum() / max(1, counts.sum())))
