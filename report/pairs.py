"""What Figures 2 and 3 show, as figures: one line per pair of languages, each quantity with its interval."""

from collections.abc import Mapping
from dataclasses import dataclass

from report.record import Input, Metric, Pair, RunRecord, Task
from report.tables import language_name

COLUMNS: Mapping[Metric, tuple[str, int]] = {
    "rpd": ("Gap, RPD", 2),
    "absolute": ("Gap, points", 2),
    "cka": ("CKA", 4),
    "cka_debiased": ("CKA, debiased", 4),
    "sinkhorn": ("Sinkhorn", 4),
    "sinkhorn_debiased": ("Sinkhorn, debiased", 4),
    "sinkhorn_exact": ("Exact transport", 4),
}
"""Title and digits of each quantity."""


@dataclass(frozen=True)
class PairLine:
    """One pair of languages, for one task and input."""

    task: Task
    input: Input
    title: str
    values: Mapping[Metric, Pair]


@dataclass(frozen=True)
class PairTable:
    """The pairs of some tasks; `columns` are those with any value."""

    columns: tuple[tuple[Metric, str, int], ...]
    lines: tuple[PairLine, ...]


def pair_table(record: RunRecord, tasks: tuple[Task, ...]) -> PairTable:
    """The pairs of these tasks, in the record's order."""
    found: dict[tuple[Task, Input, str, str], dict[Metric, Pair]] = {}
    for pair in record.pairs:
        if pair.task in tasks:
            found.setdefault((pair.task, pair.input, pair.first, pair.second), {})[pair.metric] = pair
    present = {metric for values in found.values() for metric in values}
    return PairTable(
        tuple((metric, title, digits) for metric, (title, digits) in COLUMNS.items() if metric in present),
        tuple(
            PairLine(task, name, f"{language_name(first)} – {language_name(second)}", values)
            for (task, name, first, second), values in found.items()
        ),
    )
