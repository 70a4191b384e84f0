"""t-SNE of sentence vectors, to look at (Figure 2, both sides). Distances between clusters in it mean
nothing."""

from collections.abc import Sequence

import numpy as np

from isogloss.errors import InvalidInput
from isogloss.metrics.engine.checks import Floats, Vectors, check_languages, check_vectors

MAX_POINTS = 20_000


def project(
    languages: Sequence[str], vectors: Sequence[Vectors], *, perplexity: float, seed: int, sentences: int = 0
) -> Floats:
    """One map of all languages' vectors [n, d]: points [languages, rows, 2].

    Takes the first `sentences` rows of each language (0: all), so that the picture compares translations.
    With PCA as the start and a fixed seed the same input gives the same map on the same machine.
    """
    check_languages(languages, "languages", at_least=1)
    for language, x in zip(languages, vectors, strict=True):
        check_vectors(x, f"languages[{language}].vectors", len(vectors[0]), at_least=3)
    widths = sorted({x.shape[1] for x in vectors})
    if len(widths) > 1:
        raise InvalidInput(
            "languages", f"vectors of widths {widths}", "One map needs vectors of one model family."
        )
    if sentences < 0:
        raise InvalidInput(
            "max_points", f"{sentences}", "Send how many sentences of each language to show, or 0."
        )
    rows = min(sentences or len(vectors[0]), len(vectors[0]))
    points = np.concatenate([np.asarray(x[:rows], dtype=np.float32) for x in vectors])
    if len(points) > MAX_POINTS:
        raise InvalidInput("max_points", f"{len(points)} points in all", f"At most {MAX_POINTS}: send less.")
    if not 1 <= perplexity <= (len(points) - 1) / 3:
        fix = f"With {len(points)} points send 1 to {(len(points) - 1) // 3}; 30 is customary."
        raise InvalidInput("perplexity", f"{perplexity:g}", fix)
    if not 0 <= seed < 2**32:
        raise InvalidInput("seed", f"{seed}", "Send 0 to 4294967295.")
    from sklearn.manifold import TSNE  # here: it takes seconds, and most calls never need it

    points -= points.mean(axis=0)
    placed = TSNE(perplexity=perplexity, init="pca", random_state=seed, n_jobs=1).fit_transform(points)
    return np.asarray(placed, dtype=np.float64).reshape(len(languages), rows, 2)
