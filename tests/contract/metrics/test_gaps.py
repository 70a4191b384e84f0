"""The gaps through the service: what is sent, what comes back, and where the numbers are kept."""

import io

import grpc
import numpy as np
import pyarrow.parquet as pq
import pytest

from isogloss.artifacts import Artifact
from isogloss.errors import IsoglossError
from isogloss.metrics.v1 import metrics_pb2 as pb
from isogloss.metrics.v1 import metrics_pb2_grpc
from isogloss.status import from_rpc_error
from isogloss.store import Store
from tests.contract.metrics.conftest import Put

Metrics = metrics_pb2_grpc.MetricsServiceStub


def refusal(error: grpc.RpcError) -> IsoglossError:
    """What a client would raise."""
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    return from_rpc_error(error)


def test_performance_gap_of_the_papers_xnli_row(metrics: Metrics) -> None:
    scores = [
        pb.Score(language=code, value=value)
        for code, value in (("eng", 71.89), ("swa", 60.88), ("urd", 56.10))
    ]
    gap = metrics.ComputePerformanceGap(pb.ComputePerformanceGapRequest(scores=scores, ddof=1))
    assert [(pair.first, pair.second) for pair in gap.pairs] == [
        ("eng", "swa"),
        ("eng", "urd"),
        ("swa", "urd"),
    ]
    assert round(gap.pairs[0].rpd, 2) == 16.59
    assert round(gap.pairs[0].absolute, 2) == 11.01
    assert [rest.language for rest in gap.without] == ["eng", "swa", "urd"]


def test_the_same_request_is_answered_from_its_manifest(metrics: Metrics, store: Store) -> None:
    scores = [pb.Score(language="eng", value=80.5), pb.Score(language="kor", value=70.25)]
    request = pb.ComputePerformanceGapRequest(scores=scores, ddof=1)
    first, second = metrics.ComputePerformanceGap(request), metrics.ComputePerformanceGap(request)
    assert not first.record.reused
    assert second.record.reused
    second.record.reused = False
    assert first == second
    manifest = store.manifest("performance-gap", first.record.key)
    assert manifest is not None
    assert manifest.result["std"] == first.std
    assert manifest.request["ddof"] == 1
    assert manifest.libraries["numpy"]


def test_linguistic_gap_of_a_rotation_is_none(metrics: Metrics, put_vectors: Put) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(50, 8)) + 3
    rotation, _ = np.linalg.qr(rng.normal(size=(8, 8)))
    lengths = rng.integers(5, 60, size=50)
    languages = [
        pb.LanguageVectors(language="eng", vectors=put_vectors(x, lengths)),
        pb.LanguageVectors(language="kor", vectors=put_vectors(7 * x @ rotation, lengths)),
        pb.LanguageVectors(language="hin", vectors=put_vectors(rng.normal(size=(50, 5)), lengths)),
    ]
    request = pb.ComputeLinguisticGapRequest(languages=languages, resampling=pb.Resampling(permutations=99))
    gap = metrics.ComputeLinguisticGap(request)
    alike, unlike = gap.pairs[0], gap.pairs[1]
    assert alike.cka == pytest.approx(1, abs=1e-6)
    assert alike.cka_debiased == pytest.approx(1, abs=1e-6)
    assert alike.cka_debiased_length_residual == pytest.approx(1, abs=1e-6)
    assert alike.cka_lengths == pytest.approx(1, abs=1e-6)
    assert alike.p_value == pytest.approx(0.01)
    assert unlike.cka_debiased_interval.low < 0 < unlike.cka_debiased_interval.high
    assert unlike.p_value > 0.05
    assert gap.sentences == 50


def test_lengths_are_optional(metrics: Metrics, put_vectors: Put) -> None:
    rng = np.random.default_rng(1)
    languages = [
        pb.LanguageVectors(language=code, vectors=put_vectors(rng.normal(size=(20, 4))))
        for code in ("eng", "fra")
    ]
    gap = metrics.ComputeLinguisticGap(pb.ComputeLinguisticGapRequest(languages=languages))
    assert not gap.pairs[0].HasField("cka_length_residual")
    assert not gap.pairs[0].HasField("p_value")


def test_output_gap_of_equal_outputs_is_zero_once_debiased(metrics: Metrics, put_table: Put) -> None:
    p = np.random.default_rng(0).dirichlet([0.3, 0.3, 0.3], size=200)
    languages = [
        pb.LanguageProbabilities(language=code, predictions=put_table(probabilities=p.tolist()))
        for code in ("eng", "swa")
    ]
    gap = metrics.ComputeOutputGap(pb.ComputeOutputGapRequest(languages=languages, regularization=0.1))
    (pair,) = gap.pairs
    assert pair.sinkhorn > 0.01
    assert pair.sinkhorn_debiased == pytest.approx(0, abs=1e-6)
    assert pair.exact == pytest.approx(0, abs=1e-12)
    assert pair.converged
    assert pair.marginal_error < 1e-6


def test_projection_is_a_table_of_points(metrics: Metrics, put_vectors: Put, store: Store) -> None:
    rng = np.random.default_rng(2)
    languages = [
        pb.LanguageVectors(language=code, vectors=put_vectors(rng.normal(size=(30, 6)) + shift))
        for code, shift in (("eng", 0), ("tur", 8))
    ]
    request = pb.ProjectVectorsRequest(languages=languages, perplexity=10, seed=3, max_points=25)
    response = metrics.ProjectVectors(request)
    table = pq.read_table(io.BytesIO(store.get(Artifact.from_proto(response.points, "points"))))
    assert table.column_names == ["language", "sentence", "x", "y"]
    assert table.num_rows == 50
    assert table.column("language").to_pylist().count("tur") == 25


