"""What stands behind the tables: pairs of languages, and the robustness panel with a table for each check."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from report.record import MEASURES, Measure, Number, RunRecord

LENGTH_OUT = "debiased, sentence length regressed out"
BY_LENGTH = "of the debiased one, what sentence length makes"
NO_READINGS = "Mean CKA by estimator and reading"
DIFFERENCES = "One input less another"
CHANCE = "CKA against sentences paired at random"
SINKHORN = "Mean Sinkhorn distance by estimator"
CORRELATIONS = "Spearman's ρ of the gap, pooled and within pairs of languages"

_ESTIMATORS = {
    "mean_cka": (NO_READINGS, "raw (the paper's)"),
    "mean_cka_debiased": (NO_READINGS, "debiased"),
    "mean_cka_residual": (NO_READINGS, LENGTH_OUT),
    "mean_cka_length_matched": (NO_READINGS, BY_LENGTH),
    "mean_cka_uncentered": (NO_READINGS, "not centered (equation 2 as printed)"),
    "mean_sinkhorn": (SINKHORN, "raw (the paper's)"),
    "mean_sinkhorn_debiased": (SINKHORN, "debiased"),
    "mean_sinkhorn_exact": (SINKHORN, "exact transport"),
}
_READINGS = {
    "tokens": "debiased, tokens without positions",
    "letters": "debiased, letters only, without positions",
    "untrained": "debiased, untrained twin",
    "last": "debiased, last layer instead of the embeddings",
    "embeddings": "debiased, embeddings instead of the last layer",
}
"""The flow's readings of sentences beside the paper's, in words."""

_PAIRS = ("rpd", "absolute", "cka", "cka_debiased", "sinkhorn", "sinkhorn_debiased", "sinkhorn_exact")
BOUND = ("proxy_a_distance", "divergence", "complexity", "bound")

REMARKS: Mapping[str, str] = {
    NO_READINGS: (
        "Averaged positions are sentence length; translations share length, punctuation and numbers. What "
        "the rows below the first leave is what languages share beyond that. Length is controlled twice: by "
        "regression on a spline of it, and by exchanging translations for other sentences as long, which "
        "leaves what length makes. The untrained twin has the same architecture, random weights. Only the "
        "embedding layer can be read without positions."
    ),
    CHANCE: (
        "One-sided permutation test, Holm's correction over all pairs of a column. It does not notice shared "
        "sentence length."
    ),
    DIFFERENCES: (
        "RPD and Std.: below 0 the first input's gap is the smaller one; CKA: above 0 languages look more "
        "alike by it. Intervals over test items or sentences, each drawn or left out for both inputs at "
        "once. p: two-sided permutation; under the null the two inputs are interchangeable within each "
        "language."
    ),
    "Mean RPD without one language": "",
    "Debiased CKA without one language": "",
    SINKHORN: "At this regularization the raw value of two equal clouds is above 0; the others are 0.",
    CORRELATIONS: (
        "Pooled, a difference between the pairs alone makes a correlation; stratified, nothing between them "
        "counts. The reference language's score is in both sides of the gap against it."
    ),
}
"""Remarks for the reader by title, in the order of the page; other checks follow."""


@dataclass(frozen=True)
class PairLine:
    """One pair of languages, for one task and input."""

    task: str
    input: str
    languages: tuple[str, ...]
    title: str
    numbers: Mapping[str, Number]


@dataclass(frozen=True)
class PairTable:
    """Pairs of languages; `columns` are the measures with any value."""

    columns: tuple[Measure, ...]
    lines: tuple[PairLine, ...]


@dataclass(frozen=True)
class Check:
    """One table of the panel; `cells` by (subject, series)."""

    title: str
    remark: str
    subjects: tuple[str, ...]
    series: tuple[str, ...]
    cells: Mapping[tuple[str, str], Number]


def pair_table(record: RunRecord, table: str, measures: tuple[str, ...] = _PAIRS) -> PairTable:
    """The pairs of languages of one table of the run."""
    lines: dict[tuple[str, str, tuple[str, ...], str], dict[str, Number]] = {}
    for number in record.select(*measures, table=table, less=""):
        of = (number.task, number.input, number.languages, record.reads(number))
        line = lines.setdefault(of, {})
        line[number.measure] = number
    present = {measure for numbers in lines.values() for measure in numbers}
    return PairTable(
        tuple(MEASURES[name] for name in measures if name in present),
        tuple(PairLine(*of, numbers) for of, numbers in lines.items()),
    )


def checks(record: RunRecord) -> list[Check]:
    """The tables that the record has numbers for."""
    tables: dict[str, dict[tuple[str, str], Number]] = {}
    for number in record.numbers:
        for title, subject in _places(record, number):
            tables.setdefault(title, {})[subject, _series(record, number)] = number
    for number in _nearest_to_chance(record):
        tables.setdefault(CHANCE, {})["the pair nearest to chance", _series(record, number)] = number
    return [
        Check(
            title,
            REMARKS.get(title, ""),
            tuple(dict.fromkeys(subject for subject, _ in tables[title])),
            tuple(dict.fromkeys(series for _, series in tables[title])),
            tables[title],
        )
        for title in dict.fromkeys([*REMARKS, *tables])
        if title in tables
    ]


def subject(record: RunRecord, number: Number) -> str:
    """What a difference is of: "Mean RPD", "Mean RPD without Korean", "RPD, %, English – Swahili"."""
    title = MEASURES[number.measure].title
    if number.without:
        return f"{title} without {record.language(number.without)}"
    return ", ".join(filter(None, (title, record.pair(number.languages))))


def _series(record: RunRecord, number: Number) -> str:
    if number.against:
        return f"with {number.against.replace('_', ' ')}"
    series = record.series(number.task, number.input)
    twins = {other.table for other in record.select("score", task=number.task, input=number.input)}
    series = f"{number.table}: {series}" if len(twins) > 1 else series
    series = f"{series} from {number.trained_on}" if number.trained_on else series
    return f"{series} less {number.less}" if number.less else series


def _places(record: RunRecord, number: Number) -> Iterator[tuple[str, str]]:
    """The table and row of the panel in which a number stands, if in any."""
    if number.less:
        if not number.languages or record.tables[number.table].reference:
            yield DIFFERENCES, subject(record, number)
    elif number.without:
        title = MEASURES[number.measure].title
        yield f"{title} without one language", f"without {record.language(number.without)}"
    elif number.measure == "mean_rpd_elsewhere":
        yield (
            "Mean RPD without one language",
            "if as many other languages had been drawn: a spread that claims no coverage",
        )
    elif number.measure in ("kendall", "spearman_p", "kendall_p", "n"):
        return
    elif number.measure == "spearman":
        yield (
            CORRELATIONS,
            f"within {record.pair(number.languages)}"
            if number.languages
            else "mean within pairs (stratified)"
            if number.reading
            else "pooled (the paper's)",
        )
    elif number.reading:
        without = ", sentence length regressed out" if number.measure == "mean_cka_residual" else ""
        yield NO_READINGS, _READINGS.get(number.reading, f"debiased, {number.reading}") + without
    elif number.measure in _ESTIMATORS:
        yield _ESTIMATORS[number.measure]


def _nearest_to_chance(record: RunRecord) -> Iterator[Number]:
    """Of each task and input the pair that differs least from sentences paired at random.

    Most p-values are the smallest that so many permutations can give: among equals, the CKA tells.
    """
    tested: dict[tuple[str, str, str], list[Number]] = {}
    for number in record.select("cka", less=""):
        if number.p is not None:
            tested.setdefault((number.table, number.task, record.reads(number)), []).append(number)
    for numbers in tested.values():
        nearest = max(numbers, key=lambda number: (number.p, -(number.value or 0.0)))
        note = f"{record.pair(nearest.languages)}, of {len(numbers)}; {nearest.note}"
        yield replace(nearest, note=note)
