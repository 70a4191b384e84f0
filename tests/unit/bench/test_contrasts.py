"""The matched experiment's outcomes follow the rules of its claims file."""

from typing import Any

import pytest

from bench.matched.contrasts import summary

LANGUAGES = ["eng", "fra", "rus"]
PROFILE = {"languages": LANGUAGES}


def rows(phoneme: list[float], letters: list[float]) -> list[dict[str, Any]]:
    """Scores of two inputs by seed, one language two points above their mean and one two below."""
    return [
        {
            "kind": "score",
            "input": name,
            "seed": seed,
            "pretrained": True,
            "task": "pos",
            "language": language,
            "test": language,
            "score": mean + offset,
        }
        for name, means in (("phoneme", phoneme), ("letters", letters))
        for seed, mean in enumerate(means)
        for language, offset in zip(LANGUAGES, (-2, 0, 2), strict=True)
    ]


def outcome(phoneme: list[float], letters: list[float]) -> dict[str, Any]:
    contrasts = summary(rows(phoneme, letters), PROFILE)["contrasts"]
    return next(item for item in contrasts if item["endpoint"] == "mean_score")


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        ([70.0, 70.1, 69.9, 70.05, 69.95], "holds"),  # ten points: far beyond the margin of one
        ([90.0, 90.1, 89.9, 90.05, 89.95], "fails"),
        ([80.1, 80.2, 80.0, 80.15, 80.05], "practically equal"),
        ([78.0, 83.0, 80.0, 76.0, 85.0], "uninformative"),
        ([79.0, 79.1, 78.9, 79.05, 78.95], "uninformative"),  # one point: on the margin
    ],
)
def test_outcomes(letters: list[float], expected: str) -> None:
    found = outcome([80.0, 80.1, 79.9, 80.0, 80.0], letters)
    assert found["outcome"] == expected
    assert found["seeds"] == 5
    assert found["difference"] == pytest.approx(80.0 - sum(letters) / 5)


def test_holm_widens_the_intervals_of_several_contrasts() -> None:
    found = outcome([80.0, 80.1, 79.9], [70.0, 70.2, 69.8])
    assert found["holm_interval"][0] < found["interval"][0]
    assert found["holm_interval"][1] > found["interval"][1]


def test_one_seed_decides_nothing() -> None:
    found = outcome([80.0], [60.0])
    assert (found["outcome"], found["interval"], found["p"]) == ("uninformative", None, None)


def test_a_seed_without_all_languages_is_left_out() -> None:
    some = rows([80.0, 80.0], [70.0, 70.0])
    some = [
        row
        for row in some
        if not (row["seed"] == 1 and row["language"] == "fra" and row["input"] == "letters")
    ]
    [found] = [item for item in summary(some, PROFILE)["contrasts"] if item["endpoint"] == "mean_score"]
    assert found["seeds"] == 1
