"""What the paper claims, and what a run says of it."""

from dataclasses import replace

import pytest

from report import Difference, Interval, Number, RobustnessRow, RunRecord
from report.claims import Claim, claims, count_outcomes
from report.robustness import LENGTH_OUT

URI = "s3://b/m"


def numbers(task: str, column: str, character: float, phoneme: float) -> tuple[Number, ...]:
    return tuple(
        Number("table1", f"{task}/{name}", column, value, None, URI)
        for name, value in (("character", character), ("phoneme", phoneme))
    )


def claim(record: RunRecord, text: str) -> Claim:
    (found,) = (item for item in claims(record) if item.text == text)
    return found


@pytest.mark.parametrize(
    ("interval", "outcome"),
    [
        (Interval(-2.0, -0.5), "holds here"),
        (Interval(-2.0, 0.5), "undecided"),
        (Interval(0.5, 2.0), "fails here"),
        (None, "undecided"),
    ],
)
def test_the_interval_of_the_difference_decides(
    empty: RunRecord, interval: Interval | None, outcome: str
) -> None:
    difference = Difference("pos", "phoneme", "character", "mean_rpd", -1.0, interval, URI, p=0.2)
    record = replace(empty, numbers=numbers("pos", "mean_rpd", 6.0, 5.0), differences=(difference,))
    found = claim(record, "POS: mean RPD is lower than by characters")
    assert found.outcome == outcome
    assert found.paper == (8.77, 5.8)
    assert [side.value for side in found.ours if side] == [6.0, 5.0]


def test_what_was_not_run_is_no_outcome(empty: RunRecord) -> None:
    assert {item.outcome for item in claims(empty)} == {"not run"}
    assert count_outcomes(item for item in claims(empty) if not item.control) == {
        "holds here": 0,
        "undecided": 0,
        "fails here": 0,
        "not run": 6,
    }


def test_a_claim_about_cka_has_its_control_without_length(empty: RunRecord) -> None:
    rows = tuple(
        RobustnessRow("c", LENGTH_OUT, value, manifest=URI, series=f"NER {name}")
        for name, value in (("character", 0.109), ("phoneme", 0.046))
    )
    differences = (
        Difference("ner", "phoneme", "character", "mean_cka", 0.2, Interval(0.1, 0.3), URI),
        Difference("ner", "phoneme", "character", "mean_cka_residual", -0.06, Interval(-0.08, -0.04), URI),
    )
    record = replace(
        empty, numbers=numbers("ner", "mean_cka", 0.4, 0.6), robustness=rows, differences=differences
    )
    raw, control = (item for item in claims(record) if item.outcome != "not run")
    assert (raw.outcome, raw.control) == ("holds here", False)
    assert (control.outcome, control.control) == ("fails here", True)
    assert count_outcomes([raw, control]) == {
        "holds here": 1,
        "undecided": 0,
        "fails here": 1,
        "not run": 0,
    }


def test_a_pair_of_languages_is_found_in_either_order(empty: RunRecord) -> None:
    gaps = tuple(
        Number("table2", name, "swa_rpd", value, None, URI)
        for name, value in (("subword", 8.0), ("phoneme", 3.0))
    )
    difference = Difference("xnli", "phoneme", "subword", "rpd", -5.0, Interval(-7, -3), URI, pair="swa-eng")
    record = replace(empty, numbers=gaps, differences=(difference,))
    found = claim(record, "XNLI: Swahili's gap from English (RPD) is lower than by subwords")
    assert found.outcome == "holds here"
