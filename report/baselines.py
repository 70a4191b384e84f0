"""What a model has to beat: the most frequent label, and each word's most frequent label, on the same set."""

from collections.abc import Mapping
from dataclasses import dataclass

from report.record import RunRecord
from report.tables import Grid, reported_cells


@dataclass(frozen=True)
class Baseline:
    """One row under a task's models: percent by ISO 639-3 code, and the manifests that say so."""

    title: str
    task: str
    values: Mapping[str, float]
    manifests: Mapping[str, str]


def baselines(record: RunRecord, grid: Grid) -> list[Baseline]:
    """The baselines of a table's tasks, those that the cells carry."""
    lines = []
    for task in grid.tasks if record.tables[grid.table].kind == "gaps" else ():
        cells = [cell for cell in reported_cells(record) if cell.task == task]
        manifests = {cell.language: cell.manifest for cell in cells}
        majority = {cell.language: cell.majority for cell in cells if cell.majority is not None}
        lexicon = {cell.language: cell.lexicon for cell in cells if cell.lexicon is not None}
        for title, values in (("Majority", majority), ("Lexicon", lexicon)):
            if values:
                lines.append(Baseline(title, task, values, manifests))
    return lines
