"""From the services' answers to the run's record: which number goes into which row, column and unit. No
arithmetic.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import report
from flows import evidence
from flows.cells import Cell
from flows.intake import Corpus
from flows.measure_requests import SeedPair
from flows.profile import Profile
from flows.requests import RAW, Phonemes, Trained
from flows.revision import revision
from isogloss.errors import InvalidInput
from isogloss.g2p.v1 import g2p_pb2
from isogloss.metrics.v1 import metrics_pb2
from report import differences, robustness

_CORRELATIONS = {
    "gap_vs_eng_performance": "reference_score",
    "gap_vs_sinkhorn": "sinkhorn",
    "gap_vs_cka": "cka",
}
_QUANTITIES = {
    "gap_vs_eng_performance": "English performance",
    "gap_vs_sinkhorn": "Sinkhorn distance",
    "gap_vs_cka": "CKA",
}


@dataclass
class Findings:
    """What the run has found so far; filled table by table."""

    profile: Profile
    numbers: list[report.Number] = field(default_factory=list)
    cells: list[report.Cell] = field(default_factory=list)
    pairs: list[report.Pair] = field(default_factory=list)
    bounds: list[report.BoundRow] = field(default_factory=list)
    projections: list[report.Projection] = field(default_factory=list)
    correlations: list[report.CorrelationPoint] = field(default_factory=list)
    differences: list[report.Difference] = field(default_factory=list)
    datasets: list[report.DatasetRow] = field(default_factory=list)
    hyperparameters: list[report.HyperparameterRow] = field(default_factory=list)
    g2p: list[report.G2PRow] = field(default_factory=list)
    robustness: list[report.RobustnessRow] = field(default_factory=list)
    derived: list[report.DerivedRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _intervals: dict[str, report.Interval | None] = field(default_factory=dict)  # of models' scores

    # --- Rows of tables

    def add_scores(
        self,
        table: str,
        row: str,
        trained: Iterable[Trained],
        gap: metrics_pb2.ComputePerformanceGapResponse,
    ) -> None:
        """One score per language, each with its interval over items."""
        trained = list(trained)
        self.add_intervals(trained, gap)
        for item in trained:
            score = item.evaluation(self.profile.reported_split).score
            manifest = item.result.record.manifest.uri
            self._number(table, row, item.cell.language, score, manifest, "%", self._intervals[manifest])

    def add_intervals(
        self, trained: Iterable[Trained], gap: metrics_pb2.ComputePerformanceGapResponse
    ) -> None:
        """How far the score of each of these models can be trusted."""
        intervals = {score.language: robustness.interval(score.interval) for score in gap.scores}
        for item in trained:
            self._intervals[item.result.record.manifest.uri] = intervals[item.cell.language]

    def add_performance_gap(
        self, task: str, name: str, gap: metrics_pb2.ComputePerformanceGapResponse
    ) -> None:
        """Std. and mean RPD of a row of Table 1."""
        row, manifest = f"{task}/{name}", gap.record.manifest.uri
        of_std, of_rpd = robustness.interval(gap.std_interval), robustness.interval(gap.mean_rpd_interval)
        self._number("table1", row, "std", gap.std, manifest, interval=of_std)
        self._number("table1", row, "mean_rpd", gap.mean_rpd, manifest, "%", of_rpd)
        self.robustness.extend(robustness.performance_gap_rows(task, name, gap))  # type: ignore[arg-type]

    def add_differences(
        self,
        task: str,
        first: str,
        second: str,
        gaps: metrics_pb2.ComparePerformanceGapsResponse,
        similarities: metrics_pb2.CompareLinguisticGapsResponse,
    ) -> None:
        """How two inputs' gaps and CKAs differ: what the paper's claims come down to."""
        self.differences += differences.of_gaps(task, first, second, gaps)  # type: ignore[arg-type]
        self.differences += differences.of_similarities(task, first, second, similarities)  # type: ignore[arg-type]

    def add_gap_from_reference(
        self, row: str, gap: metrics_pb2.ComputePerformanceGapResponse, reference: str
    ) -> None:
        """Relative and absolute gaps of a row of Table 2, and all pairs for Figure 3."""
        manifest = gap.record.manifest.uri
        for pair in gap.pairs:
            of_rpd, of_points = (
                robustness.interval(item) for item in (pair.rpd_interval, pair.absolute_interval)
            )
            if reference in (pair.first, pair.second):
                other = pair.second if pair.first == reference else pair.first
                self._number("table2", row, f"{other}_rpd", pair.rpd, manifest, "%", of_rpd)
                self._number("table2", row, f"{other}_abs", pair.absolute, manifest, "points", of_points)
            self._pair("xnli", row, pair, "rpd", pair.rpd, manifest, of_rpd)
            self._pair("xnli", row, pair, "absolute", pair.absolute, manifest, of_points)

    def add_linguistic_gap(
        self, task: str, name: str, gaps: Mapping[str, metrics_pb2.ComputeLinguisticGapResponse]
    ) -> None:
        """CKA of every pair (Figures 2 and 3), its mean in Table 1, and what other readings make of it."""
        gap = gaps[RAW]
        manifest = gap.record.manifest.uri
        if task != "xnli":
            row = f"{task}/{name}"
            biased, debiased = (
                robustness.interval(item) for item in (gap.mean_cka_interval, gap.mean_cka_debiased_interval)
            )
            self._number("table1", row, "mean_cka", gap.mean_cka, manifest, interval=biased)
            self._number(
                "table1", row, "mean_cka_debiased", gap.mean_cka_debiased, manifest, interval=debiased
            )
        for pair in gap.pairs:
            self._pair(task, name, pair, "cka", pair.cka, manifest, robustness.interval(pair.cka_interval))
            of_debiased = robustness.interval(pair.cka_debiased_interval)
            self._pair(task, name, pair, "cka_debiased", pair.cka_debiased, manifest, of_debiased)
        self.robustness.extend(
            robustness.linguistic_gap_rows(task, name, gaps, RAW)  # type: ignore[arg-type]
        )

    def add_output_gap(self, name: str, gap: metrics_pb2.ComputeOutputGapResponse) -> None:
        """Sinkhorn distance of every pair (Figure 3), debiased and exact beside it."""
        manifest = gap.record.manifest.uri
        for pair in gap.pairs:
            values = {
                "sinkhorn": (pair.sinkhorn, pair.sinkhorn_interval),
                "sinkhorn_debiased": (pair.sinkhorn_debiased, pair.sinkhorn_debiased_interval),
            }
            if pair.HasField("exact"):
                values["sinkhorn_exact"] = (pair.exact, pair.exact_interval)
            for metric, (value, interval) in values.items():
                self._pair("xnli", name, pair, metric, value, manifest, robustness.interval(interval))
        self.robustness.extend(robustness.output_gap_rows(name, gap))  # type: ignore[arg-type]

    def add_transfer_bound(
        self,
        name: str,
        bound: metrics_pb2.ComputeTransferBoundResponse,
        gap: metrics_pb2.ComputePerformanceGapResponse,
    ) -> None:
        """Theorem C.2 for each pair, beside the difference of risks that it bounds."""
        gaps = {frozenset((pair.first, pair.second)): pair for pair in gap.pairs}
        for pair in bound.pairs:
            interval = robustness.interval(pair.proxy_a_distance_interval)
            observed = gaps[frozenset((pair.first, pair.second))]
            points = observed.absolute_interval
            self.bounds.append(
                report.BoundRow(
                    input=name,  # type: ignore[arg-type]
                    first=pair.first,
                    second=pair.second,
                    proxy_a_distance=pair.proxy_a_distance,
                    interval=interval,  # type: ignore[arg-type]
                    divergence=pair.divergence_term,
                    complexity=pair.complexity_term,
                    bound=pair.bound,
                    observed=observed.absolute / 100,
                    observed_interval=report.Interval(
                        points.low / 100, points.high / 100, points.level, points.method
                    ),
                    vacuous=pair.vacuous,
                    manifest=bound.record.manifest.uri,
                )
            )

    def add_paper_check(self, response: metrics_pb2.CheckPaperResponse) -> None:
        """What the paper derives from its own scores, recomputed."""
        self.derived.extend(robustness.paper_check_rows(response))

    def add_projection(
        self,
        task: str,
        name: str,
        response: metrics_pb2.ProjectVectorsResponse,
        points: Sequence[tuple[str, float, float]],
    ) -> None:
        """One t-SNE plane of Figure 2."""
        placed = tuple(report.ProjectedPoint(language, x, y) for language, x, y in points)
        self.projections.append(
            report.Projection(task, name, placed, response.record.manifest.uri)  # type: ignore[arg-type]
        )

    def add_correlations(
        self,
        pairs: Sequence[SeedPair],
        responses: Mapping[str, metrics_pb2.ComputeCorrelationResponse | InvalidInput],
    ) -> None:
        """Table 3 and the points behind it; a row without a correlation says why."""
        for row, quantity in _CORRELATIONS.items():
            response = responses[quantity]
            if isinstance(response, InvalidInput):
                self.notes.append(
                    f"Table 3, {row}: no correlation, since {response.field} is {response.problem}."
                )
                continue
            pooled = next(item for item in response.correlations if not item.group)
            manifest = response.record.manifest.uri
            for column in ("spearman", "kendall"):
                interval = robustness.interval(getattr(pooled, f"{column}_interval"))
                self._number(
                    "table3",
                    row,
                    column,
                    getattr(pooled, column),
                    manifest,
                    interval=interval,
                    note="" if interval else robustness.TOO_FEW_SEEDS,
                )
            for column in ("spearman_p", "kendall_p", "n"):
                self._number("table3", row, column, getattr(pooled, column), manifest)
            self.robustness.extend(robustness.correlation_rows(_QUANTITIES[row], response))
        for pair in pairs:
            name = f"{pair.first}-{pair.second}"
            self.correlations.append(
                report.CorrelationPoint(
                    pair.seed, name, pair.gap, pair.reference_score, pair.sinkhorn, pair.cka
                )
            )

    # --- What stands behind them

    def add_cell(self, trained: Trained) -> None:
        """What a cell scored, and what it cost."""
        self.cells.append(evidence.cell(trained, self.profile.reported_split))

    def add_dataset(self, corpus: Corpus) -> None:
        """Sizes beside Table 4, and what was substituted."""
        self.datasets.append(evidence.dataset(corpus))
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
        tasks = self.profile.needed()
        return report.RunRecord(
            run_id=run_id,
            profile=self.profile.name,
            started=started,
            finished=finished,
            tasks=tuple(tasks),  # type: ignore[arg-type]
            languages=tuple(self.profile.languages),
            regime=self.profile.regime,
            evaluation=self.profile.evaluation,
            numbers=tuple(self.numbers),
            cells=tuple(replace(cell, interval=self._intervals.get(cell.manifest)) for cell in self.cells),
            datasets=tuple(self.datasets),
            hyperparameters=tuple(self.hyperparameters),
            pairs=tuple(self.pairs),
            bounds=tuple(self.bounds),
            projections=tuple(self.projections),
            correlations=tuple(self.correlations),
            differences=tuple(self.differences),
            g2p=tuple(self.g2p),
            robustness=tuple(self.robustness),
            derived=tuple(self.derived),
            notes=tuple(self.notes),
            banner=self.profile.banner,
            command=command,
            code_version=revision(),
        )

    def _number(
        self,
        table: str,
        row: str,
        column: str,
        value: float,
        manifest: str,
        unit: str = "",
        interval: report.Interval | None = None,
        note: str = "",
    ) -> None:
        paper = report.printed(table, row, column)  # type: ignore[arg-type]
        self.numbers.append(
            report.Number(table, row, column, value, paper, manifest, unit, note, interval)  # type: ignore[arg-type]
        )

    def _pair(
        self,
        task: str,
        name: str,
        pair: Any,
        metric: str,
        value: float,
        manifest: str,
        interval: report.Interval | None,
    ) -> None:
        self.pairs.append(
            report.Pair(task, name, pair.first, pair.second, metric, value, manifest, interval)  # type: ignore[arg-type]
        )


def _by_language(phonemes: Iterable[Phonemes]) -> dict[str, list[g2p_pb2.ConvertCorpusResult]]:
    merged: dict[str, list[g2p_pb2.ConvertCorpusResult]] = {}
    for item in phonemes:
        merged.setdefault(item.language, []).extend(item.results.values())
    return merged
