"""From the metrics service's answers to intervals and to the robustness panel. No arithmetic."""

from collections.abc import Iterator, Mapping

from isogloss.metrics.v1 import metrics_pb2
from report.record import DerivedRow, Input, Interval, RobustnessRow, Task
from report.tables import language_name

READINGS = {
    "tokens": "debiased, tokens without positions",
    "letters": "debiased, letters only, without positions",
    "untrained": "debiased, untrained twin",
    "last": "debiased, last layer instead of the embeddings",
    "embeddings": "debiased, embeddings instead of the last layer",
}
"""The flow's readings of sentences beside the paper's, in words."""

LENGTH_OUT = "debiased, sentence length regressed out"

TOO_FEW_SEEDS = "No interval: drawing seeds anew needs six of them."

_SINKHORN = "Mean Sinkhorn distance by estimator"


def series(task: Task, model_input: Input) -> str:
    """The column of a task and input: "NER character"."""
    return f"{task.upper()} {model_input}"


def interval(message: metrics_pb2.Interval) -> Interval | None:
    """An interval of the service; None for one that is unset, which the service leaves at zero."""
    if not message.method:
        return None
    return Interval(message.low, message.high, message.level, message.method)


def linguistic_gap_rows(
    task: Task, model_input: Input, readings: Mapping[str, metrics_pb2.ComputeLinguisticGapResponse], raw: str
) -> Iterator[RobustnessRow]:
    """Mean CKA by estimators and readings, without each language, and the pair that is closest to chance.

    `readings` by the flow's names, of which `raw` is the paper's; the others leave something out or read
    another layer.
    """
    gap, column = readings[raw], series(task, model_input)
    yield _mean(gap, "raw (the paper's)", "cka", column)
    yield _mean(gap, "debiased", "cka_debiased", column)
    if gap.HasField("mean_cka_debiased_length_residual"):
        yield _mean(gap, LENGTH_OUT, "cka_debiased_length_residual", column)
    for name, other in readings.items():
        if name != raw:
            yield _mean(other, READINGS[name], "cka_debiased", column)
    yield _mean(gap, "not centered (equation 2 as printed)", "cka_uncentered", column)
    for left_out in gap.without:
        yield RobustnessRow(
            "Mean debiased CKA without one language",
            f"without {language_name(left_out.language)}",
            left_out.mean_cka_debiased,
            interval(left_out.mean_cka_debiased_interval),
            manifest=gap.record.manifest.uri,
            series=column,
        )
    yield from _nearest_to_chance(gap, column)


def _mean(
    gap: metrics_pb2.ComputeLinguisticGapResponse, subject: str, estimator: str, column: str
) -> RobustnessRow:
    """Mean CKA over all pairs by one estimator."""
    return RobustnessRow(
        "Mean CKA by estimator and reading",
        subject,
        getattr(gap, f"mean_{estimator}"),
        interval(getattr(gap, f"mean_{estimator}_interval")),
        n=gap.sentences,
        manifest=gap.record.manifest.uri,
        series=column,
    )


def _nearest_to_chance(gap: metrics_pb2.ComputeLinguisticGapResponse, column: str) -> Iterator[RobustnessRow]:
    tested = [pair for pair in gap.pairs if pair.HasField("p_value_holm")]
    if not tested:
        return
    # Most p-values are the smallest that so many permutations can give: among equals, the CKA tells.
    pair = max(tested, key=lambda pair: (pair.p_value_holm, pair.null_mean - pair.cka))
    names = f"{language_name(pair.first)} – {language_name(pair.second)}"
    yield RobustnessRow(
        "CKA against sentences paired at random",
        "the pair nearest to chance",
        pair.cka,
        interval(pair.cka_interval),
        p=pair.p_value_holm,
        manifest=gap.record.manifest.uri,
        note=f"{names}, of {len(tested)}; at random {pair.null_mean:.3f}",
        series=column,
    )


def performance_gap_rows(
    task: Task, model_input: Input, response: metrics_pb2.ComputePerformanceGapResponse
) -> Iterator[RobustnessRow]:
    """What the gap of one row of Table 1 would be without each language, or with others."""
    manifest, column = response.record.manifest.uri, series(task, model_input)
    for left_out in response.without:
        yield RobustnessRow(
            "Mean RPD without one language, %",
            f"without {language_name(left_out.language)}",
            left_out.mean_rpd,
            interval(left_out.mean_rpd_interval),
            manifest=manifest,
            series=column,
            digits=2,
        )
    if response.mean_rpd_language_spread.method:
        yield RobustnessRow(
            "Mean RPD without one language, %",
            "if as many other languages had been drawn: a spread that claims no coverage",
            response.mean_rpd,
            interval(response.mean_rpd_language_spread),
            manifest=manifest,
            series=column,
            digits=2,
        )


def output_gap_rows(
    model_input: Input, response: metrics_pb2.ComputeOutputGapResponse
) -> Iterator[RobustnessRow]:
    """The distance of outputs by estimator: what the regularization adds to it."""
    marginal = max(pair.marginal_error for pair in response.pairs)
    regularized = f"regularization {response.regularization:g}, marginal error {marginal:.0e}"
    estimators = [
        ("raw (the paper's)", response.mean_sinkhorn, response.mean_sinkhorn_interval, regularized),
        ("debiased", response.mean_sinkhorn_debiased, response.mean_sinkhorn_debiased_interval, ""),
    ]
    if response.HasField("mean_exact"):
        estimators.append(("exact transport", response.mean_exact, response.mean_exact_interval, ""))
    for name, value, bounds, note in estimators:
        yield RobustnessRow(
            _SINKHORN,
            name,
            value,
            interval(bounds),
            n=response.items,
            manifest=response.record.manifest.uri,
            note=note,
            series=series("xnli", model_input),
        )


def correlation_rows(
    quantity: str, response: metrics_pb2.ComputeCorrelationResponse
) -> Iterator[RobustnessRow]:
    """Spearman's correlation of the gap with `quantity`, over all points and within each language pair."""
    for correlation in response.correlations:
        within = " – ".join(language_name(code) for code in correlation.group.split("-"))
        bounds = interval(correlation.spearman_interval)
        yield RobustnessRow(
            "Spearman's ρ of the gap, pooled and within pairs of languages",
            f"within {within}" if correlation.group else "all pairs pooled (the paper's)",
            correlation.spearman,
            bounds,
            correlation.spearman_p,
            correlation.n,
            response.record.manifest.uri,
            note=f"p: {correlation.spearman_p_method}" + ("" if bounds else f". {TOO_FEW_SEEDS}"),
            series=f"with {quantity}",
            digits=3,
        )


def paper_check_rows(response: metrics_pb2.CheckPaperResponse) -> Iterator[DerivedRow]:
    """What the paper derives from its printed scores, computed anew from them."""
    for finding in response.findings:
        yield DerivedRow(
            finding.table,  # type: ignore[arg-type]
            finding.row,
            finding.column,
            finding.printed,
            finding.recomputed,
            finding.agrees,
            finding.note,
            response.record.manifest.uri,
        )
