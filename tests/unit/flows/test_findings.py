"""The services' answers become numbers that say what they are of; a missing answer becomes the reason."""

from datetime import UTC, datetime

import pytest

from flows.cells import Row, rows_of
from flows.findings import Findings
from flows.load import load
from flows.numbers import interval, why
from flows.requests import RAW
from flows.tables import CorrelationTable
from isogloss.artifact.v1 import artifact_pb2
from isogloss.errors import InvalidInput
from isogloss.metrics.v1 import metrics_pb2 as pb
from report.record import Interval, Number
from report.tables import grids

NOW = datetime.now(UTC)
RECORD = artifact_pb2.Record(manifest=artifact_pb2.Artifact(uri="s3://b/k/manifest.json"))
BOUNDS = pb.Interval(low=-0.9, high=-0.1, level=0.95, method="bootstrap over items")
ZEROS = InvalidInput("scores", "two scores are 0", "Train longer.")


@pytest.fixture
def findings() -> Findings:
    return Findings(load("sample"))


def row(task: str, name: str) -> Row:
    """A row of the sample profile."""
    return next(item for item in rows_of(load("sample")) if (item.task, item.input) == (task, name))


def find(findings: Findings, measure: str, languages: tuple[str, ...] = (), **fields: str) -> Number | None:
    record = findings.record("run", NOW, NOW, "")
    return record.find(measure, languages, **fields)


def got(findings: Findings, measure: str, languages: tuple[str, ...] = (), **fields: str) -> Number:
    number = find(findings, measure, languages, **fields)
    assert number
    return number


def similarity(value: float) -> pb.ComputeLinguisticGapResponse:
    pairs = [
        pb.PairSimilarity(first="eng", second="fra", cka=0.8, null_mean=0.4, p_value_holm=0.01),
        pb.PairSimilarity(first="eng", second="kor", cka=0.5, null_mean=0.4, p_value_holm=0.2),
    ]
    return pb.ComputeLinguisticGapResponse(
        record=RECORD,
        mean_cka=0.72,
        mean_cka_debiased=value,
        mean_cka_uncentered=0.9,
        sentences=99,
        pairs=pairs,
    )


def test_an_unset_interval_is_none() -> None:
    assert interval(pb.ComputePerformanceGapResponse().std_interval) is None
    assert interval(BOUNDS) == Interval(-0.9, -0.1, 0.95, "bootstrap over items")


@pytest.mark.parametrize(
    ("missing", "reason"),
    [
        (None, "not run"),
        (ZEROS, "n/a: scores: two scores are 0"),
        ("failed: out of memory", "failed: out of memory"),
        (pb.ComputePerformanceGapResponse(), ""),
    ],
)
def test_what_is_missing_says_why(missing: object, reason: str) -> None:
    assert why(missing) == reason


def test_every_method_takes_a_reason_instead_of_an_answer(findings: Findings) -> None:
    tagging, inference = row("pos", "phoneme"), row("xnli", "phoneme")
    table = findings.profile.tables["table3"]
    assert isinstance(table, CorrelationTable)
    findings.add_scores(tagging, {"eng": "failed: no loss"}, ZEROS)
    findings.add_performance_gap(tagging, ZEROS)
    findings.add_gap_from_reference(inference, ZEROS, "eng")
    findings.add_linguistic_gap(tagging, None)
    findings.add_linguistic_gap(row("ner", "phoneme"), {RAW: similarity(0.3), "last": "failed: gone"})
    findings.add_output_gap(inference, "not run: train failed")
    findings.add_transfer_bound(inference, None)
    findings.add_differences(tagging, "character", ZEROS, None)
    findings.add_correlations("table3", table, [], {"cka": InvalidInput("x", "constant", "More seeds.")})
    findings.add_paper_check(None)
    lacking = [number for number in findings.numbers if number.value is None]
    assert {"score", "std", "rpd", "mean_cka", "mean_sinkhorn", "bound", "spearman"} <= {
        number.measure for number in lacking
    }
    assert all(number.reason.split(":")[0] in ("not run", "n/a", "failed") for number in lacking)


def test_gaps_are_filed_whole_without_each_language_and_for_more(findings: Findings) -> None:
    spread = pb.Interval(low=2, high=5, level=0, method="bootstrap over languages")
    rest = pb.GapWithout(language="kor", mean_rpd=2.9)
    gap = pb.ComputePerformanceGapResponse(
        record=RECORD,
        std=0.03,
        std_interval=BOUNDS,
        mean_rpd=3.5,
        mean_rpd_language_spread=spread,
        without=[rest],
    )
    findings.add_performance_gap(row("ner", "phoneme"), gap)
    assert got(findings, "std").interval == interval(BOUNDS)
    assert got(findings, "mean_rpd", without="kor").value == 2.9
    elsewhere = got(findings, "mean_rpd_elsewhere").interval
    assert elsewhere
    assert elsewhere.level == 0


