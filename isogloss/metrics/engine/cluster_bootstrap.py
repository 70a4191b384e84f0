"""Rank correlations of redrawn clusters: what seeds that one did not run would have given (Table 3)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from isogloss.metrics.engine.checks import Floats


@dataclass(frozen=True)
class RankCorrelations:
    """Spearman's rho and Kendall's tau-b, [B] each; NaN where a draw left a series constant."""

    spearman: Floats
    kendall: Floats


def cluster_counts(clusters: NDArray[np.str_], replicates: int, seed: int) -> Floats:
    """How often each observation comes when as many whole clusters are drawn with replacement: [B, n]."""
    names, member = np.unique(clusters, return_inverse=True)
    share = np.full(len(names), 1 / len(names))
    drawn = np.random.default_rng(seed).multinomial(len(names), share, size=replicates)
    return np.asarray(drawn[:, member], dtype=np.float64)


def weighted_correlations(x: Floats, y: Floats, counts: Floats) -> RankCorrelations:
    """Of observations [n] that come `counts` [B, n] times, without building any of the samples.

    A midrank is a sum of signs, and tau-b is a ratio of sums over pairs: both are products of the counts with
    the n × n matrix of signs.
    """
    sign_x = np.sign(x[:, None] - x)
    sign_y = np.sign(y[:, None] - y)
    with np.errstate(invalid="ignore", divide="ignore"):
        ranks = [(counts @ sign.T) / 2 for sign in (sign_x, sign_y)]  # midranks up to a constant
        spearman = _weighted_pearson(ranks[0], ranks[1], counts)
        concordance = _pair_sums(counts, sign_x * sign_y)
        untied = _pair_sums(counts, np.abs(sign_x)) * _pair_sums(counts, np.abs(sign_y))
        return RankCorrelations(spearman, concordance / np.sqrt(untied))


def _pair_sums(counts: Floats, matrix: Floats) -> Floats:
    return np.asarray(np.einsum("bi,bi->b", counts @ matrix, counts))


def _weighted_pearson(a: Floats, b: Floats, weights: Floats) -> Floats:
    total = weights.sum(axis=1, keepdims=True)
    a = a - (weights * a).sum(axis=1, keepdims=True) / total
    b = b - (weights * b).sum(axis=1, keepdims=True) / total
    covariance, square_a, square_b = ((weights * product).sum(axis=1) for product in (a * b, a * a, b * b))
    return np.asarray(covariance / np.sqrt(square_a * square_b))
