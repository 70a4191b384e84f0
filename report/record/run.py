"""The record of a run: what its report is made of."""

import json
import re
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from pydantic import AwareDatetime, TypeAdapter
from pydantic.dataclasses import dataclass

from report.record.atlas import Atlas
from report.record.inputs import (
    Cell,
    CorrelationPoint,
    DatasetRow,
    DerivedRow,
    Failure,
    G2PRow,
    HyperparameterRow,
    ManifestRow,
    Projection,
    Table,
)
from report.record.matched import Matched
from report.record.numbers import CHECKED, Number, Place
from report.record.rules import Rules

FORMAT = 2
"""Of the record as JSON; another version's records cannot be read."""

PAPER = "paper"
"""The reference whose printed figures and claims a report may show."""


@dataclass(frozen=True, config=CHECKED)
class RunRecord:
    """All that a report shows. Only the first block is required; what is left out was not run.

    - tasks, inputs, languages: titles by name, in the order of rows and columns
    - tables: what each compares, by name, in the order of the page
    - reference: "paper" where the run is set beside the paper's printed figures, "" where beside nothing
    - rules: by which the run is judged, stated before it; without them it says nothing of any claim
    - matched: a controlled experiment in pre-training, where the run holds one
    - banner: one sentence on top of everything, for runs whose figures must not be taken for results
    - notes: sentences for the reader; command: what was typed to start the run
    """

    run_id: str
    profile: str
    started: AwareDatetime
    finished: AwareDatetime
    tasks: Mapping[str, str]
    inputs: Mapping[str, str]
    languages: Mapping[str, str]
    regime: str
    evaluation: str
    tables: Mapping[str, Table] = field(default_factory=dict)
    reference: str = ""
    rules: Rules | None = None
    numbers: tuple[Number, ...] = ()
    cells: tuple[Cell, ...] = ()
    datasets: tuple[DatasetRow, ...] = ()
    hyperparameters: tuple[HyperparameterRow, ...] = ()
    projections: tuple[Projection, ...] = ()
    correlations: tuple[CorrelationPoint, ...] = ()
    g2p: tuple[G2PRow, ...] = ()
    atlases: tuple[Atlas, ...] = ()
    derived: tuple[DerivedRow, ...] = ()
    manifests: tuple[ManifestRow, ...] = ()
    failures: tuple[Failure, ...] = ()
    matched: Matched | None = None
    notes: tuple[str, ...] = ()
    banner: str = ""
    command: str = ""
    code_version: str = ""
    hardware: str = ""
    format: int = FORMAT

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9._-]{1,100}", self.run_id):
            raise ValueError(
                f"run_id: {self.run_id!r} cannot name a folder; use letters, digits, '.', '_' and '-'"
            )
        if self.reference not in ("", PAPER):
            raise ValueError(f"reference: {self.reference!r} is not known; use {PAPER!r} or nothing")
        seen: set[Place] = set()
        for number in self.numbers:
            if number.table not in self.tables:
                raise ValueError(f"numbers: {number.measure} stands in {number.table!r}, which is no table")
            if number.place in seen:
                raise ValueError(f"numbers: {' '.join(map(str, number.place))} is given twice")
            seen.add(number.place)

    @property
    def computed(self) -> int:
        """Cells that this run trained."""
        return sum(cell.score is not None and not cell.reused for cell in self.cells)

    @property
    def beside_paper(self) -> bool:
        """Whether the paper's figures stand beside this run's."""
        return self.reference == PAPER

    def task(self, name: str) -> str:
        """A task's title."""
        return self.tasks.get(name, name)

    def input(self, name: str) -> str:
        """An input's title."""
        return self.inputs.get(name, name)

    def language(self, code: str) -> str:
        """A language's name."""
        return self.languages.get(code, code)

    def reads(self, number: Number) -> str:
        """The input of a number, and where its model comes from: "Phonemes", "Phonemes, from Korean"."""
        title = self.input(number.input)
        return f"{title}, from {self.language(number.trained_on)}" if number.trained_on else title

    def sources(self, table: str, task: str = "") -> list[str]:
        """The source languages of a table's zero-shot transfer, where there are several."""
        codes = {n.trained_on for n in self.numbers if n.table == table and task in ("", n.task)}
        return [code for code in self.languages if code in codes]

    def pair(self, languages: tuple[str, ...]) -> str:
        """Names of languages: "English – Korean"."""
        return " – ".join(map(self.language, languages))

    def series(self, task: str, model_input: str) -> str:
        """A task and input where there is little room: "NER phoneme"."""
        return " ".join(filter(None, (task.upper() if len(task) < 5 else task, model_input)))

    def rows(self, *, of_reference: bool) -> list[tuple[str, str]]:
        """Tables and tasks whose gaps are counted from one language, or all with all."""
        return [
            (name, task)
            for name, table in self.tables.items()
            for task in self.tasks
            if table.kind == "gaps" and bool(table.reference) == of_reference
        ]

    def select(self, *measures: str, **fields: object) -> list[Number]:
        """The numbers of these measures that have these values in these fields."""
        return [
            number
            for number in self.numbers
            if number.measure in measures
            and all(getattr(number, name) == value for name, value in fields.items())
        ]

    def find(self, measure: str, languages: tuple[str, ...] = (), **fields: str) -> Number | None:
        """The number of this measure and these languages, in either order, all of them where none is named.

        `fields` as in `Number`; of those that are not named, but `table`, task and input, none may be set.
        """
        fields = {"less": "", "without": "", "reading": "", "against": "", "trained_on": ""} | fields
        wanted = sorted(languages)
        return next((n for n in self.select(measure, **fields) if sorted(n.languages) == wanted), None)

    def to_json(self) -> str:
        """The record as JSON text; `from_json` reads it back equal."""
        return _adapter().dump_json(self).decode()

    @staticmethod
    def from_json(text: str | bytes) -> "RunRecord":
        """Read what `to_json` wrote; a ValueError names fields that do not fit, or another format."""
        content: Any = json.loads(text)
        written = content.get("format", 1) if isinstance(content, dict) else None
        if written != FORMAT:
            raise ValueError(
                f"a record of format {written}, and this version of Isogloss reads format {FORMAT}: its page "
                "is still whole; to draw it anew, run its command again (what is in the store is reused)"
            )
        return _adapter().validate_json(text)


def _adapter() -> TypeAdapter[RunRecord]:
    return TypeAdapter(RunRecord)
