"""From the services' answers to the run's record: which number is of what. No arithmetic.

Every method takes an answer or, where there is none, the reason: what a service refused (an undefined
measure), a sentence ("failed: …", "not run: …"), or nothing. The report then says why instead of a figure.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from flows import evidence
from flows.cells import Cell, Row
from flows.intake import Corpus
from flows.measure_requests import SeedPair
from flows.profile import CorrelationTable, Profile
from flows.requests import RAW, Phonemes, Trained
from flows.revision import revision
from flows.rules import stated
from isogloss.errors import InvalidInput
from isogloss.g2p.v1 import g2p_pb2
from isogloss.inputs import INPUTS
from isogloss.metrics.v1 import metrics_pb2
from report import record as report
from report.record.numbers import Place
from report.seeds import over_seeds

Missing = InvalidInput | str | None
Answer = TypeVar("Answer")

NO_INTERVAL = "No interval was measured."
TOO_FEW_SEEDS = "No interval: drawing seeds anew needs six of them."
EXACT = "Computed exactly from these sentences: no interval."

# Measures of the report, and the fields of the metrics service's messages that hold them; the interval of a
# field is in the field of the same name with "_interval".
_SPREAD = {"std": "std", "mean_rpd": "mean_rpd"}
_GAPS = {"rpd": "rpd", "absolute": "absolute"}
_SIMILARITIES = {"cka": "cka", "cka_debiased": "cka_debiased"}
_MEAN_SIMILARITIES = {
    "mean_cka": "mean_cka",
    "mean_cka_debiased": "mean_cka_debiased",
    "mean_cka_residual": "mean_cka_debiased_length_residual",
    "mean_cka_length_matched": "mean_cka_length_matched",
    "mean_cka_uncentered": "mean_cka_uncentered",
}
_DISTANCES = {"sinkhorn": "sinkhorn", "sinkhorn_debiased": "sinkhorn_debiased", "sinkhorn_exact": "exact"}
_MEAN_DISTANCES = {f"mean_{measure}": f"mean_{name}" for measure, name in _DISTANCES.items()}
_BOUND = {
    "proxy_a_distance": "proxy_a_distance",
    "divergence": "divergence_term",
    "complexity": "complexity_term",
    "bound": "bound",
}


@dataclass
class Findings:
    """What the run has found so far."""

    profile: Profile
    cells: list[report.Cell] = field(default_factory=list)
    projections: list[report.Projection] = field(default_factory=list)
    correlations: list[report.CorrelationPoint] = field(default_factory=list)
    datasets: list[report.DatasetRow] = field(default_factory=list)
    hyperparameters: list[report.HyperparameterRow] = field(default_factory=list)
    g2p: list[report.G2PRow] = field(default_factory=list)
    atlases: list[report.Atlas] = field(default_factory=list)
    derived: list[report.DerivedRow] = field(default_factory=list)
    failures: list[report.Failure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    matched: report.Matched | None = None
    # By place in the record, the number of each seed.
    _filed: dict[Place, list[tuple[int, report.Number]]] = field(default_factory=dict)
    # Of models' scores by manifest: the interval, and the items that it is over.
    _intervals: dict[str, tuple[report.Interval | None, int | None]] = field(default_factory=dict)

    # --- Numbers

    @property
    def numbers(self) -> list[report.Number]:
        """Everything that was measured, each over its seeds."""
        return [_without_excuse(over_seeds(numbers)) for numbers in self._filed.values()]

    def add_scores(
        self,
        row: Row,
        trained: Mapping[str, Trained | Missing],
        gap: metrics_pb2.ComputePerformanceGapResponse | Missing,
    ) -> None:
        """One score per language, by its code; `gap` knows how far each can be trusted."""
        self.add_intervals([item for item in trained.values() if isinstance(item, Trained)], gap)
        note = f"No interval: {why(gap)}" if why(gap) else NO_INTERVAL
        for code, item in trained.items():
            of = _of(row) | {"languages": (code,)}
            if isinstance(item, Trained):
                score = item.evaluation(self.profile.reported_split).score
                manifest = item.result.record.manifest.uri
                bounds, items = self._intervals.get(manifest, (None, None))
                self._add("score", score, manifest, bounds, note, **of, n=items)
            else:
                self._lacks(["score"], item, **of)

    def add_intervals(
        self, trained: Iterable[Trained], gap: metrics_pb2.ComputePerformanceGapResponse | Missing
    ) -> None:
        """How far the score of each of these models can be trusted."""
        if isinstance(gap, metrics_pb2.ComputePerformanceGapResponse):
            scores = {item.language: (interval(item.interval), item.items or None) for item in gap.scores}
            for item in trained:
                if item.cell.language in scores:
                    self._intervals[item.result.record.manifest.uri] = scores[item.cell.language]

    def add_performance_gap(self, row: Row, gap: metrics_pb2.ComputePerformanceGapResponse | Missing) -> None:
        """How far the languages' scores lie apart: all together, without each, and where more were drawn."""
        of = _of(row)
        if not isinstance(gap, metrics_pb2.ComputePerformanceGapResponse):
            return self._lacks(_SPREAD, gap, **of)
        manifest = gap.record.manifest.uri
        self._file(gap, _SPREAD, manifest, **of)
        for rest in gap.without:
            self._file(rest, {"mean_rpd": "mean_rpd"}, manifest, **of, without=rest.language)
        if spread := interval(gap.mean_rpd_language_spread):
            self._add("mean_rpd_elsewhere", gap.mean_rpd, manifest, spread, **of)
        return None

    def add_gap_from_reference(
        self, row: Row, gap: metrics_pb2.ComputePerformanceGapResponse | Missing, reference: str
    ) -> None:
        """Relative and absolute gaps of every pair of languages."""
        of = _of(row)
        if not isinstance(gap, metrics_pb2.ComputePerformanceGapResponse):
            for cell in row.cells:
                if cell.language != reference:
                    self._lacks(_GAPS, gap, **of, languages=(reference, cell.language))
            return
        for pair in gap.pairs:
            self._file(pair, _GAPS, gap.record.manifest.uri, **of, languages=(pair.first, pair.second))

    def add_linguistic_gap(
        self,
        row: Row,
        gaps: Mapping[str, metrics_pb2.ComputeLinguisticGapResponse | Missing] | Missing,
        incomplete: str = "",
    ) -> None:
        """CKA of every pair, its mean, and what other readings of the sentences make of it; where languages
        are missing, `incomplete` says which, and there is no mean.
        """
        of = _of(row)
        readings = gaps if isinstance(gaps, Mapping) else {RAW: gaps}
        for reading, gap in readings.items():
            if not isinstance(gap, metrics_pb2.ComputeLinguisticGapResponse):
                lacking = ("mean_cka", "mean_cka_debiased") if reading == RAW else ("mean_cka_debiased",)
                self._lacks(lacking, gap, **of, reading="" if reading == RAW else reading)
            elif reading == RAW:
                self._add_similarity(gap, incomplete, **of)
            elif incomplete:
                self._lacks(("mean_cka_debiased",), incomplete, **of, reading=reading)
            else:
                fields = {"mean_cka_debiased": "mean_cka_debiased"}
                if reading.startswith("layer"):
                    fields["mean_cka_residual"] = _MEAN_SIMILARITIES["mean_cka_residual"]
                self._file(gap, fields, gap.record.manifest.uri, **of, reading=reading, n=gap.sentences)

    def _add_similarity(
        self, gap: metrics_pb2.ComputeLinguisticGapResponse, incomplete: str, **of: Any
    ) -> None:
        manifest = gap.record.manifest.uri
        if incomplete:
            self._lacks(("mean_cka", "mean_cka_debiased"), incomplete, **of)
        else:
            controlled = ("mean_cka_residual", "mean_cka_length_matched")
            plain = {name: field for name, field in _MEAN_SIMILARITIES.items() if name not in controlled}
            self._file(gap, plain, manifest, **of, n=gap.sentences)
            how = gap.length_note or _length_control(gap.length_controls)
            for control in controlled:
                field = _MEAN_SIMILARITIES[control]
                measured = interval(getattr(gap, f"{field}_interval", None))
                said = how if measured else ". ".join(filter(None, (how, NO_INTERVAL)))
                self._file(gap, {control: field}, manifest, note=said, **of, n=gap.sentences)
            if gap.length_note and not gap.HasField("mean_cka_debiased_length_residual"):
                self._lacks(["mean_cka_residual"], f"n/a: {gap.length_note}", **of)
        for pair in gap.pairs:
            tested: dict[str, Any] = {}
            if pair.HasField("p_value_holm"):
                tested = {"p": pair.p_value_holm, "note": f"at random {pair.null_mean:.3f}"}
            self._file(pair, {"cka": "cka"}, manifest, **of, **tested, languages=(pair.first, pair.second))
            others = {name: _SIMILARITIES[name] for name in _SIMILARITIES if name != "cka"}
            self._file(pair, others, manifest, **of, languages=(pair.first, pair.second))
        for rest in () if incomplete else gap.without:
            fields = {"mean_cka_debiased": "mean_cka_debiased"}
            self._file(rest, fields, manifest, **of, without=rest.language)

    def add_output_gap(self, row: Row, gap: metrics_pb2.ComputeOutputGapResponse | Missing) -> None:
        """Sinkhorn distance of every pair, debiased and exact beside it, and their means."""
        of = _of(row)
        if not isinstance(gap, metrics_pb2.ComputeOutputGapResponse):
            return self._lacks(_MEAN_DISTANCES, gap, **of)
        manifest = gap.record.manifest.uri
        for pair in gap.pairs:
            self._file(pair, _DISTANCES, manifest, **of, languages=(pair.first, pair.second))
        marginal = max(pair.marginal_error for pair in gap.pairs)
        note = f"regularization {gap.regularization:g}, marginal error {marginal:.0e}"
        self._file(gap, _MEAN_DISTANCES, manifest, **of, n=gap.items, note=note)
        return None

    def add_transfer_bound(self, row: Row, bound: metrics_pb2.ComputeTransferBoundResponse | Missing) -> None:
        """The terms of Theorem C.2 for each pair."""
        of = _of(row)
        if not isinstance(bound, metrics_pb2.ComputeTransferBoundResponse):
            return self._lacks(["bound"], bound, **of)
        for pair in bound.pairs:
            languages = (pair.first, pair.second)
            self._file(pair, _BOUND, bound.record.manifest.uri, **of, languages=languages, note=EXACT)
        return None

    def add_differences(
        self,
        row: Row,
        less: str,
        gaps: metrics_pb2.ComparePerformanceGapsResponse | Missing,
        similarities: metrics_pb2.CompareLinguisticGapsResponse | Missing,
    ) -> None:
        """How much the gaps and CKAs of a row differ from those by the input `less`."""
        of = _of(row) | {"less": less}
        if isinstance(gaps, metrics_pb2.ComparePerformanceGapsResponse):
            manifest = gaps.record.manifest.uri
            exchanges = f"{'all' if gaps.exact else 'drawn'} {gaps.permutations:,} exchanges"
            for measure in _SPREAD:
                p = getattr(gaps, f"{measure}_p_value")
                self._file(gaps, {measure: f"{measure}_difference"}, manifest, **of, p=p, note=exchanges)
            fields = {"mean_rpd": "mean_rpd_difference"}
            for rest in gaps.without:
                self._file(rest, fields, manifest, **of, without=rest.language)
            for pair in gaps.pairs:
                languages = (pair.first, pair.second)
                self._file(pair, {"rpd": "rpd_difference"}, manifest, **of, languages=languages)
            if gaps.HasField("other_languages"):
                self._add_other_languages(gaps.other_languages, manifest, **of)
        else:
            self._lacks(_SPREAD, gaps, **of)
        if isinstance(similarities, metrics_pb2.CompareLinguisticGapsResponse):
            fields = {measure: f"{name}_difference" for measure, name in _MEAN_SIMILARITIES.items()}
            del fields["mean_cka_uncentered"], fields["mean_cka_length_matched"]
            count = similarities.sentences or None
            self._file(similarities, fields, similarities.record.manifest.uri, **of, n=count)
        else:
            self._lacks(("mean_cka", "mean_cka_debiased"), similarities, **of)

    def _add_other_languages(self, ratio: metrics_pb2.SpreadRatio, manifest: str, **of: Any) -> None:
        """Whether other languages would lie closer together by this input: the ratio of both spreads."""
        bounds = interval(ratio.interval)
        if bounds:
            bounds = replace(bounds, low=math.exp(bounds.low), high=math.exp(bounds.high))
        note = (
            f"{ratio.languages} languages: power to find a ratio of .9 {ratio.power:.2f}, smallest effect "
            f"found with power .8 a ratio of {ratio.detectable_ratio:.2f}"
        )
        value = math.exp(ratio.log_ratio)
        self._add("spread_ratio", value, manifest, bounds, note, **of, p=ratio.p_value)

    def add_correlations(
        self,
        name: str,
        table: CorrelationTable,
        pairs: Sequence[SeedPair],
        responses: Mapping[str, metrics_pb2.ComputeCorrelationResponse | Missing],
    ) -> None:
        """What the gap goes with, by quantity, over all points and within pairs of languages; the points."""
        for quantity, response in responses.items():
            of: dict[str, Any] = {"table": name, "task": table.task, "input": table.input}
            of |= {"against": quantity}
            if not isinstance(response, metrics_pb2.ComputeCorrelationResponse):
                self._lacks(("spearman", "kendall"), response, **of)
                continue
            manifest = response.record.manifest.uri
            for item in response.correlations:
                of["languages"] = tuple(filter(None, item.group.split("-")))
                for measure in ("spearman", "kendall"):
                    p, method = getattr(item, f"{measure}_p"), getattr(item, f"{measure}_p_method")
                    bounds = interval(getattr(item, f"{measure}_interval"))
                    note = f"p: {method}" + ("" if bounds else f". {TOO_FEW_SEEDS}")
                    value = getattr(item, measure)
                    self._add(measure, value, manifest, bounds, note, **of, p=p, n=item.n)
                    if not item.group:
                        self._add(f"{measure}_p", p, manifest, **of)
                if not item.group:
                    self._add("n", item.n, manifest, **of)
            if response.HasField("stratified"):
                self._add_stratified(response.stratified, manifest, **of | {"languages": ()})
        for pair in pairs:
            quantities = {quantity: getattr(pair, quantity) for quantity in responses}
            languages = (pair.first, pair.second)
            place = (name, table.task, table.input, pair.seed, languages)
            self.correlations.append(report.CorrelationPoint(*place, pair.gap, quantities))

    def _add_stratified(self, item: metrics_pb2.Correlation, manifest: str, **of: Any) -> None:
        """The mean correlation within pairs: what differs between them alone counts for nothing."""
        of["reading"] = report.STRATIFIED
        for measure in ("spearman", "kendall"):
            p, method = getattr(item, f"{measure}_p"), getattr(item, f"{measure}_p_method")
            bounds = interval(getattr(item, f"{measure}_interval"))
            note = f"p: {method}" + ("" if bounds else f". {TOO_FEW_SEEDS}")
            self._add(measure, getattr(item, measure), manifest, bounds, note, **of, p=p, n=item.n)
            self._add(f"{measure}_p", p, manifest, **of)
        self._add("n", item.n, manifest, **of)

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

    # --- What stands behind them

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

    # --- Filing

    def _file(
        self, message: Any, fields: Mapping[str, str], manifest: str, note: str = "", **of: Any
    ) -> None:
        """The fields of a message as numbers, with their intervals; an optional field may be unset."""
        for measure, name in fields.items():
            described = message.DESCRIPTOR.fields_by_name[name]
            if described.has_presence and not message.HasField(name):
                continue
            bounds = interval(getattr(message, f"{name}_interval", None))
            self._add(measure, getattr(message, name), manifest, bounds, note or NO_INTERVAL, **of)

    def _lacks(self, measures: Iterable[str], reason: Missing, seed: int = 0, **of: Any) -> None:
        for measure in measures:
            self._keep(seed, report.Number(measure, None, reason=why(reason), **of))

    def _add(
        self,
        measure: str,
        value: float,
        manifest: str,
        bounds: report.Interval | None = None,
        note: str = "",
        seed: int = 0,
        **of: Any,
    ) -> None:
        note = "" if bounds and note == NO_INTERVAL else note
        self._keep(seed, report.Number(measure, value, manifest, interval=bounds, note=note, **of))

    def _keep(self, seed: int, number: report.Number) -> None:
        self._filed.setdefault(number.place, []).append((seed, number))


def _of(row: Row) -> dict[str, Any]:
    of = {"table": row.table, "task": row.task, "input": row.input, "seed": row.seed}
    return of | {"trained_on": row.trained_on}


def _length_control(controls: Iterable[metrics_pb2.LengthControl]) -> str:
    """How length was taken out, for the note: its degrees of freedom and the strata."""
    freedom = sorted({item.degrees_of_freedom for item in controls})
    if not freedom:
        return ""
    equal = all(item.equal_lengths for item in controls)
    strata = "sentences of equal length" if equal else "strata of neighboring lengths"
    return f"{' to '.join(map(str, dict.fromkeys((freedom[0], freedom[-1]))))} degrees of freedom; {strata}"


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


def _by_language(phonemes: Iterable[Phonemes]) -> dict[str, list[g2p_pb2.ConvertCorpusResult]]:
    merged: dict[str, list[g2p_pb2.ConvertCorpusResult]] = {}
    for item in phonemes:
        merged.setdefault(item.language, []).extend(item.results.values())
    return merged
