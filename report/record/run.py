"""The record of a run: what its report is made of."""

import re

from pydantic import AwareDatetime, TypeAdapter
from pydantic.dataclasses import dataclass

from report.record.inputs import Cell, DatasetRow, G2PRow, HyperparameterRow, ManifestRow
from report.record.measures import (
    BoundRow,
    CorrelationPoint,
    DerivedRow,
    Difference,
    Pair,
    Projection,
    RobustnessRow,
)
from report.record.numbers import CHECKED, Evaluation, Number, Regime, Task


@dataclass(frozen=True, config=CHECKED)
class RunRecord:
    """All that a report shows. Only the first block is required; what is left out is shown as "not run".

    `languages`: ISO 639-3, in the order of the columns. `notes`: sentences for the reader.
    `banner`: one sentence on top of everything, for runs whose figures must not be taken for results.
    `command`: what was typed to start the run.
    """

    run_id: str
    profile: str
    started: AwareDatetime
    finished: AwareDatetime
    tasks: tuple[Task, ...]
    languages: tuple[str, ...]
    regime: Regime
    evaluation: Evaluation
    numbers: tuple[Number, ...] = ()
    cells: tuple[Cell, ...] = ()
    datasets: tuple[DatasetRow, ...] = ()
    hyperparameters: tuple[HyperparameterRow, ...] = ()
    pairs: tuple[Pair, ...] = ()
    bounds: tuple[BoundRow, ...] = ()
    projections: tuple[Projection, ...] = ()
    correlations: tuple[CorrelationPoint, ...] = ()
    differences: tuple[Difference, ...] = ()
    g2p: tuple[G2PRow, ...] = ()
    robustness: tuple[RobustnessRow, ...] = ()
    derived: tuple[DerivedRow, ...] = ()
    manifests: tuple[ManifestRow, ...] = ()
    notes: tuple[str, ...] = ()
    banner: str = ""
    command: str = ""
    code_version: str = ""
    hardware: str = ""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9._-]{1,100}", self.run_id):
            raise ValueError(
                f"run_id: {self.run_id!r} cannot name a folder; use letters, digits, '.', '_' and '-'"
            )
        seen: set[tuple[str, str, str]] = set()
        for number in self.numbers:
            place = (number.table, number.row, number.column)
            if place in seen:
                raise ValueError(f"numbers: {' '.join(place)} is given twice")
            seen.add(place)

    @property
    def computed(self) -> int:
        """Cells that this run trained."""
        return sum(not cell.reused for cell in self.cells)

    def to_json(self) -> str:
        """The record as JSON text; `from_json` reads it back equal."""
        return _adapter().dump_json(self).decode()

    @staticmethod
    def from_json(text: str | bytes) -> "RunRecord":
        """Read what `to_json` wrote; a ValueError (pydantic's) names every field that does not fit."""
        return _adapter().validate_json(text)


def _adapter() -> TypeAdapter[RunRecord]:
    return TypeAdapter(RunRecord)