def test_similarities_are_filed_by_estimator_reading_and_pair(findings: Findings) -> None:
    findings.add_linguistic_gap(row("pos", "phoneme"), {RAW: similarity(0.4), "letters": similarity(0.1)})
    assert got(findings, "mean_cka").value == 0.72
    assert got(findings, "mean_cka_debiased", reading="letters").value == 0.1
    near = got(findings, "cka", ("kor", "eng"))
    assert (near.p, near.note) == (0.2, "at random 0.400")
    assert find(findings, "mean_cka_residual") is None, "lengths were not given"


def test_both_controls_of_length_are_filed_with_how_it_was_taken_out(findings: Findings) -> None:
    gap = similarity(0.4)
    gap.mean_cka_debiased_length_residual = 0.1
    gap.mean_cka_length_matched = 0.28
    gap.length_controls.add(language="eng", degrees_of_freedom=9)
    gap.length_controls.add(language="kor", degrees_of_freedom=11)
    findings.add_linguistic_gap(row("pos", "phoneme"), {RAW: gap})
    assert got(findings, "mean_cka_length_matched").value == 0.28
    residual = got(findings, "mean_cka_residual")
    assert (residual.value, residual.note) == (
        0.1,
        "9 to 11 degrees of freedom; strata of neighboring lengths. No interval was measured.",
    )


def test_a_residual_that_is_refused_says_why(findings: Findings) -> None:
    gap = similarity(0.4)
    gap.length_note = "80 sentences are too few to take length out"
    gap.mean_cka_length_matched = 0.28
    findings.add_linguistic_gap(row("pos", "phoneme"), {RAW: gap})
    assert got(findings, "mean_cka_residual").reason == "n/a: 80 sentences are too few to take length out"
    assert got(findings, "mean_cka_length_matched").value == 0.28


def test_what_holds_for_other_languages_is_filed_as_a_ratio_with_its_power(findings: Findings) -> None:
    gaps = pb.ComparePerformanceGapsResponse(record=RECORD)
    bounds = pb.Interval(low=-1.0, high=0.5, level=0.95, method="Pitman-Morgan")
    other = pb.SpreadRatio(languages=10, log_ratio=-0.25, interval=bounds, p_value=0.4, power=0.11)
    other.detectable_ratio = 0.5
    other.noise_first, other.noise_second = 0.1, 0.2
    other.pitman_morgan_log_ratio, other.pitman_morgan_p_value = -0.42, 0.047
    gaps.other_languages.CopyFrom(other)
    findings.add_differences(row("pos", "phoneme"), "character", gaps, ZEROS)
    ratio = got(findings, "spread_ratio", less="character")
    assert ratio.value == pytest.approx(0.779, abs=1e-3)
    assert ratio.interval
    assert (ratio.interval.low, ratio.interval.high) == pytest.approx((0.368, 1.649), abs=1e-3)
    assert "power to find a ratio of .9 0.11" in ratio.note
    assert "smallest effect found with power .8 a ratio of 0.50" in ratio.note
    assert "noise of items and seeds makes 10% and 20% of what is seen" in ratio.note
    assert "Pitman and Morgan, in points: 0.66, p = 0.047" in ratio.note


def test_differences_are_filed_whole_without_each_language_and_by_pair(findings: Findings) -> None:
    gaps = pb.ComparePerformanceGapsResponse(
        record=RECORD,
        mean_rpd_difference=-0.5,
        mean_rpd_p_value=0.55,
        mean_rpd_difference_interval=BOUNDS,
        permutations=1024,
        exact=True,
        without=[pb.GapDifferenceWithout(language="kor", mean_rpd_difference=0.44)],
        pairs=[pb.PairGapDifference(first="eng", second="swa", rpd_difference=-8)],
    )
    similarities = pb.CompareLinguisticGapsResponse(record=RECORD, mean_cka_difference=0.2)
    findings.add_differences(row("xnli", "phoneme"), "subword", gaps, similarities)
    less = "subword"
    whole = got(findings, "mean_rpd", less=less)
    assert (whole.value, whole.p, whole.note) == (-0.5, 0.55, "all 1,024 exchanges")
    assert got(findings, "mean_rpd", less=less, without="kor").value == 0.44
    assert got(findings, "rpd", ("eng", "swa"), less=less).value == -8
    assert got(findings, "mean_cka", less=less).value == 0.2
    assert find(findings, "mean_cka_residual", less=less) is None, "lengths were not given"


