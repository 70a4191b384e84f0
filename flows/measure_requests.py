"""What the metrics service is asked, made of trained cells and their vectors. Calls nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flows.cells import Cell
from flows.profile import Profile
from flows.requests import Trained
from isogloss.artifact.v1 import artifact_pb2
from isogloss.embedder.v1 import embedder_pb2
from isogloss.metrics.v1 import metrics_pb2

Vectors = Mapping[Cell, embedder_pb2.EmbedResult]
"""Sentence vectors by one reading, of one row's cells."""

_METRICS = {
    "accuracy": metrics_pb2.SCORE_METRIC_ACCURACY,
    "span_f1": metrics_pb2.SCORE_METRIC_SPAN_F1,
}


def performance_gap(
    profile: Profile, trained: Sequence[Trained], units: artifact_pb2.Artifact | None = None
) -> metrics_pb2.ComputePerformanceGapRequest:
    """Std., RPD and absolute gaps between the languages of one row, with intervals over items, or over what
    `units` says was sampled.
    """
    return metrics_pb2.ComputePerformanceGapRequest(
        scores=_scores(profile, trained),
        ddof=profile.gaps.std_ddof,
        metric=_metric(profile, trained),
        resampling=_resampling(profile),
        units=units,
    )


def compare_gaps(
    profile: Profile,
    first: Sequence[Trained],
    second: Sequence[Trained],
    units: artifact_pb2.Artifact | None = None,
) -> metrics_pb2.ComparePerformanceGapsRequest:
    """How two inputs' gaps over the same languages and items differ, and whether by more than chance."""
    return metrics_pb2.ComparePerformanceGapsRequest(
        first=_scores(profile, first),
        second=_scores(profile, second),
        ddof=profile.gaps.std_ddof,
        metric=_metric(profile, first),
        resampling=_resampling(profile),
        units=units,
    )


def linguistic_gap(
    profile: Profile, vectors: Vectors, *, with_null: bool
) -> metrics_pb2.ComputeLinguisticGapRequest:
    """CKA between the languages of one row by one reading, with its permutation null where asked for."""
    null = _resampling(profile) if with_null else None
    return metrics_pb2.ComputeLinguisticGapRequest(languages=_languages(vectors), resampling=null)


def compare_similarities(
    profile: Profile, first: Vectors, second: Vectors
) -> metrics_pb2.CompareLinguisticGapsRequest:
    """How two inputs' CKAs by the paper's reading differ on the same sentences."""
    return metrics_pb2.CompareLinguisticGapsRequest(
        first=_languages(first), second=_languages(second), resampling=_resampling(profile)
    )


def output_gap(
    profile: Profile, trained: Sequence[Trained], *, skip_exact: bool
) -> metrics_pb2.ComputeOutputGapRequest:
    """Sinkhorn distances between the class probabilities of the languages of one row, and exact ones, which
    take seconds a pair.
    """
    languages = [
        metrics_pb2.LanguageProbabilities(
            language=item.cell.language, predictions=item.evaluation(profile.reported_split).predictions
        )
        for item in trained
    ]
    return metrics_pb2.ComputeOutputGapRequest(
        languages=languages,
        regularization=profile.gaps.sinkhorn_regularization,
        skip_exact=skip_exact,
        resampling=_resampling(profile),
    )


def transfer_bound(profile: Profile, vectors: Vectors) -> metrics_pb2.ComputeTransferBoundRequest:
    """Theorem C.2, term by term, between the languages of one row."""
    return metrics_pb2.ComputeTransferBoundRequest(
        languages=_languages(vectors), delta=profile.gaps.bound_delta, resampling=_resampling(profile)
    )


def projection(profile: Profile, vectors: Vectors) -> metrics_pb2.ProjectVectorsRequest:
    """t-SNE of the figure's languages in one plane."""
    gaps = profile.gaps
    return metrics_pb2.ProjectVectorsRequest(
        languages=_languages(vectors),
        max_points=gaps.tsne_points,
        perplexity=gaps.tsne_perplexity,
        seed=gaps.tsne_seed,
    )


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


QUANTITIES = ("reference_score", "sinkhorn", "cka")
"""What Table 3 sets against the performance gap: fields of `SeedPair`."""


def correlation(
    profile: Profile, pairs: Sequence[SeedPair], quantity: str
) -> metrics_pb2.ComputeCorrelationRequest:
    """The performance gap against one of `QUANTITIES`."""
    observations = [
        metrics_pb2.Observation(
            x=pair.gap,
            y=getattr(pair, quantity),
            group=f"{pair.first}-{pair.second}",
            cluster=f"seed {pair.seed}",
        )
        for pair in pairs
    ]
    sources = {source.sha256: source for pair in pairs for source in pair.sources}
    return metrics_pb2.ComputeCorrelationRequest(
        observations=observations,
        sources=[sources[name] for name in sorted(sources)],
        resampling=_resampling(profile),
    )


def _metric(profile: Profile, trained: Sequence[Trained]) -> metrics_pb2.ScoreMetric.ValueType:
    return _METRICS[profile.task(trained[0].cell.task).score]


def _scores(profile: Profile, trained: Sequence[Trained]) -> list[metrics_pb2.Score]:
    split = profile.reported_split
    return [
        metrics_pb2.Score(
            language=item.cell.language,
            value=item.evaluation(split).score,
            source=item.result.record.manifest,
            predictions=item.evaluation(split).predictions,
        )
        for item in trained
    ]


def _languages(vectors: Vectors) -> list[metrics_pb2.LanguageVectors]:
    return [
        metrics_pb2.LanguageVectors(language=cell.language, vectors=result.vectors)
        for cell, result in vectors.items()
    ]


def _resampling(profile: Profile) -> metrics_pb2.Resampling:
    gaps = profile.gaps
    return metrics_pb2.Resampling(
        seed=gaps.seed, replicates=gaps.replicates, permutations=gaps.permutations, level=gaps.level
    )


def _pair(pairs, first: str, second: str):  # type: ignore[no-untyped-def]  # any of three repeated pair messages
    return next(pair for pair in pairs if {pair.first, pair.second} == {first, second})
