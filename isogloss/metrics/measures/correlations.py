"""Rank correlations of two series, with clusters and within groups."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from isogloss.errors import InvalidInput
from isogloss.metrics.engine import correlation


def correlate(
    x: Sequence[float] | NDArray[np.float64],
    y: Sequence[float] | NDArray[np.float64],
    *,
    groups: Sequence[str] | None = None,
    clusters: Sequence[str] | None = None,
    replicates: int = 0,
    permutations: int = 9_999,
    seed: int = 0,
    level: float = 0.95,
) -> list[correlation.Correlation]:
    """Spearman's rho and Kendall's tau-b of two series [n], n ≥ 3: of all, and within each of `groups` [n].

    `clusters` [n] names what is drawn together for the intervals; with `replicates` 0 there are none. With
    groups, the last is the mean within them, its null permuted within groups.
    """
    if len(y) != len(x):
        raise InvalidInput("y", f"{len(y)} values for {len(x)}", "Value i of both is one observation.")
    blank = [""] * len(x)
    for name, labels in (("groups", groups), ("clusters", clusters)):
        if labels is not None and len(labels) != len(x):
            raise InvalidInput(name, f"{len(labels)} for {len(x)} observations", "Send one for each.")
    found = correlation.correlations(
        x,
        y,
        blank if groups is None else groups,
        blank if clusters is None else clusters,
        replicates=replicates,
        seed=seed,
        level=level,
    )
    if groups is None:
        return found
    names = blank if clusters is None else clusters
    within = correlation.stratified(x, y, groups, names, draws=permutations, seed=seed)
    return [*found, within] if within else found
