"""The gaps through the service: what is sent, what comes back, and where the numbers are kept."""

import io

import numpy as np
import pyarrow.parquet as pq
import pytest

from isogloss.artifacts import Artifact
from isogloss.metrics.v1 import metrics_pb2 as pb
from isogloss.metrics.v1 import metrics_pb2_grpc
from isogloss.store import Store
from tests.contract.metrics.conftest import Put

Metrics = metrics_pb2_grpc.MetricsServiceStub


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
    x = rng.normal(size=(150, 8)) + 3
    rotation, _ = np.linalg.qr(rng.normal(size=(8, 8)))
    lengths = rng.integers(5, 60, size=150)
    languages = [
        pb.LanguageVectors(language="eng", vectors=put_vectors(x, lengths)),
        pb.LanguageVectors(language="kor", vectors=put_vectors(7 * x @ rotation, lengths)),
        pb.LanguageVectors(language="hin", vectors=put_vectors(rng.normal(size=(150, 5)), lengths)),
    ]
    request = pb.ComputeLinguisticGapRequest(languages=languages, resampling=pb.Resampling(permutations=99))
    gap = metrics.ComputeLinguisticGap(request)
    alike, unlike = gap.pairs[0], gap.pairs[1]
    assert alike.cka == pytest.approx(1, abs=1e-6)
    assert alike.cka_debiased == pytest.approx(1, abs=1e-6)
    assert alike.cka_debiased_length_residual == pytest.approx(1, abs=1e-5)
    assert alike.cka_length_matched == pytest.approx(0, abs=0.05)
    assert [(item.degrees_of_freedom > 10, item.equal_lengths) for item in gap.length_controls] == [
        (True, True)
    ] * 3
    assert alike.cka_lengths == pytest.approx(1, abs=1e-6)
    assert alike.p_value == pytest.approx(0.01)
    assert unlike.cka_debiased_interval.low < 0 < unlike.cka_debiased_interval.high
    assert unlike.p_value > 0.05
    assert gap.sentences == 150


def test_lengths_are_optional(metrics: Metrics, put_vectors: Put) -> None:
    rng = np.random.default_rng(1)
    languages = [
        pb.LanguageVectors(language=code, vectors=put_vectors(rng.normal(size=(20, 4))))
        for code in ("eng", "fra")
    ]
    gap = metrics.ComputeLinguisticGap(pb.ComputeLinguisticGapRequest(languages=languages))
    assert not gap.pairs[0].HasField("cka_debiased_length_residual")
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
