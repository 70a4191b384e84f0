"""The cells of a run: one score each, named by (task, input, language, seed, share of the train set).

Tables share cells: equal cells are trained once, and equal requests across runs have equal keys.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from flows.pretraining import MatchedTable
from flows.profile import Profile
from flows.sweep import Values
from flows.tables import AtlasTable, CorrelationTable


@dataclass(frozen=True, order=True)
class Cell:
    """One score. `train_fraction` 1.0 is the whole train set; `epochs` None is the profile's number.

    `trained_on` is the language of the train set in zero-shot transfer, "" for its own; `values` are what a
    sweep tries or has chosen, None for the profile's; `pretraining` the seed of the encoder's pre-training,
    None for one that had none here.
    """

    task: str
    input: str
    language: str
    seed: int
    train_fraction: float = 1.0
    epochs: int | None = None
    trained_on: str = ""
    values: Values | None = None
    pretraining: int | None = None

    @property
    def label(self) -> str:
        """For people: "pos/phoneme/kor seed 0"."""
        origin = f" from {self.trained_on}" if self.trained_on not in ("", self.language) else ""
        share = f" {self.train_fraction:.0%}" if self.train_fraction < 1 else ""
        share += f" {self.epochs} epochs" if self.epochs else ""
        values = f" ({self.values.label})" if self.values else ""
        place = f"{self.task}/{self.input}/{self.language}{origin}"
        encoder = f" of pre-training {self.pretraining}" if self.pretraining is not None else ""
        return f"{place} seed {self.seed}{encoder}{share}{values}"

    @property
    def training(self) -> "Cell":
        """The run of the trainer that gives this score; in zero-shot transfer, cells share it."""
        return replace(self, language=self.trained_on or self.language)

    def model(self, profile: Profile) -> str:
        """The encoder that is fine-tuned, for people: "roberta, 2 layers of 64, pre-trained by this run"."""
        described = profile.models[self.input].describe()
        if self.pretraining is None:
            return described
        return described.replace("from scratch", "pre-trained by this run")

    def searched(self, seed: int) -> "Cell":
        """The training for which a sweep chooses this cell's values: one seed, the whole train set."""
        return replace(self.training, seed=seed, train_fraction=1.0, epochs=None, values=None)

    def tried(self, values: Values, fraction: float) -> "Cell":
        """A training of the sweep."""
        return replace(self, values=values, train_fraction=fraction)


@dataclass(frozen=True)
class Row:
    """The cells that are compared with each other: one table, task, input and seed, every language."""

    table: str
    task: str
    input: str
    seed: int
    label: str  # for people: "xnli/phoneme", with seed and source language where a table has several
    cells: tuple[Cell, ...]
    trained_on: str = ""  # the source language of zero-shot transfer, where a table has several


def rows_of(profile: Profile) -> list[Row]:
    """All rows of all tables, in their order; a row for each seed and each source language."""
    rows: list[Row] = []
    for name, table in profile.live.items():
        if isinstance(table, MatchedTable):
            rows += _matched(name, table, profile)
        if isinstance(table, MatchedTable | AtlasTable):
            continue
        part: tuple[float, int | None] = (1.0, None)
        if isinstance(table, CorrelationTable):
            part = table.train_fraction, table.epochs
        seeds, sources = profile.seeds_of(table), profile.sources(table)
        for seed, source, (task, reads) in itertools.product(seeds, sources, table.used()):
            cells = tuple(Cell(task, reads, code, seed, *part, source) for code in table.languages)
            shown = source if len(sources) > 1 else ""
            label = f"{task}/{reads}{f' from {shown}' if shown else ''}"
            label += f" seed {seed}" if len(seeds) > 1 else ""
            rows.append(Row(name, task, reads, seed, label, cells, shown))
    return rows


def _matched(name: str, table: MatchedTable, profile: Profile) -> Iterator[Row]:
    """In language and zero-shot, by seeds of pre-training and fine-tuning; then without pre-training.

    The model that was trained on the source language is the one of both: it is scored in all languages.
    """
    seeds: list[tuple[int | None, int]] = [
        (pretraining, seed) for pretraining in range(table.seeds) for seed in range(table.fine_tuning_seeds)
    ]
    source = next(iter(profile.named_sources(table)), "")
    shared = source if table.zero_shot else ""
    for pretraining, seed in seeds + ([(None, 0)] if table.untrained else []):
        encoder = "without pre-training" if pretraining is None else f"of pre-training {pretraining}"
        for task, reads in table.used():
            first = Cell(task, reads, source, seed, trained_on=shared, pretraining=pretraining)
            label = f"{task}/{reads} seed {seed} {encoder}"
            own = tuple(
                first if code == shared else replace(first, language=code, trained_on="")
                for code in table.languages
            )
            yield Row(name, task, reads, seed, label, own)
            if shared and pretraining is not None:
                others = tuple(replace(first, language=code) for code in table.languages)
                yield Row(name, task, reads, seed, f"{label} zero-shot", others)


def cells_of(rows: Sequence[Row]) -> list[Cell]:
    """The cells of these rows, each once, in their order."""
    return list(dict.fromkeys(cell for row in rows for cell in row.cells))
