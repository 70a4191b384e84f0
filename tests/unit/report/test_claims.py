"""What the paper claims, and what a run says of it."""

from dataclasses import replace

import pytest

from report import RunRecord
from report.claims import Claim, claims, count_outcomes
from report.record import Interval, Number

URI = "s3://b/m"


def numbers(task: str, measure: str, character: float, phoneme: float) -> tuple[Number, ...]:
    return tuple(
        Number(measure, value, URI, "table1", task, name)
        for name, value in (("character", character), ("phoneme", phoneme))
    )


def difference(measure: str, value: float, interval: Interval | None, task: str = "ner") -> Number:
    return Number(measure, value, URI, "table1", task, "phoneme", less="character", interval=interval)


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
    of_both = difference("mean_rpd", -1.0, interval, "pos")
    record = replace(empty, numbers=(*numbers("pos", "mean_rpd", 6.0, 5.0), of_both))
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
    given = (
        *numbers("ner", "mean_cka", 0.4, 0.6),
        *numbers("ner", "mean_cka_residual", 0.109, 0.046),
        difference("mean_cka", 0.2, Interval(0.1, 0.3)),
        difference("mean_cka_residual", -0.06, Interval(-0.08, -0.04)),
    )
    record = replace(empty, numbers=given)
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
        Number("rpd", value, URI, "table2", "xnli", name, ("eng", "swa"))
        for name, value in (("subword", 8.0), ("phoneme", 3.0))
    )
    of_both = Number(
        "rpd", -5.0, URI, "table2", "xnli", "phoneme", ("swa", "eng"), "subword", interval=Interval(-7, -3)
    )
    record = replace(empty, numbers=(*gaps, of_both))
    found = claim(record, "XNLI: Swahili's gap from English (RPD) is lower than by subwords")
    assert found.outcome == "holds here"
