"""The cells of a run: one score each, named by (task, input, language, seed, share of the train set).

Tables share cells: equal cells are trained once, and equal requests across runs have equal keys.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from flows.profile import TABLES, Profile, Table
from flows.sweep import Values
from isogloss.errors import InvalidInput


@dataclass(frozen=True, order=True)
class Cell:
    """One score. `train_fraction` 1.0 is the whole train set; `epochs` None is the profile's number.

    `trained_on` is the language of the train set in zero-shot transfer, "" for its own; `values` are what a
    sweep tries or has chosen, None for the profile's.
    """

    task: str
    input: str
    language: str
    seed: int
    train_fraction: float = 1.0
    epochs: int | None = None
    trained_on: str = ""
    values: Values | None = None

    @property
    def label(self) -> str:
        """For people: "pos/phoneme/kor seed 0"."""
        origin = f" from {self.trained_on}" if self.trained_on not in ("", self.language) else ""
        share = f" {self.train_fraction:.0%}" if self.train_fraction < 1 else ""
        values = f" ({self.values.label})" if self.values else ""
        return f"{self.task}/{self.input}/{self.language}{origin} seed {self.seed}{share}{values}"

    @property
    def training(self) -> "Cell":
        """The run of the trainer that gives this score; in zero-shot transfer, cells share it."""
        return replace(self, language=self.trained_on or self.language)

    def searched(self, seed: int) -> "Cell":
        """The training for which a sweep chooses this cell's values: one seed, the whole train set."""
        return replace(self.training, seed=seed, train_fraction=1.0, epochs=None, values=None)

    def tried(self, values: Values, fraction: float) -> "Cell":
        """A training of the sweep."""
        return replace(self, values=values, train_fraction=fraction)


def corpora_of(cells: Iterable[Cell]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """What the cells read, as (task, language): all corpora with FLORES, and those read as phonemes."""
    wanted = [(task, cell.language, cell.input) for cell in cells for task in (cell.task, "flores")]
    wanted.sort(key=lambda item: item[0] == "flores")  # last: training waits for the others
    heard = [(task, language) for task, language, name in wanted if name == "phoneme"]
    return list(dict.fromkeys((task, language) for task, language, _ in wanted)), list(dict.fromkeys(heard))


def table1_cells(profile: Profile) -> list[Cell]:
    """Token tasks: every task, input and language, one seed."""
    table = profile.table1
    return [
        Cell(task, name, language, profile.seed, trained_on=_source(profile))
        for task in table.tasks
        for name in table.inputs
        for language in table.languages
    ]


def table2_cells(profile: Profile) -> list[Cell]:
    """Inference: every input and language, one seed."""
    table = profile.table2
    return [
        Cell("xnli", name, language, profile.seed, trained_on=_source(profile))
        for name in table.inputs
        for language in table.languages
    ]


def table3_cells(profile: Profile) -> list[Cell]:
    """Inference on a part of the train set: one input, every language, many seeds."""
    table = profile.table3
    return [
        Cell(
            "xnli",
            table.input,
            language,
            profile.seed + seed,
            table.train_fraction,
            table.epochs,
            _source(profile),
        )
        for seed in range(table.seeds)
        for language in table.languages
    ]


def cells_of(profile: Profile, tables: Iterable[Table]) -> list[Cell]:
    """All cells of the given tables, each once, in the tables' order."""
    makers = {"table1": table1_cells, "table2": table2_cells, "table3": table3_cells}
    return list(dict.fromkeys(cell for table in tables for cell in makers[table](profile)))


def wanted_tables(names: list[str] | None, chosen: Profile) -> list[Table]:
    """The tables to make: those asked for, of those for which the profile still has tasks and languages."""
    unknown = [name for name in names or () if name not in TABLES]
    if unknown or names == []:
        raise InvalidInput(
            "tables", f"unknown table {', '.join(unknown) or '(none given)'}", "Use table1, table2, table3."
        )
    possible = {
        "table1": bool(chosen.table1.tasks and len(chosen.table1.languages) > 1),
        "table2": len(chosen.table2.languages) > 1,
        "table3": len(chosen.table3.languages) > 1,
    }
    wanted: list[Table] = [name for name in TABLES if possible[name] and (names is None or name in names)]
    if not wanted:
        fix = (
            "Table 1 needs pos or ner and two languages; Tables 2 and 3 need xnli, eng and another language."
        )
        raise InvalidInput("tables", "nothing is left to run", fix)
    return wanted


def seeds_only(profile: Profile, cells: Iterable[Cell]) -> set[Cell]:
    """The cells that only Table 3 shows: its correlations need the paper's reading of them and no other."""
    return set(cells) - {*table1_cells(profile), *table2_cells(profile)}


def trainings_of(chosen: Mapping[Cell, Cell]) -> dict[Cell, list[Cell]]:
    """The runs of the trainer behind cells with their values: for each, the cells that it gives a score."""
    trainings: dict[Cell, list[Cell]] = {}
    for cell, with_values in chosen.items():
        trainings.setdefault(with_values.training, []).append(cell)
    return trainings


def _source(profile: Profile) -> str:
    return profile.source_language if profile.regime == "zero_shot" else ""
