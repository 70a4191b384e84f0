"""From the metrics service's answers to numbers of the record: which figure is of what. No arithmetic.

The interval of a field is in the field of the same name with "_interval".
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flows.cells import Row
from flows.measure_requests import SeedPair
from flows.numbers import EXACT, NO_INTERVAL, Missing, Numbers, interval, place_of, why
from flows.profile import Profile
from flows.requests import RAW, Trained
from flows.tables import CorrelationTable
from isogloss.metrics.v1 import metrics_pb2
from report import record as report

TOO_FEW_SEEDS = "No interval: drawing seeds anew needs six of them."

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
class GapNumbers(Numbers):
    """Scores, gaps, similarities, distances and correlations of a profile's tables."""

    profile: Profile
    correlations: list[report.CorrelationPoint] = field(default_factory=list)
    # Of models' scores by manifest: the interval, and the items that it is over.
    _intervals: dict[str, tuple[report.Interval | None, int | None]] = field(default_factory=dict)

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
            of = place_of(row) | {"languages": (code,)}
            if isinstance(item, Trained):
                score = item.evaluation(self.profile.reported_split).score
                manifest = item.result.record.manifest.uri
                bounds, items = self._intervals.get(manifest, (None, None))
                self.add("score", score, manifest, bounds, note, **of, n=items)
            else:
                self.lacks(["score"], item, **of)

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
        of = place_of(row)
        if not isinstance(gap, metrics_pb2.ComputePerformanceGapResponse):
            return self.lacks(_SPREAD, gap, **of)
        manifest = gap.record.manifest.uri
        self.file(gap, _SPREAD, manifest, **of)
        for rest in gap.without:
            self.file(rest, {"mean_rpd": "mean_rpd"}, manifest, **of, without=rest.language)
        if spread := interval(gap.mean_rpd_language_spread):
            self.add("mean_rpd_elsewhere", gap.mean_rpd, manifest, spread, **of)
        return None

    def add_gap_from_reference(
        self, row: Row, gap: metrics_pb2.ComputePerformanceGapResponse | Missing, reference: str
    ) -> None:
        """Relative and absolute gaps of every pair of languages."""
        of = place_of(row)
        if not isinstance(gap, metrics_pb2.ComputePerformanceGapResponse):
            for cell in row.cells:
                if cell.language != reference:
                    self.lacks(_GAPS, gap, **of, languages=(reference, cell.language))
            return
        for pair in gap.pairs:
            self.file(pair, _GAPS, gap.record.manifest.uri, **of, languages=(pair.first, pair.second))

    def add_linguistic_gap(
        self,
        row: Row,
        gaps: Mapping[str, metrics_pb2.ComputeLinguisticGapResponse | Missing] | Missing,
        incomplete: str = "",
    ) -> None:
        """CKA of every pair, its mean, and what other readings of the sentences make of it; where languages
        are missing, `incomplete` says which, and there is no mean.
        """
        of = place_of(row)
        readings = gaps if isinstance(gaps, Mapping) else {RAW: gaps}
        for reading, gap in readings.items():
            if not isinstance(gap, metrics_pb2.ComputeLinguisticGapResponse):
                lacking = ("mean_cka", "mean_cka_debiased") if reading == RAW else ("mean_cka_debiased",)
                self.lacks(lacking, gap, **of, reading="" if reading == RAW else reading)
            elif reading == RAW:
                self._add_similarity(gap, incomplete, **of)
            elif incomplete:
                self.lacks(("mean_cka_debiased",), incomplete, **of, reading=reading)
            else:
                fields = {"mean_cka_debiased": "mean_cka_debiased"}
                if reading.startswith("layer"):
                    fields["mean_cka_residual"] = _MEAN_SIMILARITIES["mean_cka_residual"]
                self.file(gap, fields, gap.record.manifest.uri, **of, reading=reading, n=gap.sentences)

    def _add_similarity(
        self, gap: metrics_pb2.ComputeLinguisticGapResponse, incomplete: str, **of: Any
    ) -> None:
        manifest = gap.record.manifest.uri
        if incomplete:
            self.lacks(("mean_cka", "mean_cka_debiased"), incomplete, **of)
        else:
            controlled = ("mean_cka_residual", "mean_cka_length_matched")
            plain = {name: field for name, field in _MEAN_SIMILARITIES.items() if name not in controlled}
            self.file(gap, plain, manifest, **of, n=gap.sentences)
            how = gap.length_note or _length_control(gap.length_controls)
            for control in controlled:
                field = _MEAN_SIMILARITIES[control]
                measured = interval(getattr(gap, f"{field}_interval", None))
                said = how if measured else ". ".join(filter(None, (how, NO_INTERVAL)))
                self.file(gap, {control: field}, manifest, note=said, **of, n=gap.sentences)
            if gap.length_note and not gap.HasField("mean_cka_debiased_length_residual"):
                self.lacks(["mean_cka_residual"], f"n/a: {gap.length_note}", **of)
        for pair in gap.pairs:
            tested: dict[str, Any] = {}
            if pair.HasField("p_value_holm"):
                tested = {"p": pair.p_value_holm, "note": f"at random {pair.null_mean:.3f}"}
            self.file(pair, {"cka": "cka"}, manifest, **of, **tested, languages=(pair.first, pair.second))
            others = {name: _SIMILARITIES[name] for name in _SIMILARITIES if name != "cka"}
            self.file(pair, others, manifest, **of, languages=(pair.first, pair.second))
        for rest in () if incomplete else gap.without:
            fields = {"mean_cka_debiased": "mean_cka_debiased"}
            self.file(rest, fields, manifest, **of, without=rest.language)

    def add_output_gap(self, row: Row, gap: metrics_pb2.ComputeOutputGapResponse | Missing) -> None:
        """Sinkhorn distance of every pair, debiased and exact beside it, and their means."""
        of = place_of(row)
        if not isinstance(gap, metrics_pb2.ComputeOutputGapResponse):
            return self.lacks(_MEAN_DISTANCES, gap, **of)
        manifest = gap.record.manifest.uri
        for pair in gap.pairs:
            self.file(pair, _DISTANCES, manifest, **of, languages=(pair.first, pair.second))
        marginal = max(pair.marginal_error for pair in gap.pairs)
        note = f"regularization {gap.regularization:g}, marginal error {marginal:.0e}"
        self.file(gap, _MEAN_DISTANCES, manifest, **of, n=gap.items, note=note)
        return None

    def add_transfer_bound(self, row: Row, bound: metrics_pb2.ComputeTransferBoundResponse | Missing) -> None:
        """The terms of Theorem C.2 for each pair."""
        of = place_of(row)
        if not isinstance(bound, metrics_pb2.ComputeTransferBoundResponse):
            return self.lacks(["bound"], bound, **of)
        for pair in bound.pairs:
            languages = (pair.first, pair.second)
            self.file(pair, _BOUND, bound.record.manifest.uri, **of, languages=languages, note=EXACT)
        return None

    def add_differences(
        self,
        row: Row,
        less: str,
        gaps: metrics_pb2.ComparePerformanceGapsResponse | Missing,
        similarities: metrics_pb2.CompareLinguisticGapsResponse | Missing,
    ) -> None:
        """How much the gaps and CKAs of a row differ from those by the input `less`."""
        of = place_of(row) | {"less": less}
        if isinstance(gaps, metrics_pb2.ComparePerformanceGapsResponse):
            manifest = gaps.record.manifest.uri
            exchanges = f"{'all' if gaps.exact else 'drawn'} {gaps.permutations:,} exchanges"
            for measure in _SPREAD:
                p = getattr(gaps, f"{measure}_p_value")
                self.file(gaps, {measure: f"{measure}_difference"}, manifest, **of, p=p, note=exchanges)
            fields = {"mean_rpd": "mean_rpd_difference"}
            for rest in gaps.without:
                self.file(rest, fields, manifest, **of, without=rest.language)
            for pair in gaps.pairs:
                languages = (pair.first, pair.second)
                self.file(pair, {"rpd": "rpd_difference"}, manifest, **of, languages=languages)
            if gaps.HasField("other_languages"):
                self._add_other_languages(gaps.other_languages, manifest, **of)
        else:
            self.lacks(_SPREAD, gaps, **of)
        if isinstance(similarities, metrics_pb2.CompareLinguisticGapsResponse):
            fields = {measure: f"{name}_difference" for measure, name in _MEAN_SIMILARITIES.items()}
            del fields["mean_cka_uncentered"], fields["mean_cka_length_matched"]
            count = similarities.sentences or None
            self.file(similarities, fields, similarities.record.manifest.uri, **of, n=count)
        else:
            self.lacks(("mean_cka", "mean_cka_debiased"), similarities, **of)

    def _add_other_languages(self, ratio: metrics_pb2.SpreadRatio, manifest: str, **of: Any) -> None:
        """Whether other languages would lie closer together by this input: the ratio of both spreads."""
        bounds = interval(ratio.interval)
        if bounds:
            bounds = replace(bounds, low=math.exp(bounds.low), high=math.exp(bounds.high))
        alone = f"{math.exp(ratio.pitman_morgan_log_ratio):.2f}, p = {ratio.pitman_morgan_p_value:.2g}"
        note = (
            f"{ratio.languages} languages: power to find a ratio of .9 {ratio.power:.2f}, smallest effect "
            f"found with power .8 a ratio of {ratio.detectable_ratio:.2f}; noise of items and seeds makes "
            f"{ratio.noise_first:.0%} and {ratio.noise_second:.0%} of what is seen; Pitman and Morgan, in "
            f"points: {alone}"
        )
        value = math.exp(ratio.log_ratio)
        self.add("spread_ratio", value, manifest, bounds, note, **of, p=ratio.p_value)

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
                self.lacks(("spearman", "kendall"), response, **of)
                continue
            manifest = response.record.manifest.uri
            for item in response.correlations:
                of["languages"] = tuple(filter(None, item.group.split("-")))
                for measure in ("spearman", "kendall"):
                    p, method = getattr(item, f"{measure}_p"), getattr(item, f"{measure}_p_method")
                    bounds = interval(getattr(item, f"{measure}_interval"))
                    note = f"p: {method}" + ("" if bounds else f". {TOO_FEW_SEEDS}")
                    value = getattr(item, measure)
                    self.add(measure, value, manifest, bounds, note, **of, p=p, n=item.n)
                    if not item.group:
                        self.add(f"{measure}_p", p, manifest, **of)
                if not item.group:
                    self.add("n", item.n, manifest, **of)
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
            self.add(measure, getattr(item, measure), manifest, bounds, note, **of, p=p, n=item.n)
            self.add(f"{measure}_p", p, manifest, **of)
        self.add("n", item.n, manifest, **of)


def _length_control(controls: Iterable[metrics_pb2.LengthControl]) -> str:
    """How length was taken out, for the note: its degrees of freedom and the strata."""
    freedom = sorted({item.degrees_of_freedom for item in controls})
    if not freedom:
        return ""
    equal = all(item.equal_lengths for item in controls)
    strata = "sentences of equal length" if equal else "strata of neighboring lengths"
    return f"{' to '.join(map(str, dict.fromkeys((freedom[0], freedom[-1]))))} degrees of freedom; {strata}"
