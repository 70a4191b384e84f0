"""Text that holds a sentence of an evaluation set is found, whatever its case and punctuation."""

import pytest

from sources.held_out import HeldOut

WORDS = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
]


@pytest.fixture
def held_out() -> HeldOut:
    found = HeldOut()
    found.add(
        [
            WORDS,
            ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota"],
            ["so", "it", "is", "done", "."],
        ]
    )
    return found


@pytest.mark.parametrize(
    "line",
    [
        WORDS,
        ["And", *WORDS[1:], "more"],  # thirteen in a row
        ["ONE", "two,", *WORDS[2:]],
        ["x", "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "y"],
        ["So", "it", "is", "done!"],
    ],
)
def test_lines_with_a_held_out_sentence(held_out: HeldOut, line: list[str]) -> None:
    assert held_out.holds(line)


@pytest.mark.parametrize(
    "line",
    [WORDS[:12], ["so", "it", "is", "done", "then"], ["beta", "gamma", "delta"], [], ["."], ["so", "it"]],
)
def test_lines_without(held_out: HeldOut, line: list[str]) -> None:
    assert not held_out.holds(line)
