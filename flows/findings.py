"""From the services' answers to the run's record: which number goes into which row, column and unit. No
arithmetic.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flows import report
from flows.cells import Cell
from flows.intake import Corpus
from flows.measures import SeedPair
from flows.profile import Profile
from flows.report import robustness
from flows.requests import hyperparameters
from flows.steps import RAW, Phonemes, Trained
from isogloss.errors import InvalidInput
from isogloss.g2p.v1 import g2p_pb2
from isogloss.metrics.v1 import metrics_pb2
from isogloss.trainer.v1 import trainer_pb2

_METRIC = {"pos": "accuracy", "ner": "span_f1", "xnli": "accuracy"}
_CORPUS = {"pos": "ud", "ner": "wikiann", "xnli": "xnli", "flores": "flores"}
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
_TOO_FEW_SEEDS = "No interval: drawing seeds anew needs six of them."


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
    datasets: list[report.DatasetRow] = field(default_factory=list)
    hyperparameters: list[report.HyperparameterRow] = field(default_factory=list)
    g2p: list[report.G2PRow] = field(default_factory=list)
    robustness: list[report.RobustnessRow] = field(default_factory=list)
    derived: list[report.DerivedRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    # --- Rows of tables

    def add_scores(
        self,
        table: str,
        row: str,
        trained: Iterable[Trained],
        gap: metrics_pb2.ComputePerformanceGapResponse,
    ) -> None:
        """One score per language, each with its interval over items."""
        intervals = {score.language: robustness.interval(score.interval) for score in gap.scores}
        for item in trained:
            score = item.evaluation(self.profile.reported_split).score
            language, manifest = item.cell.language, item.result.record.manifest.uri
            self._number(table, row, language, score, manifest, "%", intervals[language])

    def add_performance_gap(
        self, task: str, name: str, gap: metrics_pb2.ComputePerformanceGapResponse
    ) -> None:
        """Std. and mean RPD of a row of Table 1."""
        row, manifest = f"{task}/{name}", gap.record.manifest.uri
        of_std, of_rpd = robustness.interval(gap.std_interval), robustness.interval(gap.mean_rpd_interval)
        self._number("table1", row, "std", gap.std, manifest, interval=of_std)
        self._number("table1", row, "mean_rpd", gap.mean_rpd, manifest, "%", of_rpd)
        self.robustness.extend(robustness.performance_gap_rows(task, name, gap))  # type: ignore[arg-type]

    def add_gap_comparison(
        self, task: str, first: str, second: str, response: metrics_pb2.ComparePerformanceGapsResponse
    ) -> None:
        """Whether two inputs' gaps differ by more than chance."""
        self.robustness.extend(
            robustness.gap_comparison_rows(task, first, second, response)  # type: ignore[arg-type]
        )

    def add_gap_from_reference(self, row: str, gap: metrics_pb2.ComputePerformanceGapResponse) -> None:
        """Relative and absolute gaps of a row of Table 2, and all pairs for Figure 3."""
        reference, manifest = self.profile.table2.reference, gap.record.manifest.uri
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
        observed = {frozenset((pair.first, pair.second)): pair.absolute / 100 for pair in gap.pairs}
        for pair in bound.pairs:
            interval = robustness.interval(pair.proxy_a_distance_interval)
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
                    observed=observed[frozenset((pair.first, pair.second))],
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
                    note="" if interval else _TOO_FEW_SEEDS,
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
        """What a cell scored, beside the baselines of the same set, and what it cost."""
        cell, result = trained.cell, trained.result
        evaluation = trained.evaluation(self.profile.reported_split)
        self.cells.append(
            report.Cell(
                task=cell.task,  # type: ignore[arg-type]
                input=cell.input,  # type: ignore[arg-type]
                language=cell.language,
                seed=cell.seed,
                score=evaluation.score,
                metric=_METRIC[cell.task],
                majority=evaluation.scores["baseline_majority"],
                lexicon=evaluation.scores["baseline_lexicon"],
                seconds=result.train_s,
                tokens_per_second=result.tokens_per_s,
                best_epoch=result.best_epoch,
                truncated=evaluation.truncated,
                reused=result.record.reused,
                manifest=result.record.manifest.uri,
                loss=_losses(trained.history),
                dev=_dev_scores(trained.history),
                train_fraction=cell.train_fraction,
            )
        )

    def add_dataset(self, corpus: Corpus) -> None:
        """Sizes beside Table 4, and what was substituted."""
        splits = {"devtest": "test"}
        rows = {splits.get(split, split): count for split, count in corpus.rows.items()}
        self.datasets.append(
            report.DatasetRow(
                corpus=_CORPUS[corpus.task],  # type: ignore[arg-type]
                language=corpus.language,
                train=rows.get("train"),
                dev=rows.get("dev"),
                test=rows.get("test"),
                source=corpus.source,
                sha256=tuple(artifact.sha256 for artifact in corpus.splits.values()),
                note=" ".join(corpus.notes),
            )
        )
        self.notes.extend(note for note in corpus.notes if note not in self.notes)

    def add_hyperparameters(self, cells: Iterable[Cell]) -> None:
        """What every (task, input, language) was trained with, beside Table 5."""
        shown_cells: dict[tuple[str, str, str], Cell] = {}
        for cell in cells:
            shown_cells.setdefault((cell.task, cell.input, cell.language), cell)
        for (task, name, language), cell in shown_cells.items():
            values = hyperparameters(self.profile, cell.training)
            shown: dict[str, bool | int | float | str] = {
                "learning_rate": values.learning_rate,
                "weight_decay": values.weight_decay,
                "schedule": trainer_pb2.Schedule.Name(values.schedule).removeprefix("SCHEDULE_").lower(),
                "batch_size": values.batch_size,
                "epochs": values.epochs,
                "max_length": values.max_length,
            }
            model = self.profile.models[name].describe()  # type: ignore[index]  # the keys are the inputs
            self.hyperparameters.append(
                report.HyperparameterRow(task, name, language, model, shown)  # type: ignore[arg-type]
            )

    def add_sweep(self, cells: Iterable[Cell]) -> None:
        """How the hyper-parameters of the cells were chosen."""
        searched = {cell.searched(self.profile.seed) for cell in cells}
        sweep = self.profile.sweep
        rounds = ", ".join(f"{fraction:.0%}" for fraction in sweep.rounds)
        points = sum(len(self.profile.grid(cell.task)) for cell in searched)
        self.notes.append(
            f"Learning rate, weight decay and schedule were chosen by the dev score of seed"
            f" {self.profile.seed} (sweep {sweep.kind}): {points} points for {len(searched)} models, trained"
            f" on {rounds} of the train set."
        )

    def add_g2p(self, phonemes: Iterable[Phonemes]) -> None:
        """How well each language's text became phonemes, over all corpora of the run."""
        merged: dict[str, list[Any]] = {}
        for item in phonemes:
            merged.setdefault(item.corpus.language, []).extend(item.results.values())
        self.notes += self.profile.phoneme_gate.check(merged)
        for language, results in merged.items():
            total = g2p_pb2.Quality()
            for result in results:
                for field_, value in result.quality.ListFields():
                    if field_.name != "worst_words":
                        setattr(total, field_.name, getattr(total, field_.name) + value)
            worst = dict.fromkeys(word for result in results for word in result.quality.worst_words)
            self.g2p.append(
                report.G2PRow(
                    language,
                    total.tokens,
                    total.leaked_tokens / total.tokens if total.tokens else None,
                    {
                        "letters left, %": _percent(total.leaked_characters, total.characters),
                        "unknown to PanPhon, %": _percent(total.unknown_phonemes, total.phonemes),
                        "worst words": " ".join(list(worst)[:3]),
                        "types": max(result.quality.types for result in results),
                        "backend": results[0].provenance.backend,
                    },
                    results[0].record.manifest.uri,
                )
            )

    def record(self, run_id: str, started: datetime, finished: datetime, command: str) -> report.RunRecord:
        """The whole as the report wants it."""
        tasks = self.profile.needed()
        languages = [
            *self.profile.table1.languages,
            *self.profile.table2.languages,
            *self.profile.table3.languages,
        ]
        return report.RunRecord(
            run_id=run_id,
            profile=self.profile.name,
            started=started,
            finished=finished,
            tasks=tuple(tasks),
            languages=tuple(dict.fromkeys(languages)),
            regime=self.profile.regime,
            evaluation=self.profile.evaluation,
            numbers=tuple(self.numbers),
            cells=tuple(self.cells),
            datasets=tuple(self.datasets),
            hyperparameters=tuple(self.hyperparameters),
            pairs=tuple(self.pairs),
            bounds=tuple(self.bounds),
            projections=tuple(self.projections),
            correlations=tuple(self.correlations),
            g2p=tuple(self.g2p),
            robustness=tuple(self.robustness),
            derived=tuple(self.derived),
            notes=tuple(self.notes),
            banner=self.profile.banner,
            command=command,
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


def _losses(history: Sequence[Mapping[str, Any]]) -> tuple[report.LossPoint, ...]:
    return tuple(
        report.LossPoint(line["step"], line["loss"], line["learning_rate"])
        for line in history
        if "loss" in line
    )


def _dev_scores(history: Sequence[Mapping[str, Any]]) -> tuple[report.DevPoint, ...]:
    return tuple(report.DevPoint(line["epoch"], line["dev_score"]) for line in history if "dev_score" in line)


def _percent(part: int, whole: int) -> float | str:
    return round(100 * part / whole, 2) if whole else "nothing to count"
