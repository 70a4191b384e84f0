"""What came of a run's nodes, filed into its record: a node's kind says where its result belongs.

A result that is not there is filed with why: the record then says "n/a" in its place, and names what failed.
"""

import json
from dataclasses import replace
from typing import Any

from flows import atlas, matched, matched_filing, measures
from flows.cells import Cell, Row, cells_of, rows_of
from flows.findings import Findings
from flows.graph import choice_of
from flows.measure_requests import QUANTITIES
from flows.nodes import Graph, Node, Outcome
from flows.pretraining import MatchedTable
from flows.requests import PHONEMES, Phonemes, Trained
from flows.run import Run
from flows.tables import CorrelationTable
from isogloss.artifacts import Artifact
from isogloss.parquet import read_table
from report import record

_PLANE_BYTES = 2**26  # of a t-SNE plane, decoded

Outcomes = dict[str, Outcome]


def file_outcomes(run: Run, graph: Graph, outcomes: Outcomes) -> Findings:
    """The findings of a run, whichever of its nodes have results."""
    return _Filing(run, graph, outcomes).findings()


class _Filing:
    def __init__(self, run: Run, graph: Graph, outcomes: Outcomes) -> None:
        self._run = run
        self._graph = graph
        self._outcomes = outcomes
        self._done = {name: item.result for name, item in outcomes.items() if item.ending == "done"}
        self._findings = Findings(run.profile)
        self._rows = rows_of(run.profile)

    def findings(self) -> Findings:
        """Everything, in the order of the report's tables."""
        self._background()
        for row in self._rows:
            if not self._is_matched(row):
                self._row(row)
        for node in self._of_kind("gaps compared"):
            self._comparison(node.about[0], node.about[1], node.id)
        for name, table in self._run.profile.live.items():
            if isinstance(table, CorrelationTable):
                self._correlation(name, table)
        for name in matched.tables(self._run.profile):
            own = [row for row in self._rows if row.table == name]
            self._findings.matched = matched_filing.experiment(
                self._run.profile, self._run.store, name, own, self._done
            )
        for node in self._of_kind("similarity"):
            if isinstance(node.about, atlas.Place):
                self._findings.atlases.append(self._atlas(node))
        self._failures()
        return self._findings

    def _failures(self) -> None:
        """What failed, each with the steps that were not run because of it or of another like it."""
        for name, outcome in self._outcomes.items():
            if outcome.ending == "failed":
                lost = [
                    other
                    for other, item in self._outcomes.items()
                    if item.ending == "not run" and f"{name} failed:" in item.why
                ]
                self._findings.add_failure(name, outcome.why, lost)

    def _background(self) -> None:
        """What stands behind the numbers: data, phonemes, models and what they cost."""
        findings, profile = self._findings, self._run.profile
        findings.notes += self._done.get("check data", [])
        phonemes = [
            Phonemes(node.about[1], self._done[node.id])
            for node in self._of_kind(PHONEMES)
            if node.id in self._done
        ]
        unknown = {
            node.about: result.quality
            for node in self._of_kind("unknown")
            for result in self._done.get(node.id, {}).values()
        }
        findings.add_g2p(phonemes, unknown)
        for node in self._of_kind("dataset"):
            if node.id in self._done:
                findings.add_dataset(self._done[node.id])
        cells = cells_of(self._rows)
        findings.add_hyperparameters(self._chosen(cell) for cell in cells)
        if profile.sweep.rounds:
            findings.add_sweep(cells)
        findings.add_paper_check(self._done.get("paper check"))
        for cell in cells_of([row for row in self._rows if not self._is_matched(row)]):
            trained = self._trained(cell)
            if isinstance(trained, Trained):
                trained = replace(trained, history=self._history(trained))
            findings.add_cell(cell, trained)

    def _row(self, row: Row) -> None:
        """A row's scores and measures, or why it has none."""
        findings, table = self._findings, self._run.profile.tables[row.table]
        gap = self._measure("gap", row)
        trained = {cell.language: self._trained(cell) for cell in row.cells}
        if isinstance(table, CorrelationTable):
            findings.add_intervals([item for item in trained.values() if isinstance(item, Trained)], gap)
            return
        findings.add_scores(row, trained, gap)
        lost = ", ".join(code for code, item in trained.items() if not isinstance(item, Trained))
        incomplete = f"n/a: of all languages, and {lost} has no model" if lost else ""
        if table.reference:
            findings.add_gap_from_reference(row, gap, table.reference)
        else:
            findings.add_performance_gap(row, incomplete or gap)
        findings.add_linguistic_gap(row, self._measure("similarity", row), incomplete)
        if self._asked("distance", row):
            findings.add_output_gap(row, self._measure("distance", row))
        if self._asked("bound", row):
            findings.add_transfer_bound(row, self._measure("bound", row))
        plane = self._done.get(f"plane {row.table} {row.label}")
        if plane is not None:
            findings.add_projection(row, plane, self._points(plane))

    def _comparison(self, first: Row, second: Row, of_gaps: str) -> None:
        of_similarities = of_gaps.replace("gaps", "similarities", 1)
        answers = self._answer(of_gaps), self._answer(of_similarities)
        self._findings.add_differences(first, second.input, *answers)

    def _correlation(self, name: str, table: CorrelationTable) -> None:
        rows = [row for row in self._rows if row.table == name]
        pairs = measures.observations(self._run.profile, table, rows, self._done)
        responses = {quantity: self._answer(f"correlation {name} {quantity}") for quantity in QUANTITIES}
        self._findings.add_correlations(name, table, pairs, responses)

    def _atlas(self, node: Node) -> record.Atlas:
        table, corpus = self._run.profile.tables[node.about.table], self._run.profile.parallel.corpus
        heard = {code: self._done.get(f"{PHONEMES} {corpus}/{code}") for code in table.languages}
        return atlas.filed(self._run.profile, node.about, self._answer(node.id), heard)

    # --- Parts

    def _is_matched(self, row: Row) -> bool:
        """Whether a row is of a controlled experiment, which has a page of its own."""
        return isinstance(self._run.profile.tables[row.table], MatchedTable)

    def _of_kind(self, kind: str) -> list[Node]:
        return [node for node in self._graph.values() if node.kind == kind]

    def _asked(self, kind: str, row: Row) -> bool:
        return f"{kind} {row.table} {row.label}" in self._graph

    def _measure(self, kind: str, row: Row) -> Any:
        return self._answer(f"{kind} {row.table} {row.label}")

    def _answer(self, name: str) -> Any:
        """The result of a node, or why there is none."""
        outcome = self._outcomes.get(name)
        if outcome is None:
            return None
        ending = "n/a" if outcome.ending == "undefined" else outcome.ending
        return outcome.result if ending == "done" else f"{ending}: {outcome.why}"

    def _trained(self, cell: Cell) -> Trained | str | None:
        result = self._answer(f"train {cell.training.label}")
        if result is None or isinstance(result, str):
            return result
        trained = Trained(self._chosen(cell), result)
        asked = cell.language if cell.trained_on else self._run.profile.reported_split
        there = any(item.name == asked for item in result.evaluations)
        return trained if there else f"not run: the model was not tested on {asked}"

    def _chosen(self, cell: Cell) -> Cell:
        """The cell with the values that a sweep chose for it."""
        choice = choice_of(self._run.profile, cell)
        return replace(cell, values=self._done[choice][0]) if choice in self._done else cell

    def _history(self, trained: Trained) -> tuple[Any, ...]:
        """Losses and dev scores by step: JSON lines in the store."""
        stored = self._run.store.get(Artifact.from_proto(trained.result.history, "history"))
        return tuple(json.loads(line) for line in stored.decode().splitlines())

    def _points(self, plane: Any) -> list[tuple[str, float, float]]:
        """The points of a t-SNE plane as (language, x, y)."""
        stored = self._run.store.get(Artifact.from_proto(plane.points, "points"))
        table = read_table(stored, "points", max_bytes=_PLANE_BYTES)
        columns = (table[name].to_pylist() for name in ("language", "x", "y"))
        return list(zip(*columns, strict=True))