def test_correlation_pooled_and_within(metrics: Metrics) -> None:
    observations = [
        pb.Observation(x=x, y=y, group=group)
        for group, shift in (("eng-swa", 0), ("eng-urd", 10))
        for x, y in zip(np.arange(5.0) + shift, np.arange(5.0)[::-1] + shift, strict=True)
    ]
    response = metrics.ComputeCorrelation(pb.ComputeCorrelationRequest(observations=observations))
    pooled, *within = response.correlations
    assert pooled.group == ""
    assert pooled.spearman > 0, "the two pairs' difference alone makes the pooled correlation positive"
    assert [(item.group, item.spearman, item.kendall) for item in within] == [
        ("eng-swa", pytest.approx(-1), pytest.approx(-1)),
        ("eng-urd", pytest.approx(-1), pytest.approx(-1)),
    ]


def vectors_request(put: Put, *items: object) -> pb.ComputeLinguisticGapRequest:
    codes = ("eng", "kor", "hin")
    languages = [
        pb.LanguageVectors(language=code, vectors=put(x)) for code, x in zip(codes, items, strict=False)
    ]
    return pb.ComputeLinguisticGapRequest(languages=languages)


GOOD = np.random.default_rng(3).normal(size=(10, 4))
WITH_NAN = np.where(np.arange(40).reshape(10, 4) == 6, np.nan, GOOD)


@pytest.mark.parametrize(
    ("items", "field", "problem"),
    [
        ((GOOD,), "languages", "1 language"),
        ((GOOD, GOOD[:9]), "languages[kor].vectors", "9 sentences, but 10"),
        ((GOOD[:2], GOOD[:2]), "languages[eng].vectors", "2 sentences"),
        ((GOOD, np.ones((10, 4))), "languages[kor].vectors", "all rows are equal"),
        ((GOOD, WITH_NAN), "languages[kor].vectors", "NaN or infinity in row 1"),
    ],
)
def test_bad_vectors_are_refused_by_name(
    metrics: Metrics, put_vectors: Put, items: tuple[object, ...], field: str, problem: str
) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        metrics.ComputeLinguisticGap(vectors_request(put_vectors, *items))
    error = refusal(caught.value)
    assert error.metadata["field"] == field
    assert problem in error.message


@pytest.mark.parametrize(
    ("probabilities", "regularization", "field", "problem"),
    [
        ([[0.5, 0.6, 0.1]] * 5, 0.1, "languages[eng].predictions", "sums to 1.2"),
        ([[2.5, -0.9, -0.6]] * 5, 0.1, "languages[eng].predictions", "negative"),
        ([[0.2, 0.8]] * 2, 0.1, "languages[eng].predictions", "2 rows"),
        ([[0.2, 0.8]] * 5, 0, "regularization", "0"),
        ([[[0.2, 0.8]]] * 5, 0.1, "languages[eng].predictions", "not lists of floats"),
    ],
)
def test_bad_probabilities_are_refused_by_name(
    metrics: Metrics, put_table: Put, probabilities: object, regularization: float, field: str, problem: str
) -> None:
    predictions = put_table(probabilities=probabilities)
    languages = [pb.LanguageProbabilities(language=code, predictions=predictions) for code in ("eng", "swa")]
    with pytest.raises(grpc.RpcError) as caught:
        metrics.ComputeOutputGap(
            pb.ComputeOutputGapRequest(languages=languages, regularization=regularization)
        )
    error = refusal(caught.value)
    assert error.metadata["field"] == field
    assert problem in error.message


@pytest.mark.parametrize(
    ("scores", "ddof", "field"),
    [
        ({"eng": 80}, 1, "scores"),
        ({"eng": 80, "kor": float("nan")}, 1, "scores[kor]"),
        ({"eng": 80, "kor": 170}, 1, "scores[kor]"),
        ({"eng": 80, "kor": 70}, 2, "ddof"),
        ({"eng": 80, "xxx": 70}, 1, "language"),
    ],
)
def test_bad_scores_are_refused_by_name(
    metrics: Metrics, scores: dict[str, float], ddof: int, field: str
) -> None:
    messages = [pb.Score(language=code, value=value) for code, value in scores.items()]
    with pytest.raises(grpc.RpcError) as caught:
        metrics.ComputePerformanceGap(pb.ComputePerformanceGapRequest(scores=messages, ddof=ddof))
    assert refusal(caught.value).metadata["field"] == field


def test_an_unknown_metric_is_refused_by_name(metrics: Metrics) -> None:
    scores = [pb.Score(language="eng", value=80), pb.Score(language="kor", value=70)]
    request = pb.ComputePerformanceGapRequest(scores=scores, ddof=1, metric=99)  # type: ignore[arg-type]
    with pytest.raises(grpc.RpcError) as caught:
        metrics.ComputePerformanceGap(request)
    error = refusal(caught.value)
    assert error.metadata["field"] == "metric"
    assert "Known: accuracy, span_f1" in error.message


def test_a_constant_series_correlates_with_nothing(metrics: Metrics) -> None:
    observations = [pb.Observation(x=float(i), y=1) for i in range(5)]
    with pytest.raises(grpc.RpcError) as caught:
        metrics.ComputeCorrelation(pb.ComputeCorrelationRequest(observations=observations))
    assert refusal(caught.value).metadata["field"] == "observations.y"
