"""The measuring steps of a run: each function is one call of the metrics service."""

import io
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow.parquet as pq

from flows.run import Run
from flows.steps import RAW, Trained, Vectors
from isogloss import client
from isogloss.artifact.v1 import artifact_pb2
from isogloss.artifacts import Artifact
from isogloss.errors import InvalidInput
from isogloss.metrics.v1 import metrics_pb2
from report import printed_figures

_METRICS = {
    "pos": metrics_pb2.SCORE_METRIC_ACCURACY,
    "ner": metrics_pb2.SCORE_METRIC_SPAN_F1,
    "xnli": metrics_pb2.SCORE_METRIC_ACCURACY,
}


@dataclass(frozen=True)
class SeedPair:
    """One seed and language pair: what Table 3 correlates. Scores and gap in percent, the gap as RPD."""

    seed: int
    first: str
    second: str
    gap: float
    reference_score: float
    sinkhorn: float
    cka: float
    sources: tuple[artifact_pb2.Artifact, ...]


def performance_gap(run: Run, trained: Sequence[Trained]) -> metrics_pb2.ComputePerformanceGapResponse:
    """Std., RPD and absolute gaps between the languages of one row, with intervals over items."""
    request = metrics_pb2.ComputePerformanceGapRequest(
        scores=_scores(run, trained),
        ddof=run.profile.gaps.std_ddof,
        metric=_METRICS[trained[0].cell.task],
        resampling=_resampling(run),
    )
    return client.call(run.metrics.ComputePerformanceGap, request, timeout_s=run.config.work_timeout_s)


def compare_gaps(
    run: Run, first: Sequence[Trained], second: Sequence[Trained]
) -> metrics_pb2.ComparePerformanceGapsResponse:
    """How two inputs' gaps over the same languages and items differ, and whether by more than chance."""
    request = metrics_pb2.ComparePerformanceGapsRequest(
        first=_scores(run, first),
        second=_scores(run, second),
        ddof=run.profile.gaps.std_ddof,
        metric=_METRICS[first[0].cell.task],
        resampling=_resampling(run),
    )
    return client.call(run.metrics.ComparePerformanceGaps, request, timeout_s=run.config.work_timeout_s)


def compare_similarities(
    run: Run, first: Sequence[Vectors], second: Sequence[Vectors]
) -> metrics_pb2.CompareLinguisticGapsResponse:
    """How two inputs' CKAs by the paper's reading differ on the same sentences."""
    request = metrics_pb2.CompareLinguisticGapsRequest(
        first=_languages(first), second=_languages(second), resampling=_resampling(run)
    )
    return client.call(run.metrics.CompareLinguisticGaps, request, timeout_s=run.config.work_timeout_s)


def linguistic_gaps(
    run: Run, vectors: Sequence[Vectors]
) -> dict[str, metrics_pb2.ComputeLinguisticGapResponse]:
    """CKA between the languages of one row by each reading; the paper's own with its permutation null."""
    gaps = {}
    for reading in vectors[0].results:
        null = _resampling(run) if reading == RAW else None
        request = metrics_pb2.ComputeLinguisticGapRequest(
            languages=_languages(vectors, reading), resampling=null
        )
        gaps[reading] = client.call(
            run.metrics.ComputeLinguisticGap, request, timeout_s=run.config.work_timeout_s
        )
    return gaps


def seed_linguistic_gap(run: Run, vectors: Sequence[Vectors]) -> metrics_pb2.ComputeLinguisticGapResponse:
    """CKA of one seed by the paper's reading."""
    request = metrics_pb2.ComputeLinguisticGapRequest(languages=_languages(vectors))
    return client.call(run.metrics.ComputeLinguisticGap, request, timeout_s=run.config.work_timeout_s)


def output_gap(run: Run, trained: Sequence[Trained]) -> metrics_pb2.ComputeOutputGapResponse:
    """Sinkhorn and exact distances between the class probabilities of the languages of one row."""
    return _output_gap(run, trained, skip_exact=False)


def seed_output_gap(run: Run, trained: Sequence[Trained]) -> metrics_pb2.ComputeOutputGapResponse:
    """The same of one seed, without exact transport, which takes seconds a pair."""
    return _output_gap(run, trained, skip_exact=True)


def transfer_bound(run: Run, vectors: Sequence[Vectors]) -> metrics_pb2.ComputeTransferBoundResponse:
    """Theorem C.2, term by term, between the languages of one row."""
    request = metrics_pb2.ComputeTransferBoundRequest(
        languages=_languages(vectors), delta=run.profile.gaps.bound_delta, resampling=_resampling(run)
    )
    return client.call(run.metrics.ComputeTransferBound, request, timeout_s=run.config.work_timeout_s)


