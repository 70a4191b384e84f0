"""The metrics service's answers become lines that a reader understands."""

from isogloss.artifact.v1 import artifact_pb2
from isogloss.metrics.v1 import metrics_pb2
from report import Interval, robustness

RECORD = artifact_pb2.Record(manifest=artifact_pb2.Artifact(uri="s3://b/k/manifest.json"))
JACKKNIFE = metrics_pb2.Interval(low=0.1, high=0.3, level=0.95, method="jackknife over sentences")


def test_an_unset_interval_is_none() -> None:
    assert robustness.interval(metrics_pb2.ComputeLinguisticGapResponse().mean_cka_debiased_interval) is None
    assert robustness.interval(JACKKNIFE) == Interval(0.1, 0.3, 0.95, "jackknife over sentences")


def test_a_spread_claims_no_coverage() -> None:
    response = metrics_pb2.ComputePerformanceGapResponse(
        record=RECORD,
        mean_rpd=3.5,
        mean_rpd_language_spread=metrics_pb2.Interval(
            low=2, high=5, level=0, method="bootstrap over languages"
        ),
        without=[metrics_pb2.GapWithout(language="kor", std=0.02, mean_rpd=2.9)],
    )
    without, spread = robustness.performance_gap_rows("ner", "phoneme", response)
    assert (without.subject, without.series, without.value) == ("without Korean", "NER phoneme", 2.9)
    assert spread.interval
    assert spread.interval.level == 0
    assert "claims no coverage" in spread.subject


def gap(value: float) -> metrics_pb2.ComputeLinguisticGapResponse:
    return metrics_pb2.ComputeLinguisticGapResponse(
        record=RECORD,
        mean_cka=0.72,
        mean_cka_debiased=value,
        mean_cka_debiased_interval=JACKKNIFE,
        mean_cka_debiased_length_residual=0.05,
        mean_cka_uncentered=0.9,
        sentences=1012,
        pairs=[
            metrics_pb2.PairSimilarity(first="eng", second="fra", cka=0.8, null_mean=0.4, p_value_holm=0.01),
            metrics_pb2.PairSimilarity(first="eng", second="kor", cka=0.5, null_mean=0.4, p_value_holm=0.2),
        ],
    )


def test_cka_is_shown_by_estimator_and_for_the_pair_nearest_to_chance() -> None:
    rows = {
        row.subject: row for row in robustness.linguistic_gap_rows("pos", "phoneme", {"raw": gap(0.4)}, "raw")
    }
    assert rows["raw (the paper's)"].value == 0.72
    assert rows["debiased"].interval
    assert rows["debiased, sentence length regressed out"].value == 0.05
    nearest = rows["the pair nearest to chance"]
    assert (nearest.p, nearest.value) == (0.2, 0.5)
    assert "English – Korean" in nearest.note
    assert {(row.manifest, row.series) for row in rows.values()} == {
        ("s3://b/k/manifest.json", "POS phoneme")
    }


def test_other_readings_stand_beside_the_papers_own() -> None:
    values = {"tokens": 0.3, "letters": 0.2, "untrained": 0.1, "last": 0.6, "embeddings": 0.7}
    readings = {"raw": gap(0.4)} | {name: gap(value) for name, value in values.items()}
    rows = {row.subject: row for row in robustness.linguistic_gap_rows("pos", "phoneme", readings, "raw")}
    assert [rows[title].value for title in robustness.READINGS.values()] == [*values.values()]
    assert all(rows[title].interval for title in robustness.READINGS.values())


def test_lengths_that_were_not_given_leave_no_line() -> None:
    response = metrics_pb2.ComputeLinguisticGapResponse(record=RECORD, mean_cka=0.72)
    rows = robustness.linguistic_gap_rows("pos", "phoneme", {"raw": response}, "raw")
    assert not any("length" in row.subject for row in rows)


def test_sinkhorn_is_shown_by_estimator_with_its_marginal_error() -> None:
    response = metrics_pb2.ComputeOutputGapResponse(
        record=RECORD,
        pairs=[metrics_pb2.PairDistance(first="eng", second="swa", marginal_error=3e-8, converged=True)],
        mean_sinkhorn=0.06,
        mean_sinkhorn_debiased=0.02,
        mean_exact=0.03,
        regularization=0.1,
        items=2490,
    )
    rows = {row.subject: row for row in robustness.output_gap_rows("phoneme", response)}
    assert [row.value for row in rows.values()] == [0.06, 0.02, 0.03]
    assert rows["raw (the paper's)"].note == "regularization 0.1, marginal error 3e-08"


def test_correlations_are_shown_pooled_and_within_pairs() -> None:
    response = metrics_pb2.ComputeCorrelationResponse(
        record=RECORD,
        correlations=[
            metrics_pb2.Correlation(group="", n=30, spearman=-0.78, spearman_p=1e-6),
            metrics_pb2.Correlation(group="eng-swa", n=15, spearman=0.1, spearman_p=0.7),
        ],
    )
    pooled, within = robustness.correlation_rows("CKA", response)
    assert (pooled.subject, pooled.n) == ("all pairs pooled (the paper's)", 30)
    assert (within.subject, within.p) == ("within English – Swahili", 0.7)


def test_the_papers_own_arithmetic_is_listed() -> None:
    finding = metrics_pb2.Finding(
        table="table1", row="ner/phoneme", column="std", printed=0.0259, recomputed=0.0274, note="ddof 0."
    )
    (row,) = robustness.paper_check_rows(metrics_pb2.CheckPaperResponse(record=RECORD, findings=[finding]))
    assert (row.printed, row.recomputed, row.agrees, row.note) == (0.0259, 0.0274, False, "ddof 0.")
