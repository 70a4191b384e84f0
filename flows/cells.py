"""The cells of a run: one fine-tuning run each, named by (task, input, language, seed, share of the train
set).

Tables share cells: equal cells are trained once, and equal requests across runs have equal keys.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from flows.profile import Profile, Table


@dataclass(frozen=True, order=True)
class Cell:
    """One run of the trainer. `train_fraction` 1.0 is the whole train set; `epochs` None is the profile's
    number.
    """

    task: str
    input: str
    language: str
    seed: int
    train_fraction: float = 1.0
    epochs: int | None = None

    @property
    def label(self) -> str:
        """For people: "pos/phoneme/kor seed 0"."""
        share = f" {self.train_fraction:.0%}" if self.train_fraction < 1 else ""
        return f"{self.task}/{self.input}/{self.language} seed {self.seed}{share}"


def table1_cells(profile: Profile) -> list[Cell]:
    """Token tasks: every task, input and language, one seed."""
    table = profile.table1
    return [
        Cell(task, name, language, profile.seed)
        for task in table.tasks
        for name in table.inputs
        for language in table.languages
    ]


def table2_cells(profile: Profile) -> list[Cell]:
    """Inference: every input and language, one seed."""
    table = profile.table2
    return [
        Cell("xnli", name, language, profile.seed) for name in table.inputs for language in table.languages
    ]


def table3_cells(profile: Profile) -> list[Cell]:
    """Inference on a part of the train set: one input, every language, many seeds."""
    table = profile.table3
    return [
        Cell("xnli", table.input, language, profile.seed + seed, table.train_fraction, table.epochs)
        for seed in range(table.seeds)
        for language in table.languages
    ]


def cells_of(profile: Profile, tables: Iterable[Table]) -> list[Cell]:
    """All cells of the given tables, each once, in the tables' order."""
    makers = {"table1": table1_cells, "table2": table2_cells, "table3": table3_cells}
    return list(dict.fromkeys(cell for table in tables for cell in makers[table](profile)))