def test_distances_carry_their_marginal_error(findings: Findings) -> None:
    pair = pb.PairDistance(first="eng", second="swa", sinkhorn=0.06, marginal_error=3e-8, converged=True)
    gap = pb.ComputeOutputGapResponse(
        record=RECORD, pairs=[pair], mean_sinkhorn=0.06, mean_sinkhorn_debiased=0.02, regularization=0.1
    )
    findings.add_output_gap(row("xnli", "phoneme"), gap)
    mean = got(findings, "mean_sinkhorn")
    assert mean.note == "regularization 0.1, marginal error 3e-08"
    assert find(findings, "sinkhorn_exact", ("eng", "swa")) is None, "it was skipped"


def test_correlations_are_filed_pooled_and_by_pair(findings: Findings) -> None:
    pooled = pb.Correlation(group="", n=30, spearman=-0.78, spearman_p=1e-6, spearman_p_method="exact")
    within = pb.Correlation(group="eng-swa", n=15, spearman=0.1, spearman_p=0.7)
    response = pb.ComputeCorrelationResponse(record=RECORD, correlations=[pooled, within])
    table = findings.profile.tables["table3"]
    assert isinstance(table, CorrelationTable)
    findings.add_correlations("table3", table, [], {"cka": response})
    of = {"table": "table3", "against": "cka"}
    assert got(findings, "spearman", (), **of).n == 30
    assert got(findings, "spearman_p", (), **of).value == 1e-6
    assert got(findings, "spearman", ("eng", "swa"), **of).p == 0.7


def test_the_correlation_within_pairs_stands_beside_the_pooled_one(findings: Findings) -> None:
    pooled = pb.Correlation(group="", n=30, spearman=-0.78, spearman_p=1e-6, spearman_p_method="exact")
    within = pb.Correlation(n=30, spearman=-0.2, spearman_p=0.4, kendall=-0.1, kendall_p=0.5)
    response = pb.ComputeCorrelationResponse(record=RECORD, correlations=[pooled], stratified=within)
    table = findings.profile.tables["table3"]
    assert isinstance(table, CorrelationTable)
    findings.add_correlations("table3", table, [], {"cka": response})
    of = {"table": "table3", "against": "cka"}
    assert got(findings, "spearman", (), **of).value == -0.78
    stratified = got(findings, "spearman", (), **of, reading="within pairs")
    assert (stratified.value, stratified.p) == (-0.2, 0.4)
    (grid,) = (item for item in grids(findings.record("run", NOW, NOW, "")) if item.table == "table3")
    assert [item.key for item in grid.rows] == ["xnli/phoneme/cka", "xnli/phoneme/cka/within pairs"]


def test_the_papers_own_arithmetic_is_listed(findings: Findings) -> None:
    finding = pb.Finding(
        table="table1", row="ner/phoneme", column="std", printed=0.0259, recomputed=0.0274, note="ddof 0."
    )
    findings.add_paper_check(pb.CheckPaperResponse(record=RECORD, findings=[finding]))
    (row,) = findings.derived
    assert (row.printed, row.recomputed, row.agrees, row.note) == (0.0259, 0.0274, False, "ddof 0.")


def test_the_seeds_of_a_row_become_one_number_and_each_is_kept() -> None:
    findings = Findings(load("sample", options={"seeds": 3}))
    rows = [item for item in rows_of(findings.profile) if (item.task, item.input) == ("pos", "phoneme")]
    for item, value in zip(rows, (3.0, 4.0, 5.0), strict=True):
        bounds = pb.Interval(low=value - 1, high=value + 1, level=0.95, method="bootstrap over items")
        manifest = artifact_pb2.Artifact(uri=f"s3://b/{item.seed}/manifest.json")
        gap = pb.ComputePerformanceGapResponse(
            record=artifact_pb2.Record(manifest=manifest), mean_rpd=value, mean_rpd_interval=bounds, std=0.03
        )
        findings.add_performance_gap(item, gap)
        findings.add_linguistic_gap(item, ZEROS if item.seed else {RAW: similarity(0.4)})
    number = got(findings, "mean_rpd")
    assert (number.value, number.seeds, number.seed_std) == (4.0, 3, 1.0)
    assert [item.value for item in number.by_seed] == [3.0, 4.0, 5.0]
    assert number.interval
    assert "Student's t over 3 seeds" in number.interval.method
    std = got(findings, "std")
    assert std.interval, "of the seeds alone"
    assert std.note == ""
    lost = got(findings, "mean_cka")
    assert (lost.value, lost.seeds) == (0.72, 1)
    assert "seed 1: n/a: scores: two scores are 0" in lost.note
