"""Numbers of a run as they are found: filed by their place in the record, each over its seeds.

A number is filed from a field of an answer or, where there is none, with the reason: what a service refused
(an undefined measure), a sentence ("failed: …", "not run: …"), or nothing. The report then says why instead
of a figure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flows.cells import Row
from isogloss.errors import InvalidInput
from isogloss.metrics.v1 import metrics_pb2
from report import record as report
from report.record.numbers import Place
from report.seeds import over_seeds

Missing = InvalidInput | str | None

NO_INTERVAL = "No interval was measured."
EXACT = "Computed exactly from these sentences: no interval."


@dataclass
class Numbers:
    """What was measured so far."""

    # By place in the record, the number of each seed.
    _filed: dict[Place, list[tuple[int, report.Number]]] = field(default_factory=dict, kw_only=True)

    @property
    def numbers(self) -> list[report.Number]:
        """Everything that was measured, each over its seeds."""
        return [_without_excuse(over_seeds(numbers)) for numbers in self._filed.values()]

    def file(self, message: Any, fields: Mapping[str, str], manifest: str, note: str = "", **of: Any) -> None:
        """The fields of a message as numbers, with their intervals; an optional field may be unset."""
        for measure, name in fields.items():
            described = message.DESCRIPTOR.fields_by_name[name]
            if described.has_presence and not message.HasField(name):
                continue
            bounds = interval(getattr(message, f"{name}_interval", None))
            self.add(measure, getattr(message, name), manifest, bounds, note or NO_INTERVAL, **of)

    def lacks(self, measures: Iterable[str], reason: Missing, seed: int = 0, **of: Any) -> None:
        """Why there are no such numbers."""
        for measure in measures:
            self._keep(seed, report.Number(measure, None, reason=why(reason), **of))

    def add(
        self,
        measure: str,
        value: float,
        manifest: str,
        bounds: report.Interval | None = None,
        note: str = "",
        seed: int = 0,
        **of: Any,
    ) -> None:
        """One number of one seed; `of` is its place in the record."""
        note = "" if bounds and note == NO_INTERVAL else note
        self._keep(seed, report.Number(measure, value, manifest, interval=bounds, note=note, **of))

    def _keep(self, seed: int, number: report.Number) -> None:
        self._filed.setdefault(number.place, []).append((seed, number))


def place_of(row: Row) -> dict[str, Any]:
    """Where in the record the numbers of a row stand."""
    of = {"table": row.table, "task": row.task, "input": row.input, "seed": row.seed}
    return of | {"trained_on": row.trained_on}


def _without_excuse(number: report.Number) -> report.Number:
    """Several seeds have an interval where one has none."""
    excused = number.interval and number.note in (NO_INTERVAL, EXACT)
    return replace(number, note="") if excused else number


def why(outcome: object) -> str:
    """Why there is no answer; empty where there is one."""
    if outcome is None:
        return "not run"
    if isinstance(outcome, InvalidInput):
        return f"n/a: {outcome.field}: {outcome.problem}"
    return outcome if isinstance(outcome, str) else ""


def interval(message: metrics_pb2.Interval | None) -> report.Interval | None:
    """An interval of the service; None for one that is unset, which the service leaves at zero."""
    if message is None or not message.method:
        return None
    return report.Interval(message.low, message.high, message.level, message.method)
