"""Everything that a run has found, and the run's record made of it: numbers and what stands behind them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from flows import evidence
from flows.cells import Cell, Row
from flows.gap_numbers import GapNumbers
from flows.intake import Corpus
from flows.numbers import Missing, why
from flows.requests import Phonemes, Trained
from flows.revision import revision
from flows.rules import stated
from isogloss.g2p.v1 import g2p_pb2
from isogloss.inputs import INPUTS
from isogloss.metrics.v1 import metrics_pb2
from report import record as report


@dataclass
class Findings(GapNumbers):
    """What the run has found so far."""

    cells: list[report.Cell] = field(default_factory=list)
    projections: list[report.Projection] = field(default_factory=list)
    datasets: list[report.DatasetRow] = field(default_factory=list)
    hyperparameters: list[report.HyperparameterRow] = field(default_factory=list)
    g2p: list[report.G2PRow] = field(default_factory=list)
    atlases: list[report.Atlas] = field(default_factory=list)
    derived: list[report.DerivedRow] = field(default_factory=list)
    failures: list[report.Failure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    matched: report.Matched | None = None

    def add_paper_check(self, response: metrics_pb2.CheckPaperResponse | Missing) -> None:
        """What the paper derives from its own scores, recomputed."""
        if isinstance(response, metrics_pb2.CheckPaperResponse):
            names = ("table", "row", "column", "printed", "recomputed", "agrees", "note")
            for item in response.findings:
                fields = {name: getattr(item, name) for name in names}
                self.derived.append(report.DerivedRow(**fields, manifest=response.record.manifest.uri))

    def add_projection(
        self,
        row: Row,
        response: metrics_pb2.ProjectVectorsResponse,
        points: Sequence[tuple[str, float, float]],
    ) -> None:
        """One t-SNE plane."""
        placed = tuple(report.ProjectedPoint(language, x, y) for language, x, y in points)
        self.projections.append(
            report.Projection(row.table, row.task, row.input, placed, response.record.manifest.uri)
        )

    def add_failure(self, label: str, reason: str, not_run: Iterable[str] = ()) -> None:
        """A step that failed, and the steps that were not run because of it."""
        self.failures.append(report.Failure(label, reason, tuple(not_run)))

    def add_cell(self, cell: Cell, trained: Trained | Missing) -> None:
        """What a cell scored, and what it cost."""
        model = trained if isinstance(trained, Trained) else None
        self.cells.append(evidence.cell(self.profile, cell, model, why(trained)))

    def add_dataset(self, corpus: Corpus) -> None:
        """Sizes beside Table 4, and what was substituted."""
        self.datasets.append(evidence.dataset(self.profile, corpus))
        self.notes.extend(note for note in corpus.notes if note not in self.notes)

    def add_hyperparameters(self, cells: Iterable[Cell]) -> None:
        """What every (task, input, language) was trained with, beside Table 5."""
        self.hyperparameters += evidence.hyperparameter_rows(self.profile, cells)

    def add_sweep(self, cells: Iterable[Cell]) -> None:
        """How the hyper-parameters of the cells were chosen."""
        self.notes.append(evidence.sweep(self.profile, cells))

    def add_g2p(
        self, phonemes: Iterable[Phonemes], unknown: Mapping[tuple[str, str], g2p_pb2.Quality]
    ) -> None:
        """How well each language's text became phonemes; `unknown` counts under the models' vocabularies, by
        task and language.
        """
        for code, results in _by_language(phonemes).items():
            counted = [quality for (_, language), quality in unknown.items() if language == code]
            self.g2p.append(evidence.phonemes(code, results, counted))

    def record(self, run_id: str, started: datetime, finished: datetime, command: str) -> report.RunRecord:
        """The whole as the report wants it."""
        profile, needed = self.profile, self.profile.needed()
        used = {name for names in needed.values() for name in names} | {atlas.input for atlas in self.atlases}
        return report.RunRecord(
            run_id=run_id,
            profile=profile.name,
            started=started,
            finished=finished,
            tasks={name: profile.task(name).title for name in needed},
            inputs={name: item.title for name, item in INPUTS.items() if name in used},
            atlases=tuple(self.atlases),
            languages={code: profile.language(code).name for code in profile.languages},
            regime=profile.regime,
            evaluation=profile.evaluation,
            tables={
                name: report.Table(table.kind, table.reference or "")
                for name, table in profile.live.items()
                if table.kind != "matched" and table.kind != "atlas"  # they have a place of their own
            },
            reference=profile.reference,
            rules=stated(profile.claims) if profile.claims else None,
            numbers=tuple(self.numbers),
            cells=tuple(
                replace(cell, interval=self._intervals.get(cell.manifest, (None, None))[0])
                for cell in self.cells
            ),
            datasets=tuple(self.datasets),
            hyperparameters=tuple(self.hyperparameters),
            projections=tuple(self.projections),
            correlations=tuple(self.correlations),
            g2p=tuple(self.g2p),
            derived=tuple(self.derived),
            failures=tuple(self.failures),
            matched=self.matched,
            notes=tuple(self.notes),
            banner=profile.banner,
            command=command,
            code_version=revision(),
        )


def _by_language(phonemes: Iterable[Phonemes]) -> dict[str, list[g2p_pb2.ConvertCorpusResult]]:
    merged: dict[str, list[g2p_pb2.ConvertCorpusResult]] = {}
    for item in phonemes:
        merged.setdefault(item.language, []).extend(item.results.values())
    return merged
