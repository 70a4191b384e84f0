"""One input less another: from the metrics service's comparisons to the record, and what they are called."""

from collections.abc import Iterator

from isogloss.metrics.v1 import metrics_pb2
from report.record import Difference, Input, Measure, Task
from report.robustness import interval
from report.tables import language_name

TITLES: dict[Measure, tuple[str, int]] = {
    "mean_rpd": ("mean RPD, %", 2),
    "std": ("Std.", 4),
    "rpd": ("RPD, %", 2),
    "mean_cka": ("mean CKA", 4),
    "mean_cka_debiased": ("mean CKA, debiased", 4),
    "mean_cka_residual": ("mean CKA, debiased, sentence length regressed out", 4),
}
"""Title and digits of each measure."""


def of_gaps(
    task: Task, first: Input, second: Input, response: metrics_pb2.ComparePerformanceGapsResponse
) -> Iterator[Difference]:
    """How much wider the gap is by `first` than by `second`: whole, without each language, for each pair."""
    manifest = response.record.manifest.uri
    exchanges = f"{'all' if response.exact else 'drawn'} {response.permutations:,} exchanges"
    yield Difference(
        task,
        first,
        second,
        "mean_rpd",
        response.mean_rpd_difference,
        interval(response.mean_rpd_difference_interval),
        manifest,
        response.mean_rpd_p_value,
        note=exchanges,
    )
    yield Difference(
        task,
        first,
        second,
        "std",
        response.std_difference,
        interval(response.std_difference_interval),
        manifest,
        response.std_p_value,
        note=exchanges,
    )
    for rest in response.without:
        bounds = interval(rest.mean_rpd_difference_interval)
        yield Difference(
            task,
            first,
            second,
            "mean_rpd",
            rest.mean_rpd_difference,
            bounds,
            manifest,
            without=rest.language,
        )
    for pair in response.pairs:
        name, bounds = f"{pair.first}-{pair.second}", interval(pair.rpd_difference_interval)
        yield Difference(task, first, second, "rpd", pair.rpd_difference, bounds, manifest, pair=name)


def of_similarities(
    task: Task, first: Input, second: Input, response: metrics_pb2.CompareLinguisticGapsResponse
) -> Iterator[Difference]:
    """How much more alike the languages are by `first` than by `second`."""
    measures: dict[Measure, str] = {"mean_cka": "mean_cka", "mean_cka_debiased": "mean_cka_debiased"}
    if response.HasField("mean_cka_debiased_length_residual_difference"):
        measures["mean_cka_residual"] = "mean_cka_debiased_length_residual"
    for measure, field in measures.items():
        value, bounds = (getattr(response, f"{field}_difference{part}") for part in ("", "_interval"))
        yield Difference(task, first, second, measure, value, interval(bounds), response.record.manifest.uri)


def subject(difference: Difference) -> str:
    """What is compared: "mean RPD, %", "mean RPD, %, without Korean"."""
    title = TITLES[difference.measure][0]
    if difference.without:
        return f"{title}, without {language_name(difference.without)}"
    if difference.pair:
        return f"{title}, {' – '.join(language_name(code) for code in difference.pair.split('-'))}"
    return title
