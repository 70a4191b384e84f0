"""The theory's side: how well languages can be told apart, and what Theorem C.2 makes of it.

The theorem bounds the difference of two languages' risks by half the empirical H∆H-divergence plus a
complexity term:

    |ε_A(h) - ε_B(h)| ≤ d̂ / 2 + 2 sqrt((d log(2n) + log(2/δ)) / n)

The supremum in d̂ cannot be computed; a linear classifier that tells the languages apart gives a lower bound
of it (Ben-David et al. 2007), so the sum is the least that the bound could be, and bounds no risks. As
printed the theorem takes d where the class of differences H∆H may have 2d (Ben-David et al. 2010), and it
needs the labels to be a function in H (tests/golden/metrics/test_theorem.py). On held-out sentences the
same is the proxy A-distance, 2 (1 - 2 error): 0 when the languages cannot be told apart, 2 when always.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from isogloss.errors import InvalidInput
from isogloss.metrics.engine.checks import Floats, Vectors, check_languages, check_vectors
from isogloss.metrics.engine.intervals import Interval

FOLDS = 5
RIDGE = 1.0
"""Penalty of the ridge classifier, whose features have unit variance: next to nothing against n in the
hundreds."""


@dataclass(frozen=True)
class PairBound:
    """Two languages. `bound` is the sum of both terms, the least that the theorem's could be; above 1 the
    theorem says nothing (`vacuous`)."""

    first: str
    second: str
    proxy_a_distance: float
    proxy_interval: Interval
    held_out_error: float
    empirical_divergence: float
    divergence_term: float
    complexity_term: float
    bound: float
    vacuous: bool


@dataclass(frozen=True)
class TransferBounds:
    """Of all pairs, for `sentences` per language and a hypothesis class of `pseudo_dimension`."""

    pairs: tuple[PairBound, ...]
    sentences: int
    pseudo_dimension: int

    @property
    def mean_proxy_a_distance(self) -> float:
        """Over all pairs."""
        return float(np.mean([pair.proxy_a_distance for pair in self.pairs]))


def transfer_bounds(
    languages: Sequence[str],
    vectors: Iterable[Vectors],
    *,
    delta: float,
    pseudo_dimension: int | None,
    seed: int,
    level: float,
) -> TransferBounds:
    """All pairs of languages, [n, d] each, row i the same sentence.

    A sentence and its translation always fall in the same fold. `pseudo_dimension` None is d + 1, that of
    linear threshold functions.
    """
    check_languages(languages, "languages")
    if not 0 < delta < 1:
        raise InvalidInput("delta", f"{delta:g}", "Send a probability between 0 and 1, such as 0.05.")
    loaded: list[Vectors] = []
    for language, x in zip(languages, vectors, strict=True):
        rows = len(loaded[0]) if loaded else len(x)
        check_vectors(x, f"languages[{language}].vectors", rows, at_least=2 * FOLDS)
        if loaded and x.shape[1] != loaded[0].shape[1]:
            problem = f"{x.shape[1]} dimensions, but {loaded[0].shape[1]} in {languages[0]}"
            raise InvalidInput(f"languages[{language}].vectors", problem, "Send vectors of one model family.")
        loaded.append(x)
    n, width = loaded[0].shape
    dimension = pseudo_dimension or width + 1
    complexity = complexity_term(n, dimension, delta)
    folds = np.random.default_rng(seed).permutation(n) % FOLDS
    pairs = combinations(range(len(languages)), 2)
    bounds = (
        _pair(languages[i], languages[j], loaded[i], loaded[j], folds, complexity, level) for i, j in pairs
    )
    return TransferBounds(tuple(bounds), n, dimension)


def complexity_term(n: int, pseudo_dimension: int, delta: float) -> float:
    """The second term of Theorem C.2 for n sentences per language."""
    return float(2 * np.sqrt((pseudo_dimension * np.log(2 * n) + np.log(2 / delta)) / n))


def _pair(
    first: str, second: str, a: Vectors, b: Vectors, folds: NDArray[np.int64], complexity: float, level: float
) -> PairBound:
    fitted = _errors(a, b, a, b)
    held_out = np.concatenate(
        [
            _errors(a[folds != fold], b[folds != fold], a[folds == fold], b[folds == fold])
            for fold in range(FOLDS)
        ]
    )
    error = float(held_out.mean())
    low, high = _wilson(error, len(held_out), level)
    divergence = distance(float(fitted.mean()))
    return PairBound(
        first,
        second,
        proxy_a_distance=distance(error),
        proxy_interval=Interval(distance(high), distance(low), level, "Wilson, each sentence counted once"),
        held_out_error=error,
        empirical_divergence=divergence,
        divergence_term=divergence / 2,
        complexity_term=complexity,
        bound=divergence / 2 + complexity,
        vacuous=divergence / 2 + complexity >= 1,
    )


def distance(error: float) -> float:
    """Proxy A-distance of a classifier's error; one that does worse than chance tells nothing: 0."""
    return max(0.0, 2 * (1 - 2 * error))


def _errors(a: Vectors, b: Vectors, held_a: Vectors, held_b: Vectors) -> Floats:
    """Fit on a and b, and give each held-out sentence's share of errors, 0, ½ or 1."""
    from sklearn.linear_model import RidgeClassifier
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(np.concatenate([a, b]))
    labels = np.repeat([0, 1], [len(a), len(b)])
    model = RidgeClassifier(alpha=RIDGE).fit(scaler.transform(np.concatenate([a, b])), labels)
    wrong_a = model.predict(scaler.transform(held_a)) != 0
    wrong_b = model.predict(scaler.transform(held_b)) != 1
    return np.asarray((wrong_a.astype(float) + wrong_b) / 2)


def _wilson(share: float, n: int, level: float) -> tuple[float, float]:
    """Wilson's interval of a share of n."""
    from scipy.stats import norm

    z = float(norm.ppf((1 + level) / 2))
    center = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return float(center - half), float(center + half)
