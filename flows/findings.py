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
from flows.requests import hyperparameters
from flows.steps import Phonemes, Trained
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


@dataclass
class Findings:
    """What the run has found so far; filled table by table."""

    profile: Profile
    numbers: list[report.Number] = field(default_factory=list)
    cells: list[report.Cell] = field(default_factory=list)
    pairs: list[report.Pair] = field(default_factory=list)
    projections: list[report.Projection] = field(default_factory=list)
    correlations: list[report.CorrelationPoint] = field(default_factory=list)
    datasets: list[report.DatasetRow] = field(default_factory=list)
    hyperparameters: list[report.HyperparameterRow] = field(default_factory=list)
    g2p: list[report.G2PRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    # --- Rows of tables

    def add_scores(self, table: str, row: str, trained: Iterable[Trained]) -> None:
        """One score per language."""
        for item in trained:
            score = item.evaluation(self.profile.reported_split).score
            self._number(table, row, item.cell.language, score, item.result.record.manifest.uri, "%")

    def add_performance_gap(self, row: str, gap: metrics_pb2.ComputePerformanceGapResponse) -> None:
        """Std. and mean RPD of a row of Table 1."""
        self._number("table1", row, "std", gap.std, gap.record.manifest.uri)
        self._number("table1", row, "mean_rpd", gap.mean_rpd, gap.record.manifest.uri, "%")

    def add_gap_from_reference(self, row: str, gap: metrics_pb2.ComputePerformanceGapResponse) -> None:
        """Relative and absolute gaps of a row of Table 2, and all pairs for Figure 3."""
        reference, manifest = self.profile.table2.reference, gap.record.manifest.uri
        for pair in gap.pairs:
            if reference in (pair.first, pair.second):
                other = pair.second if pair.first == reference else pair.first
                self._number("table2", row, f"{other}_rpd", pair.rpd, manifest, "%")
                self._number("table2", row, f"{other}_abs", pair.absolute, manifest, "points")
            self._pair("xnli", row, pair, "rpd", pair.rpd, manifest)
            self._pair("xnli", row, pair, "absolute", pair.absolute, manifest)

    def add_linguistic_gap(self, task: str, name: str, gap: metrics_pb2.ComputeLinguisticGapResponse) -> None:
        """CKA of every pair (Figures 2 and 3), and its mean in Table 1."""
        manifest = gap.record.manifest.uri
        if task != "xnli":
            self._number("table1", f"{task}/{name}", "mean_cka", gap.mean_cka, manifest)
            self._number("table1", f"{task}/{name}", "mean_cka_debiased", gap.mean_cka_debiased, manifest)
        for pair in gap.pairs:
            self._pair(task, name, pair, "cka", pair.cka, manifest)
            self._pair(task, name, pair, "cka_debiased", pair.cka_debiased, manifest)

    def add_output_gap(self, name: str, gap: metrics_pb2.ComputeOutputGapResponse) -> None:
        """Sinkhorn distance of every pair (Figure 3)."""
        for pair in gap.pairs:
            self._pair("xnli", name, pair, "sinkhorn", pair.sinkhorn, gap.record.manifest.uri)

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
            for column in ("spearman", "spearman_p", "kendall", "kendall_p", "n"):
                self._number("table3", row, column, getattr(pooled, column), response.record.manifest.uri)
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
            projections=tuple(self.projections),
            correlations=tuple(self.correlations),
            g2p=tuple(self.g2p),
            notes=tuple(self.notes),
            banner=self.profile.banner,
            command=command,
        )

    def _number(self, table: str, row: str, column: str, value: float, manifest: str, unit: str = "") -> None:
        paper = report.printed(table, row, column)  # type: ignore[arg-type]
        self.numbers.append(
            report.Number(table, row, column, value, paper, manifest, unit)  # type: ignore[arg-type]
        )

    def _pair(self, task: str, name: str, pair: Any, metric: str, value: float, manifest: str) -> None:
        self.pairs.append(
            report.Pair(task, name, pair.first, pair.second, metric, value, manifest)  # type: ignore[arg-type]
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