def check_paper(run: Run) -> metrics_pb2.CheckPaperResponse:
    """What the paper derives, recomputed from what it prints."""
    return client.call(run.metrics.CheckPaper, metrics_pb2.CheckPaperRequest(figures_json=printed_figures()))


def project(
    run: Run, vectors: Sequence[Vectors]
) -> tuple[metrics_pb2.ProjectVectorsResponse, list[tuple[str, float, float]]]:
    """t-SNE of the figure's languages: the response and its points as (language, x, y)."""
    gaps = run.profile.gaps
    request = metrics_pb2.ProjectVectorsRequest(
        languages=_languages(vectors),
        max_points=gaps.tsne_points,
        perplexity=gaps.tsne_perplexity,
        seed=gaps.tsne_seed,
    )
    response = client.call(run.metrics.ProjectVectors, request, timeout_s=run.config.work_timeout_s)
    table = pq.read_table(io.BytesIO(run.store.get(Artifact.from_proto(response.points, "points"))))
    columns = (table[name].to_pylist() for name in ("language", "x", "y"))
    return response, list(zip(*columns, strict=True))


def seed_pairs(
    trained: Sequence[Trained],
    gap: metrics_pb2.ComputePerformanceGapResponse,
    similarity: metrics_pb2.ComputeLinguisticGapResponse,
    distance: metrics_pb2.ComputeOutputGapResponse,
    reference: str,
    split: str,
) -> list[SeedPair]:
    """The observations of one seed: the reference language against each other one."""
    score = next(item.evaluation(split).score for item in trained if item.cell.language == reference)
    sources = (gap.record.manifest, similarity.record.manifest, distance.record.manifest)
    return [
        SeedPair(
            seed=trained[0].cell.seed,
            first=reference,
            second=item.cell.language,
            gap=_pair(gap.pairs, reference, item.cell.language).rpd,
            reference_score=score,
            sinkhorn=_pair(distance.pairs, reference, item.cell.language).sinkhorn,
            cka=_pair(similarity.pairs, reference, item.cell.language).cka,
            sources=sources,
        )
        for item in trained
        if item.cell.language != reference
    ]


def correlate(
    run: Run, pairs: Sequence[SeedPair], quantity: str
) -> metrics_pb2.ComputeCorrelationResponse | InvalidInput:
    """The performance gap against `quantity`, a field of `SeedPair`.

    Where no correlation exists, as for models that all score the same, the metrics service's refusal is the
    finding.
    """
    observations = [
        metrics_pb2.Observation(
            x=pair.gap,
            y=getattr(pair, quantity),
            group=f"{pair.first}-{pair.second}",
            cluster=f"seed {pair.seed}",
        )
        for pair in pairs
    ]
    sources = {
        source.sha256: source for source in itertools.chain.from_iterable(pair.sources for pair in pairs)
    }
    request = metrics_pb2.ComputeCorrelationRequest(
        observations=observations,
        sources=[sources[name] for name in sorted(sources)],
        resampling=_resampling(run),
    )
    try:
        return client.call(run.metrics.ComputeCorrelation, request)
    except InvalidInput as error:
        return error


def _scores(run: Run, trained: Sequence[Trained]) -> list[metrics_pb2.Score]:
    split = run.profile.reported_split
    return [
        metrics_pb2.Score(
            language=item.cell.language,
            value=item.evaluation(split).score,
            source=item.result.record.manifest,
            predictions=item.evaluation(split).predictions,
        )
        for item in trained
    ]


def _output_gap(
    run: Run, trained: Sequence[Trained], *, skip_exact: bool
) -> metrics_pb2.ComputeOutputGapResponse:
    split = run.profile.reported_split
    languages = [
        metrics_pb2.LanguageProbabilities(
            language=item.cell.language, predictions=item.evaluation(split).predictions
        )
        for item in trained
    ]
    request = metrics_pb2.ComputeOutputGapRequest(
        languages=languages,
        regularization=run.profile.gaps.sinkhorn_regularization,
        skip_exact=skip_exact,
        resampling=_resampling(run),
    )
    return client.call(run.metrics.ComputeOutputGap, request, timeout_s=run.config.work_timeout_s)


def _languages(vectors: Sequence[Vectors], reading: str = RAW) -> list[metrics_pb2.LanguageVectors]:
    return [
        metrics_pb2.LanguageVectors(language=item.cell.language, vectors=item.results[reading].vectors)
        for item in vectors
    ]


def _resampling(run: Run) -> metrics_pb2.Resampling:
    gaps = run.profile.gaps
    return metrics_pb2.Resampling(
        seed=gaps.seed, replicates=gaps.replicates, permutations=gaps.permutations, level=gaps.level
    )


def _pair(pairs, first: str, second: str):  # type: ignore[no-untyped-def]  # any of the three repeated pair messages
    return next(pair for pair in pairs if {pair.first, pair.second} == {first, second})
