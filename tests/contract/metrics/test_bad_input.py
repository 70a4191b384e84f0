"""Bad input is INVALID_ARGUMENT with the field and the fix, at every call that it can be sent to."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import grpc
import numpy as np
import pytest
from google.protobuf.message import Message

from isogloss.artifact.v1 import artifact_pb2
from isogloss.metrics.v1 import metrics_pb2 as pb
from isogloss.metrics.v1 import metrics_pb2_grpc
from isogloss.status import from_rpc_error
from tests.contract.metrics.conftest import Put

Metrics = metrics_pb2_grpc.MetricsServiceStub
Vectors = Sequence[pb.LanguageVectors]

CODES = ("eng", "kor", "hin")
GOOD = np.random.default_rng(3).normal(size=(12, 4))
WITH_NAN = np.where(np.arange(48).reshape(12, 4) == 6, np.nan, GOOD)
WITH_INFINITY = np.where(np.arange(48).reshape(12, 4) == 6, np.inf, GOOD)
CONSTANT = np.ones((12, 4))


def assert_refused(call: Callable[[Any], object], request: Message, field: str, problem: str) -> None:
    """The call answers INVALID_ARGUMENT, names the field and says what is wrong and what to do."""
    with pytest.raises(grpc.RpcError) as caught:
        call(request)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT  # type: ignore[attr-defined]  # it is a Call
    error = from_rpc_error(caught.value)
    assert error.metadata["field"] == field
    assert problem in error.message
    assert error.message.rstrip().endswith("."), "the fix is the last sentence"


# --- Sentence vectors: four calls read them, the comparison from either of its fields


def _compare_first(languages: Vectors) -> pb.CompareLinguisticGapsRequest:
    vectors = languages[0].vectors
    good = [pb.LanguageVectors(language=item.language, vectors=vectors) for item in languages]
    return pb.CompareLinguisticGapsRequest(first=languages, second=good)


def _compare_second(languages: Vectors) -> pb.CompareLinguisticGapsRequest:
    request = _compare_first(languages)
    return pb.CompareLinguisticGapsRequest(first=request.second, second=request.first)


READERS: dict[str, tuple[str, Callable[[Vectors], Message], str]] = {
    "linguistic gap": (
        "ComputeLinguisticGap",
        lambda languages: pb.ComputeLinguisticGapRequest(languages=languages),
        "languages",
    ),
    "comparison, first": ("CompareLinguisticGaps", _compare_first, "first"),
    "comparison, second": ("CompareLinguisticGaps", _compare_second, "second"),
    "transfer bound": (
        "ComputeTransferBound",
        lambda languages: pb.ComputeTransferBoundRequest(languages=languages),
        "languages",
    ),
    "projection": (
        "ProjectVectors",
        lambda languages: pb.ProjectVectorsRequest(languages=languages, perplexity=3),
        "languages",
    ),
}


def languages_of(put: Put, items: Iterable[object]) -> list[pb.LanguageVectors]:
    """One language for each array."""
    return [pb.LanguageVectors(language=code, vectors=put(x)) for code, x in zip(CODES, items, strict=False)]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("items", "place", "problem"),
    [
        ((GOOD, GOOD[:11]), "[kor].vectors", "11 sentences, but 12 in the first language"),
        ((GOOD, CONSTANT), "[kor].vectors", "all rows are equal"),
        ((GOOD, WITH_NAN), "[kor].vectors", "NaN or infinity in row 1"),
        ((GOOD, WITH_INFINITY), "[kor].vectors", "NaN or infinity in row 1"),
        ((GOOD, GOOD[:, 0]), "[kor].vectors", "shape (12,)"),
    ],
)
def test_bad_vectors(
    metrics: Metrics,
    put_vectors: Put,
    reader: str,
    items: tuple[object, ...],
    place: str,
    problem: str,
) -> None:
    name, request, field = READERS[reader]
    assert_refused(getattr(metrics, name), request(languages_of(put_vectors, items)), field + place, problem)


@pytest.mark.parametrize("reader", READERS)
def test_fewer_than_three_sentences(metrics: Metrics, put_vectors: Put, reader: str) -> None:
    name, request, _ = READERS[reader]
    field = "first" if reader.startswith("comparison") else "languages"  # both of its fields have two
    few = languages_of(put_vectors, (GOOD[:2], GOOD[2:4]))
    assert_refused(getattr(metrics, name), request(few), f"{field}[eng].vectors", "2 sentences")


@pytest.mark.parametrize("reader", [name for name in READERS if name != "projection"])
def test_one_language_only(metrics: Metrics, put_vectors: Put, reader: str) -> None:
    """A projection of one language is a map all the same."""
    name, request, _ = READERS[reader]
    field = "first" if reader.startswith("comparison") else "languages"
    assert_refused(
        getattr(metrics, name), request(languages_of(put_vectors, (GOOD,))), field, "1 language(s)"
    )


@pytest.mark.parametrize("reader", READERS)
def test_no_language(metrics: Metrics, reader: str) -> None:
    name, _, field = READERS[reader]
    empty = {
        "ComputeLinguisticGap": pb.ComputeLinguisticGapRequest(),
        "CompareLinguisticGaps": pb.CompareLinguisticGapsRequest(),
        "ComputeTransferBound": pb.ComputeTransferBoundRequest(),
        "ProjectVectors": pb.ProjectVectorsRequest(perplexity=3),
    }[name]
    assert_refused(getattr(metrics, name), empty, field.replace("second", "first"), "0 language(s)")


def test_comparisons_need_the_same_sentences(metrics: Metrics, put_vectors: Put) -> None:
    first, second = (languages_of(put_vectors, (x, x)) for x in (GOOD, GOOD[:11]))
    request = pb.CompareLinguisticGapsRequest(first=first, second=second)
    assert_refused(metrics.CompareLinguisticGaps, request, "second", "11 sentences, but 12 in first")


# --- Class probabilities


def outputs(put: Put, *items: object) -> list[pb.LanguageProbabilities]:
    """One language for each table of probabilities."""
    return [
        pb.LanguageProbabilities(language=code, predictions=put(probabilities=p))
        for code, p in zip(CODES, items, strict=False)
    ]


@pytest.mark.parametrize(
    ("items", "field", "problem"),
    [
        (([[0.2, 0.8]] * 5, [[0.5, 0.6]] * 5), "languages[kor].predictions", "row 0 sums to 1.1"),
        (([[2.5, -0.9, -0.6]] * 5,) * 2, "languages[eng].predictions", "negative"),
        (([[0.2, float("nan")]] * 5,) * 2, "languages[eng].predictions", "NaN or infinity in row 0"),
        (([[0.2, 0.8]] * 2,) * 2, "languages[eng].predictions", "2 rows"),
        (([[0.2, 0.8]] * 5, [[0.2, 0.8]] * 4), "languages[kor].predictions", "shape (4, 2), but (5, 2)"),
        (([[1.0]] * 5,) * 2, "languages[eng].predictions", "shape (5, 1)"),
        (([[[0.2, 0.8]]] * 5,) * 2, "languages[eng].predictions", "not lists of floats"),
        (([[0.2, 0.8]] * 5,), "languages", "1 language"),
    ],
)
def test_bad_probabilities(
    metrics: Metrics, put_table: Put, items: tuple[object, ...], field: str, problem: str
) -> None:
    request = pb.ComputeOutputGapRequest(languages=outputs(put_table, *items), regularization=0.1)
    assert_refused(metrics.ComputeOutputGap, request, field, problem)


@pytest.mark.parametrize("regularization", [0, 0.001, 11, float("nan")])
def test_a_regularization_out_of_range(metrics: Metrics, put_table: Put, regularization: float) -> None:
    good = outputs(put_table, [[0.2, 0.8]] * 5, [[0.3, 0.7]] * 5)
    request = pb.ComputeOutputGapRequest(languages=good, regularization=regularization)
    assert_refused(metrics.ComputeOutputGap, request, "regularization", f"{regularization:g}")


# --- Scores: two calls, the comparison in two fields


def scored(values: dict[str, float], predictions: artifact_pb2.Artifact | None = None) -> list[pb.Score]:
    """Messages of these scores."""
    return [pb.Score(language=code, value=value, predictions=predictions) for code, value in values.items()]


BAD_SCORES: list[tuple[dict[str, float], int, str, str]] = [
    ({"eng": 80}, 1, "", "1 language"),
    ({"eng": 80, "kor": float("nan")}, 1, "[kor]", "nan is no score"),
    ({"eng": 80, "kor": 170}, 1, "[kor]", "170.0 is no score"),
    ({"eng": 0, "kor": 0}, 1, "", "two scores are 0"),
]


@pytest.mark.parametrize(("values", "ddof", "place", "problem"), BAD_SCORES)
def test_bad_scores(metrics: Metrics, values: dict[str, float], ddof: int, place: str, problem: str) -> None:
    request = pb.ComputePerformanceGapRequest(scores=scored(values), ddof=ddof)
    assert_refused(metrics.ComputePerformanceGap, request, "scores" + place, problem)


@pytest.mark.parametrize(("values", "ddof", "place", "problem"), BAD_SCORES)
def test_bad_scores_to_compare(
    metrics: Metrics, values: dict[str, float], ddof: int, place: str, problem: str
) -> None:
    good = scored({code: 50.0 + 10 * index for index, code in enumerate(values)})
    request = pb.ComparePerformanceGapsRequest(first=scored(values), second=good, ddof=ddof)
    assert_refused(metrics.ComparePerformanceGaps, request, "first" + place, problem)
    if len(values) > 1:
        request = pb.ComparePerformanceGapsRequest(first=good, second=scored(values), ddof=ddof)
        assert_refused(metrics.ComparePerformanceGaps, request, "second" + place, problem)


@pytest.mark.parametrize("ddof", [-1, 2])
def test_a_ddof_that_is_none(metrics: Metrics, ddof: int) -> None:
    two = scored({"eng": 80, "kor": 70})
    for call, request in (
        (metrics.ComputePerformanceGap, pb.ComputePerformanceGapRequest(scores=two, ddof=ddof)),
        (metrics.ComparePerformanceGaps, pb.ComparePerformanceGapsRequest(first=two, second=two, ddof=ddof)),
    ):
        assert_refused(call, request, "ddof", str(ddof))


def test_any_language_is_measured_and_none_without_a_name(metrics: Metrics) -> None:
    """Measures know languages by their rows: 300 of them, of any code."""
    request = pb.ComputePerformanceGapRequest(scores=scored({"deu": 80, "tat_Latn": 70}), ddof=1)
    assert [pair.second for pair in metrics.ComputePerformanceGap(request).pairs] == ["tat_Latn"]
    request = pb.ComputePerformanceGapRequest(scores=scored({"deu": 80, "": 70}), ddof=1)
    assert_refused(metrics.ComputePerformanceGap, request, "scores[1].language", "a name of 0 characters")


def test_an_unknown_metric(metrics: Metrics) -> None:
    two = scored({"eng": 80, "kor": 70})
    unknown: Any = 99
    draws = pb.Resampling(replicates=1000)
    for call, request in (
        (
            metrics.ComputePerformanceGap,
            pb.ComputePerformanceGapRequest(scores=two, ddof=1, metric=unknown, resampling=draws),
        ),
        (
            metrics.ComparePerformanceGaps,
            pb.ComparePerformanceGapsRequest(first=two, second=two, ddof=1, metric=unknown, resampling=draws),
        ),
    ):
        assert_refused(call, request, "metric", "Known: accuracy, span_f1")


def test_a_metric_that_the_predictions_cannot_have(metrics: Metrics, put_table: Put) -> None:
    pairs = put_table(label=["entailment"] * 4, prediction=["entailment"] * 4)
    request = pb.ComputePerformanceGapRequest(
        scores=scored({"eng": 100, "swa": 100}, pairs),
        ddof=1,
        metric=pb.SCORE_METRIC_SPAN_F1,
        resampling=pb.Resampling(replicates=1000),
    )
    assert_refused(metrics.ComputePerformanceGap, request, "metric", "span_f1 of sentence-level predictions")


# --- Correlations


@pytest.mark.parametrize(
    ("x", "y", "field", "problem"),
    [
        ([1, 2], [1, 2], "observations.x", "2 values"),
        ([1, 2, 3], [1, 1, 1], "observations.y", "constant"),
        ([1, 2, 3], [1, float("nan"), 3], "observations.y", "NaN or infinity in row 1"),
    ],
)
def test_bad_series(metrics: Metrics, x: list[float], y: list[float], field: str, problem: str) -> None:
    observations = [pb.Observation(x=a, y=b) for a, b in zip(x, y, strict=True)]
    request = pb.ComputeCorrelationRequest(observations=observations)
    assert_refused(metrics.ComputeCorrelation, request, field, problem)


# --- What every call with draws shares


@pytest.mark.parametrize(
    ("draws", "field"),
    [
        (pb.Resampling(replicates=100_001), "resampling.replicates"),
        (pb.Resampling(permutations=100_001), "resampling.permutations"),
        (pb.Resampling(seed=-1), "resampling.seed"),
        (pb.Resampling(level=1.0), "resampling.level"),
        (pb.Resampling(level=0.2), "resampling.level"),
    ],
)
def test_draws_out_of_range(metrics: Metrics, draws: pb.Resampling, field: str) -> None:
    two = scored({"eng": 80, "kor": 70})
    request = pb.ComputePerformanceGapRequest(scores=two, ddof=1, resampling=draws)
    assert_refused(metrics.ComputePerformanceGap, request, field, "")


def test_an_artifact_that_is_something_else(metrics: Metrics, put_table: Put, put_vectors: Put) -> None:
    table, vectors = put_table(probabilities=[[0.2, 0.8]] * 12), put_vectors(GOOD)
    read_as_vectors = [pb.LanguageVectors(language=code, vectors=table) for code in CODES]
    request = pb.ComputeLinguisticGapRequest(languages=read_as_vectors)
    assert_refused(metrics.ComputeLinguisticGap, request, "languages[eng].vectors", "not a safetensors file")
    read_as_table = [pb.LanguageProbabilities(language=code, predictions=vectors) for code in CODES]
    asked = pb.ComputeOutputGapRequest(languages=read_as_table, regularization=0.1)
    assert_refused(metrics.ComputeOutputGap, asked, "languages[eng].predictions", "not a Parquet file")
