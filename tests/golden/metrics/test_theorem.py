"""Theorem C.2 as printed, held against two worlds small enough to count."""

from collections.abc import Callable, Sequence
from itertools import combinations, product

from isogloss.metrics.engine.transfer_bound import complexity_term

Hypothesis = Callable[[float], int]


def shatters(hypotheses: Sequence[Hypothesis], points: Sequence[float]) -> bool:
    """Whether they label the points in all 2^n ways."""
    return len({tuple(h(x) for x in points) for h in hypotheses}) == 2 ** len(points)


def dimension(hypotheses: Sequence[Hypothesis], points: Sequence[float]) -> int:
    """Vapnik's and Chervonenkis's, among these points."""
    sizes = range(len(points) + 1)
    return max(n for n in sizes if any(shatters(hypotheses, some) for some in combinations(points, n)))


def differing(first: Hypothesis, second: Hypothesis) -> Hypothesis:
    """Their exclusive or: a member of H∆H."""
    return lambda x: first(x) ^ second(x)


def test_the_class_of_differences_has_twice_the_dimension() -> None:
    """Thresholds on a line: 1; where two of them differ is an interval: 2. The theorem takes 1 for both."""
    thresholds: list[Hypothesis] = [lambda x, t=t: int(x > t) for t in (-0.5, 0.5, 1.5, 2.5, 3.5)]  # type: ignore[misc]
    differences = [differing(a, b) for a, b in product(thresholds, repeat=2)]
    points = [0.0, 1.0, 2.0, 3.0]
    assert dimension(thresholds, points) == 1
    assert dimension(differences, points) == 2


def test_labels_that_are_no_function_of_the_class_break_it() -> None:
    """H: the two constants. Languages on different points, labeled 1 and 0: no h ∆ h' tells them apart."""
    constants: list[Hypothesis] = [lambda _: 0, lambda _: 1]
    first, second, label = [0.0], [1.0], {0.0: 1, 1.0: 0}
    differences = [differing(a, b) for a, b in product(constants, repeat=2)]
    divergence = 2 * max(
        abs(sum(map(h, first)) / len(first) - sum(map(h, second)) / len(second)) for h in differences
    )
    risks = [sum(constants[0](x) != label[x] for x in side) / len(side) for side in (first, second)]
    assert divergence == 0
    assert risks == [1, 0]
    assert dimension(constants, [0.0, 1.0]) == 1
    bound = divergence / 2 + complexity_term(100_000, 1, 0.05)
    assert bound < 0.1 < abs(risks[0] - risks[1]), "with enough sentences the printed bound is broken"
