"""Where languages stand on a heat map and on a plane, by how alike they are: to look at, and no figure."""

from collections.abc import Sequence
from dataclasses import dataclass

from report.record import Atlas


@dataclass(frozen=True)
class Arrangement:
    """Languages by code.

    - order: leaves of average linkage over 1 - CKA, neighbors as alike as the tree allows
    - links: the tree's brackets as (x of four corners, y of four corners), x in places of the order
    - points: classical scaling of 1 - CKA into two dimensions, by code, unscaled
    - kept: share of the positive eigenvalues that the two dimensions hold, 0 to 1
    """

    order: tuple[str, ...]
    links: tuple[tuple[Sequence[float], Sequence[float]], ...]
    points: dict[str, tuple[float, float]]
    kept: float


def arrange(atlas: Atlas) -> Arrangement:
    """The arrangement of an atlas with at least two languages."""
    import numpy as np
    from scipy.cluster import hierarchy
    from scipy.spatial.distance import squareform

    codes = [place.code for place in atlas.places]
    number = {code: position for position, code in enumerate(codes)}
    alike = np.eye(len(codes))
    for pair in atlas.pairs:
        first, second = number[pair.first], number[pair.second]
        alike[first, second] = alike[second, first] = atlas.shown(pair)
    apart = np.clip(1 - alike, 0, None)
    condensed = squareform(apart, checks=False)
    tree = hierarchy.linkage(condensed, "average", optimal_ordering=True)
    drawn = hierarchy.dendrogram(tree, no_plot=True)
    # scipy draws leaf i at 10 i + 5
    links = tuple(
        ([(x - 5) / 10 for x in xs], list(ys))
        for xs, ys in zip(drawn["icoord"], drawn["dcoord"], strict=True)
    )
    centering = np.eye(len(codes)) - 1 / len(codes)
    values, vectors = np.linalg.eigh(-0.5 * centering @ apart**2 @ centering)
    best = np.argsort(values)[::-1][:2]
    plane = vectors[:, best] * np.sqrt(np.clip(values[best], 0, None))
    plane *= np.sign(plane[np.abs(plane).argmax(axis=0), range(plane.shape[1])])  # an axis has no direction
    positive = values[values > 0].sum()
    return Arrangement(
        tuple(codes[leaf] for leaf in drawn["leaves"]),
        links,
        {code: (float(plane[n, 0]), float(plane[n, 1])) for n, code in enumerate(codes)},
        float(np.clip(values[best], 0, None).sum() / positive) if positive > 0 else 0.0,
    )
