"""Theorem C.2 as printed, held against two worlds small enough to count (statistics.md, row 14)."""

from isogloss.metrics.engine.theorem import broken_bound, differences, dimension, dimensions, shatters


def test_the_class_of_differences_has_twice_the_dimension() -> None:
    """Thresholds on a line: 1; where two of them differ is an interval: 2. The theorem takes 1 for both."""
    assert dimensions() == (1, 2)


def test_labels_that_are_no_function_of_the_class_break_it() -> None:
    """H: the two constants. Languages on different points, labeled 1 and 0: no h ∆ h' tells them apart."""
    world = broken_bound()
    assert world.divergence == 0
    assert world.risks == (1, 0)
    assert world.bound < 0.1, "with enough sentences the printed bound is broken"
    assert broken_bound(100).bound > 0.5, "with few sentences it says little"


def test_a_dimension_is_counted() -> None:
    """All functions of two points shatter them; the two constants tell only one point's labels apart."""
    everything = [lambda x, a=a, b=b: a if x < 1 else b for a in (0, 1) for b in (0, 1)]  # type: ignore[misc]
    assert shatters(everything, [0.0, 1.0])
    assert dimension(everything, [0.0, 1.0]) == 2
    constants = [lambda _: 0, lambda _: 1]
    assert dimension(constants, [0.0, 1.0]) == 1
    assert dimension(differences(constants), [0.0, 1.0]) == 1
