"""What comes with the gaps: intervals, comparisons, the theory's bound, the check of the paper."""

import json

import grpc
import numpy as np
import pytest

from isogloss.metrics.v1 import metrics_pb2 as pb
from isogloss.metrics.v1 import metrics_pb2_grpc
from tests.contract.metrics.conftest import Put

Metrics = metrics_pb2_grpc.MetricsServiceStub


def xnli_predictions(put: Put, right: int, of: int = 300) -> pb.Score:
    """`right` of `of` pairs labelled right."""
    labels = ["entailment", "neutral", "contradiction"] * (of // 3)
    wrong = {"entailment": "neutral", "neutral": "contradiction", "contradiction": "neutral"}
    made = [label if index < right else wrong[label] for index, label in enumerate(labels)]
    return pb.Score(value=100 * right / of, predictions=put(label=labels, prediction=made))


def test_intervals_over_items(metrics: Metrics, put_table: Put) -> None:
    scores = [xnli_predictions(put_table, right) for right in (240, 180, 181)]
    for score, code in zip(scores, ("eng", "swa", "urd"), strict=True):
        score.language = code
    request = pb.ComputePerformanceGapRequest(
        scores=scores,
        ddof=1,
        metric=pb.SCORE_METRIC_ACCURACY,
        resampling=pb.Resampling(replicates=2000, seed=1),
    )
    gap = metrics.ComputePerformanceGap(request)
    wide, _, narrow = gap.pairs
    assert wide.absolute_interval.low > 10, "20 points apart on 300 items are no accident"
    assert narrow.absolute_interval.low == 0, "a third of a point on 300 items may be"
    assert gap.scores[0].interval.low < 80 < gap.scores[0].interval.high
    assert gap.scores[0].items == 300
    assert gap.std_interval.low < gap.std < gap.std_interval.high
    assert gap.without[1].mean_rpd_interval.low > 0
    assert gap.std_language_spread.level == 0, "a spread claims no coverage"
    assert metrics.ComputePerformanceGap(request) == _reused(gap), "one seed, one answer"


def _reused(gap: pb.ComputePerformanceGapResponse) -> pb.ComputePerformanceGapResponse:
    again = pb.ComputePerformanceGapResponse()
    again.CopyFrom(gap)
    again.record.reused = True
    return again


def test_a_score_that_its_predictions_do_not_give_is_refused(metrics: Metrics, put_table: Put) -> None:
    scores = [xnli_predictions(put_table, right) for right in (240, 180)]
    scores[0].language, scores[1].language = "eng", "swa"
    scores[1].value += 1
    request = pb.ComputePerformanceGapRequest(
        scores=scores, ddof=1, metric=pb.SCORE_METRIC_ACCURACY, resampling=pb.Resampling(replicates=200)
    )
    with pytest.raises(
        grpc.RpcError, match=r"scores\[swa\].predictions: the score is 61.0000, but its predictions"
    ):
        metrics.ComputePerformanceGap(request)


def test_entities_are_counted_whole(metrics: Metrics, put_table: Put) -> None:
    labels = [["B-PER", "I-PER", "O"], ["O", "B-LOC"]] * 20
    cut = [["B-PER", "O", "O"], ["O", "B-LOC"]] * 20  # half an entity is none
    scores = [
        pb.Score(language="eng", value=100, predictions=put_table(labels=labels, predictions=labels)),
        pb.Score(language="kor", value=50, predictions=put_table(labels=labels, predictions=cut)),
    ]
    request = pb.ComputePerformanceGapRequest(
        scores=scores, ddof=0, metric=pb.SCORE_METRIC_SPAN_F1, resampling=pb.Resampling(replicates=500)
    )
    gap = metrics.ComputePerformanceGap(request)
    assert gap.scores[1].interval.low < 50 < gap.scores[1].interval.high


def test_comparison_of_two_inputs(metrics: Metrics) -> None:
    codes = ("eng", "fra", "rus", "ita", "hun")

    def scores(*values: float) -> list[pb.Score]:
        return [pb.Score(language=code, value=value) for code, value in zip(codes, values, strict=True)]

    request = pb.ComparePerformanceGapsRequest(
        first=scores(90, 50, 80, 60, 70), second=scores(71, 69, 70, 72, 70), ddof=1
    )
    comparison = metrics.ComparePerformanceGaps(request)
    assert comparison.std_difference > 0
    assert comparison.exact
    assert comparison.permutations == 32
    assert comparison.std_p_value >= 1 / 32
    assert [rest.language for rest in comparison.without] == list(codes)


def test_comparison_over_items(metrics: Metrics, put_table: Put) -> None:
    first = [xnli_predictions(put_table, right) for right in (285, 180, 240)]
    second = [xnli_predictions(put_table, right) for right in (240, 231, 237)]
    for scores in (first, second):
        for score, code in zip(scores, ("eng", "swa", "urd"), strict=True):
            score.language = code
    request = pb.ComparePerformanceGapsRequest(
        first=first,
        second=second,
        ddof=1,
        metric=pb.SCORE_METRIC_ACCURACY,
        resampling=pb.Resampling(replicates=1000, seed=1),
    )
    found = metrics.ComparePerformanceGaps(request)
    assert 0 < found.mean_rpd_difference_interval.low < found.mean_rpd_difference
    assert 0 < found.std_difference_interval.low < found.std_difference
    assert found.mean_rpd_difference < found.mean_rpd_difference_interval.high
    assert [(pair.first, pair.second) for pair in found.pairs] == [
        ("eng", "swa"),
        ("eng", "urd"),
        ("swa", "urd"),
    ]
    assert found.pairs[0].rpd_difference_interval.low > 0
    assert all(rest.mean_rpd_difference_interval.method for rest in found.without)


def test_comparison_needs_the_same_languages(metrics: Metrics) -> None:
    first = [pb.Score(language="eng", value=80), pb.Score(language="kor", value=70)]
    with pytest.raises(grpc.RpcError, match="Send the same languages in the same order"):
        metrics.ComparePerformanceGaps(
            pb.ComparePerformanceGapsRequest(first=first, second=first[::-1], ddof=1)
        )


def test_comparison_of_two_inputs_similarities(metrics: Metrics, put_vectors: Put) -> None:
    rng = np.random.default_rng(5)
    shared, lengths = rng.normal(size=(160, 6)), rng.integers(5, 60, size=160)

    def vectors(noise: float) -> list[pb.LanguageVectors]:
        return [
            pb.LanguageVectors(
                language=code, vectors=put_vectors(shared + noise * rng.normal(size=(160, 6)), lengths)
            )
            for code in ("eng", "kor")
        ]

    request = pb.CompareLinguisticGapsRequest(first=vectors(0.3), second=vectors(2.0))
    found = metrics.CompareLinguisticGaps(request)
    assert found.mean_cka_difference_interval.low > 0
    assert found.mean_cka_debiased_difference_interval.low > 0
    assert found.mean_cka_debiased_length_residual_difference_interval.low > 0
    assert found.sentences == 160
    request.second[0].language = "fra"
    with pytest.raises(grpc.RpcError, match="Send the same languages in the same order"):
        metrics.CompareLinguisticGaps(request)


def test_bound_of_languages_that_cannot_be_told_apart(metrics: Metrics, put_vectors: Put) -> None:
    rng = np.random.default_rng(0)
    here, there = rng.normal(size=(400, 3)), rng.normal(size=(400, 3))
    languages = [
        pb.LanguageVectors(language=code, vectors=put_vectors(x))
        for code, x in (("eng", here), ("fra", there), ("kor", there + 9))
    ]
    response = metrics.ComputeTransferBound(pb.ComputeTransferBoundRequest(languages=languages))
    alike, apart, _ = response.pairs
    assert alike.proxy_a_distance < 0.3
    assert apart.proxy_a_distance == pytest.approx(2)
    assert apart.bound == pytest.approx(apart.divergence_term + apart.complexity_term)
    assert apart.vacuous
    assert response.pseudo_dimension == 4


def test_seeds_that_two_pairs_share_are_drawn_together(metrics: Metrics) -> None:
    rng = np.random.default_rng(4)
    observations = [
        pb.Observation(x=x + 0.1 * pair, y=x + rng.normal(), group=f"eng-{code}", cluster=f"seed {seed}")
        for seed, x in enumerate(rng.normal(size=15))
        for pair, code in enumerate(("swa", "urd"))
    ]
    request = pb.ComputeCorrelationRequest(
        observations=observations, resampling=pb.Resampling(replicates=2000, seed=7)
    )
    pooled = metrics.ComputeCorrelation(request).correlations[0]
    assert pooled.n == 30
    assert pooled.spearman_interval.low < pooled.spearman < pooled.spearman_interval.high
    assert pooled.spearman_interval.method == "bootstrap over 15 clusters"


def test_paper_check_refuses_something_else(metrics: Metrics) -> None:
    for text in ("{", json.dumps({"table1": 3})):
        with pytest.raises(grpc.RpcError, match="figures_json"):
            metrics.CheckPaper(pb.CheckPaperRequest(figures_json=text))
