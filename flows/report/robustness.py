"""From the metrics service's answers to intervals and to the lines of the robustness panel. No arithmetic."""

from collections.abc import Iterator

from flows.report.record import Input, Interval, RobustnessRow, Task
from flows.report.tables import language_name
from isogloss.metrics.v1 import metrics_pb2

_TASKS: dict[Task, str] = {"ner": "NER", "pos": "POS", "xnli": "XNLI"}


def interval(message: metrics_pb2.Interval) -> Interval | None:
    """An interval of the service; None for one that is unset, which the service leaves at zero."""
    if not message.method:
        return None
    return Interval(message.low, message.high, message.level, message.method)


def performance_gap_rows(
    task: Task, model_input: Input, response: metrics_pb2.ComputePerformanceGapResponse
) -> Iterator[RobustnessRow]:
    """What the gap of one row of Table 1 or 2 would be without each language, or with others."""
    manifest = response.record.manifest.uri
    for left_out in response.without:
        yield RobustnessRow(
            f"{_TASKS[task]}: mean RPD without one language, %",
            f"{model_input}, without {language_name(left_out.language)}",
            left_out.mean_rpd,
            manifest=manifest,
        )
    if response.mean_rpd_language_spread.method:
        yield RobustnessRow(
            f"{_TASKS[task]}: mean RPD if other languages had been drawn, %",
            model_input,
            response.mean_rpd,
            interval(response.mean_rpd_language_spread),
            manifest=manifest,
            note="a spread, no confidence interval: so few languages cannot give one",
        )


def gap_comparison_rows(
    task: Task, first: Input, second: Input, response: metrics_pb2.ComparePerformanceGapsResponse
) -> Iterator[RobustnessRow]:
    """Whether two inputs' gaps differ by more than chance, over all languages and without each."""
    manifest = response.record.manifest.uri
    check = f"{_TASKS[task]}: gap of {first} less gap of {second}"
    exchanges = f"{'all' if response.exact else 'drawn'} exchanges of the two: {response.permutations:,}"
    yield RobustnessRow(
        check,
        "mean RPD, %",
        response.mean_rpd_difference,
        p=response.mean_rpd_p_value,
        manifest=manifest,
        note=exchanges,
    )
    yield RobustnessRow(
        check, "Std.", response.std_difference, p=response.std_p_value, manifest=manifest, note=exchanges
    )
    for left_out in response.without:
        subject = f"mean RPD without {language_name(left_out.language)}, %"
        yield RobustnessRow(check, subject, left_out.mean_rpd_difference, manifest=manifest)


def linguistic_gap_rows(
    task: Task, model_input: Input, response: metrics_pb2.ComputeLinguisticGapResponse
) -> Iterator[RobustnessRow]:
    """Mean CKA by other estimators, without each language, and the pair that is closest to chance."""
    manifest = response.record.manifest.uri
    check = f"{_TASKS[task]}: mean CKA by estimator"
    yield RobustnessRow(
        check, f"{model_input}, raw (the paper's)", response.mean_cka, n=response.sentences, manifest=manifest
    )
    yield RobustnessRow(
        check,
        f"{model_input}, debiased",
        response.mean_cka_debiased,
        interval(response.mean_cka_debiased_interval),
        n=response.sentences,
        manifest=manifest,
    )
    if response.HasField("mean_cka_debiased_length_residual"):
        yield RobustnessRow(
            check,
            f"{model_input}, debiased, sentence length regressed out",
            response.mean_cka_debiased_length_residual,
            interval(response.mean_cka_debiased_length_residual_interval),
            n=response.sentences,
            manifest=manifest,
        )
    yield RobustnessRow(
        check,
        f"{model_input}, not centered (equation 2 as printed)",
        response.mean_cka_uncentered,
        n=response.sentences,
        manifest=manifest,
    )
    for left_out in response.without:
        yield RobustnessRow(
            f"{_TASKS[task]}: mean debiased CKA without one language",
            f"{model_input}, without {language_name(left_out.language)}",
            left_out.mean_cka_debiased,
            manifest=manifest,
        )
    tested = [pair for pair in response.pairs if pair.HasField("p_value_holm")]
    if tested:
        pair = max(tested, key=lambda pair: pair.p_value_holm)
        yield RobustnessRow(
            f"{_TASKS[task]}: CKA against sentences paired at random",
            f"{model_input}, {language_name(pair.first)} – {language_name(pair.second)}",
            pair.cka,
            p=pair.p_value_holm,
            manifest=manifest,
            note=f"the pair nearest to chance, where CKA is {pair.null_mean:.3f}; p by Holm over all pairs",
        )


def correlation_rows(
    quantity: str, response: metrics_pb2.ComputeCorrelationResponse
) -> Iterator[RobustnessRow]:
    """Spearman's correlation of the gap with `quantity`, over all points and within each language pair."""
    for correlation in response.correlations:
        within = " – ".join(language_name(code) for code in correlation.group.split("-"))
        yield RobustnessRow(
            f"Spearman's ρ of the gap with {quantity}",
            f"within {within}" if correlation.group else "all pairs pooled (the paper's)",
            correlation.spearman,
            interval(correlation.spearman_interval),
            correlation.spearman_p,
            correlation.n,
            response.record.manifest.uri,
            note=f"p: {correlation.spearman_p_method}",
        )


def paper_check_rows(response: metrics_pb2.CheckPaperResponse) -> Iterator[RobustnessRow]:
    """What the paper derives from its printed scores, computed anew from them."""
    for finding in response.findings:
        agrees = "agrees" if finding.agrees else "differs"
        yield RobustnessRow(
            "The paper's derived figures, recomputed from its printed scores",
            f"{finding.table}, {finding.row}, {finding.column}",
            finding.recomputed,
            manifest=response.record.manifest.uri,
            note=f"printed {finding.printed:g}: {agrees}. {finding.note}".strip(),
        )
