"""The search that a sweep makes: which trainings each round asks for, and which cells come out of it.

The flow answers a round by training, the plan by looking up what exists: one enumeration for both.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from flows.cells import Cell
from flows.profile import Profile
from flows.sweep import Values

Trials = Mapping[Cell, Mapping[Values, Cell]]
"""By searched training, its points and the training of each."""

Score = Callable[[float, Trials], Mapping[Cell, Mapping[Values, float]]]
"""The dev scores of a round's trials; the number is the part of the train set."""


def choose(profile: Profile, cells: Sequence[Cell], score: Score) -> dict[Cell, Cell]:
    """The cells with the hyper-parameters that the sweep chooses; with `selected`, as they are."""
    sweep, seed = profile.sweep, profile.seed
    if not sweep.rounds:
        return {cell: cell for cell in cells}
    searched = {cell.searched(seed): profile.grid(cell.task) for cell in cells}
    for fraction in sweep.rounds:
        trials = {
            model: {values: model.tried(values, fraction) for values in points}
            for model, points in searched.items()
        }
        found = score(fraction, trials)
        searched = {model: sweep.survivors(found[model], fraction) for model in searched}
    return {cell: replace(cell, values=searched[cell.searched(seed)][0]) for cell in cells}
