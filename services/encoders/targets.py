"""Which positions of a sequence carry which class: the three label schemes.

A target is one class and the positions whose hidden states, averaged, have to say it. Word-level scores read
the same positions, but for `every_unit`, whose words are read at their first unit.

    first_unit   a word's first unit (default, as XTREME does)
    every_unit   each unit by itself (as the related code of the paper's group does)
    word_mean    the mean over a word's units (a text's or pair's: over all units): for small models from
                 random weights, which learn slowly to carry what the end of a word says to its beginning
"""

from collections.abc import Sequence
from dataclasses import dataclass

from isogloss.tasks import OUTSIDE, Task
from services.encoders.units import NO_WORD, Encoded

FIRST_UNIT = "first_unit"
EVERY_UNIT = "every_unit"
WORD_MEAN = "word_mean"


@dataclass(frozen=True)
class Places:
    """Positions to read: `positions[i]` belongs to group `groups[i]`; groups count from 0 without gaps."""

    positions: list[int]
    groups: list[int]

    @property
    def count(self) -> int:
        """Number of groups."""
        return self.groups[-1] + 1 if self.groups else 0


@dataclass(frozen=True)
class Targets:
    """What the loss reads of one sequence: `classes[g]` at the places of group g."""

    places: Places
    classes: list[int]


def targets(sequence: Encoded, labels: Sequence[int], task: Task, scheme: str) -> Targets:
    """The targets of one example; words that were cut off have none."""
    if not task.per_word:
        return Targets(text_places(sequence, scheme), list(labels))
    if scheme == EVERY_UNIT:
        positions, classes = every_unit(sequence, labels, task)
        return Targets(single(positions), classes)
    kept = [label for first, label in zip(sequence.firsts, labels, strict=True) if first != NO_WORD]
    return Targets(word_places(sequence, scheme), kept)


def word_places(sequence: Encoded, scheme: str) -> Places:
    """One group for each word that was not cut off, in order."""
    if scheme != WORD_MEAN:
        return single([first for first in sequence.firsts if first != NO_WORD])
    numbers: dict[int, int] = {}
    positions, groups = [], []
    for position, owner in enumerate(sequence.owners):
        if owner != NO_WORD:
            positions.append(position)
            groups.append(numbers.setdefault(owner, len(numbers)))
    return Places(positions, groups)


def text_places(sequence: Encoded, scheme: str) -> Places:
    """One group for the text or pair: its first position or, with `word_mean`, all of its units."""
    if scheme != WORD_MEAN:
        return single([0])
    positions = [position for position, inside in enumerate(sequence.content) if inside]
    return Places(positions, [0] * len(positions))


def is_pooled(task: Task, scheme: str) -> bool:
    """Whether the model reads a text or pair through the dense layer that BERT calls the pooler."""
    return not task.per_word and scheme != WORD_MEAN


def single(positions: list[int]) -> Places:
    """Each position a group of its own."""
    return Places(positions, list(range(len(positions))))


def every_unit(sequence: Encoded, labels: Sequence[int], task: Task) -> tuple[list[int], list[int]]:
    """(positions, classes) as the related code of the paper's group labels them.

    Each unit of a word has its class, where what begins a span (B-, S-) becomes I- after the first;
    separators and specials are O. Labels without O (parts of speech) have nothing to say of these, which are
    left out.
    """
    outside = task.labels.index(OUTSIDE) if OUTSIDE in task.labels else None
    positions, classes = [], []
    for position, owner in enumerate(sequence.owners):
        if owner == NO_WORD:
            if outside is None:
                continue
            label = outside
        elif position == sequence.firsts[owner]:
            label = labels[owner]
        else:
            label = _inside(labels[owner], task)
        positions.append(position)
        classes.append(label)
    return positions, classes


def _inside(label: int, task: Task) -> int:
    prefix, _, kind = task.labels[label].partition("-")
    inside = f"I-{kind}"
    begins = task.scheme != "plain" and prefix in ("B", "S")
    return task.labels.index(inside) if begins and inside in task.labels else label
