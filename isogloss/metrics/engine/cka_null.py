"""What CKA would be if sentences were paired at random: a permutation null for every pair of languages."""

from collections.abc import Sequence

import numpy as np

from isogloss.errors import InvalidInput
from isogloss.metrics.engine.checks import Floats
from isogloss.metrics.engine.cka import Features, GramSums

MAX_BYTES = 2**29
"""The Grams of all languages are held while they are permuted: 131 languages of 1,012 sentences."""


def permuted_cka(features: Sequence[Features], sums: GramSums, permutations: int, seed: int) -> Floats:
    """Biased CKA of all pairs, the second language's rows permuted: [permutations, L, L].

    One permutation serves all pairs: <K_a, K_b^π> are again one product of stacked Grams. Only entries a < b
    are to be read (b, a is the same null with π turned around).
    """
    count, n = sums.squares.shape
    if 4 * count * n * n > MAX_BYTES:
        problem = f"the nulls of {count} languages of {n} sentences do not fit in memory"
        raise InvalidInput("resampling.permutations", problem, "Send 0, or fewer languages.")
    grams = np.stack([f.centered @ f.centered.T for f in features])
    stacked = grams.reshape(count, -1)
    permuted = np.empty((count, n, n), dtype=np.float32)
    generator = np.random.default_rng(seed)
    products = np.empty((permutations, count, count))
    for index in range(permutations):
        order = generator.permutation(n)
        for gram, out in zip(grams, permuted, strict=True):
            np.take(
                gram[order], order, axis=1, out=out, mode="clip"
            )  # clip: the mode that writes without a copy
        products[index] = stacked @ permuted.reshape(count, -1).T
    scale = np.sqrt(np.diag(sums.products))
    return np.asarray(products / np.outer(scale, scale))
