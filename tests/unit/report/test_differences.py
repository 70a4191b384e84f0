"""The metrics service's comparisons of two inputs become differences that a reader understands."""

from isogloss.artifact.v1 import artifact_pb2
from isogloss.metrics.v1 import metrics_pb2 as pb
from report import differences

RECORD = artifact_pb2.Record(manifest=artifact_pb2.Artifact(uri="s3://b/k/manifest.json"))
BOUNDS = pb.Interval(low=-0.9, high=-0.1, level=0.95, method="bootstrap over items")


def test_gaps_are_compared_whole_without_each_language_and_by_pair() -> None:
    response = pb.ComparePerformanceGapsResponse(
        record=RECORD,
        mean_rpd_difference=-0.5,
        mean_rpd_p_value=0.55,
        mean_rpd_difference_interval=BOUNDS,
        permutations=1024,
        exact=True,
        without=[pb.GapDifferenceWithout(language="kor", mean_rpd_difference=0.44)],
        pairs=[pb.PairGapDifference(first="eng", second="swa", rpd_difference=-8)],
    )
    found = {
        differences.subject(item): item
        for item in differences.of_gaps("xnli", "phoneme", "subword", response)
    }
    assert list(found) == [
        "mean RPD, %",
        "Std.",
        "mean RPD, %, without Korean",
        "RPD, %, English – Swahili",
    ]
    whole = found["mean RPD, %"]
    assert (whole.value, whole.p, whole.note) == (-0.5, 0.55, "all 1,024 exchanges")
    assert whole.interval
    assert (whole.interval.low, whole.interval.high) == (-0.9, -0.1)


def test_similarities_are_compared_without_length_where_lengths_are_known() -> None:
    response = pb.CompareLinguisticGapsResponse(record=RECORD, mean_cka_difference=0.2)
    assert len(list(differences.of_similarities("ner", "phoneme", "character", response))) == 2
    response.mean_cka_debiased_length_residual_difference = -0.06
    *_, residual = differences.of_similarities("ner", "phoneme", "character", response)
    assert (residual.measure, residual.value) == ("mean_cka_residual", -0.06)
