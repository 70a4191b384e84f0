"""Theorem C.2 as printed, held against two worlds that are small enough to count.

The theorem takes the dimension d of H where its proof needs that of H∆H, the class of where two members of H
differ (Ben-David et al. 2010), and says nothing of labels that are no function in H.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from isogloss.metrics.engine.transfer_bound import complexity_term

Hypothesis = Callable[[float], int]


@dataclass(frozen=True)
class BrokenBound:
    """The printed bound of two languages' difference of risks, with `sentences` of each, and the true one."""

    sentences: int
    divergence: float
    bound: float
    risks: tuple[float, float]


def dimensions() -> tuple[int, int]:
    """Of thresholds on a line, as H, and of where two of them differ, as H∆H: counted among four points."""
    thresholds = [_above(place) for place in (-0.5, 0.5, 1.5, 2.5, 3.5)]
    points = [0.0, 1.0, 2.0, 3.0]
    return dimension(thresholds, points), dimension(differences(thresholds), points)


def broken_bound(sentences: int = 100_000, delta: float = 0.05) -> BrokenBound:
    """H: the two constants. Languages on different points, labeled 1 and 0: no h ∆ h' tells them apart."""
    constants = [_constant(0), _constant(1)]
    first, second, label = [0.0], [1.0], {0.0: 1, 1.0: 0}
    shares = ((_share(h, first), _share(h, second)) for h in differences(constants))
    divergence = 2 * max(abs(a - b) for a, b in shares)
    wrong = [sum(constants[0](x) != label[x] for x in side) / len(side) for side in (first, second)]
    d = dimension(constants, [*first, *second])
    bound = divergence / 2 + complexity_term(sentences, d, delta)
    return BrokenBound(sentences, divergence, bound, (wrong[0], wrong[1]))


def dimension(hypotheses: Sequence[Hypothesis], points: Sequence[float]) -> int:
    """Vapnik's and Chervonenkis's, among these points."""
    sizes = range(len(points) + 1)
    return max(n for n in sizes if any(shatters(hypotheses, some) for some in combinations(points, n)))


def shatters(hypotheses: Sequence[Hypothesis], points: Sequence[float]) -> bool:
    """Whether they label the points in all 2^n ways."""
    return len({tuple(h(x) for x in points) for h in hypotheses}) == 2 ** len(points)


def differences(hypotheses: Sequence[Hypothesis]) -> list[Hypothesis]:
    """H∆H: where two of them differ."""
    return [_differing(a, b) for a, b in product(hypotheses, repeat=2)]


def _differing(first: Hypothesis, second: Hypothesis) -> Hypothesis:
    return lambda x: first(x) ^ second(x)


def _above(place: float) -> Hypothesis:
    return lambda x: int(x > place)


def _constant(label: int) -> Hypothesis:
    return lambda _: label


def _share(hypothesis: Hypothesis, points: Sequence[float]) -> float:
    return sum(map(hypothesis, points)) / len(points)
