"""Verdicts on scores follow from stated rules, and are given only where they mean something."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from report import RunRecord
from report.record import MEASURES, Cells, Interval, Number, Rules
from report.tables import Column, Entry, Row
from report.verdicts import Verdict, count_verdicts, judge

SCORE = Column(MEASURES["score"], "eng", "English", "eng", "Score, %")
ROW = Row("ner", "phoneme", "Phonemes", "Named entity recognition")


@pytest.fixture
def run(empty: RunRecord) -> RunRecord:
    return judged_run(empty)


def judged_run(empty: RunRecord) -> RunRecord:
    return replace(empty, profile="paper", evaluation="paper", rules=Rules(cells=Cells(2.0)))


def entry(
    value: float, paper: float | None = 90.0, half: float = 0.5, seeds: int = 5, seed_std: float | None = 0.4
) -> Entry:
    bounds = Interval(value - half, value + half)
    of = ("s3://b/m", "table1", "ner", "phoneme", ("eng",))
    return Entry(Number("score", value, *of, interval=bounds, seeds=seeds, seed_std=seed_std), paper)


@pytest.mark.parametrize(
    ("cell", "verdict"),
    [
        (entry(90.5), "reproduced"),  # 0.5 + 1.2 over seeds
        (entry(91.0), "uninformative"),  # 1.0 + 1.2: neither surely the same nor surely another
        (entry(91.5), "not reproduced"),
        (entry(95.0), "not reproduced"),
        (entry(90.0, seeds=1, seed_std=None), "uninformative"),
        (entry(90.0, seeds=2), "uninformative"),
        (entry(90.0, half=2.1), "uninformative"),  # too few items
        (entry(90.0, seed_std=1.0), "uninformative"),  # seeds that scatter too much
        (entry(99.0, half=11.0, seeds=1, seed_std=None), "uninformative"),  # 30 items, nine points off
    ],
)
def test_the_rules(run: RunRecord, cell: Entry, verdict: Verdict) -> None:
    """statistics.md, row 4 is the last."""
    assert judge(run, ROW, SCORE, cell) == verdict


@given(value=st.floats(0, 100), paper=st.floats(0, 100), std=st.floats(0, 3), more=st.floats(0, 3))
def test_more_noise_never_makes_a_verdict_of_none(
    empty: RunRecord, value: float, paper: float, std: float, more: float
) -> None:
    run = judged_run(empty)
    quiet, noisy = (
        judge(run, ROW, SCORE, entry(value, paper, seed_std=noise)) for noise in (std, std + more)
    )
    assert noisy in (quiet, "uninformative", "not reproduced")
    if quiet == "uninformative":
        assert noisy == "uninformative"


@pytest.mark.parametrize(
    "changes", [{"banner": "Small run"}, {"reference": ""}, {"rules": None}, {"rules": Rules()}]
)
def test_runs_that_cannot_be_set_beside_the_paper_get_no_verdict(
    run: RunRecord, changes: dict[str, object]
) -> None:
    assert judge(replace(run, **changes), ROW, SCORE, entry(90.0)) is None  # type: ignore[arg-type]


def test_what_the_paper_does_not_print_gets_no_verdict(run: RunRecord) -> None:
    assert judge(run, ROW, SCORE, entry(90.0, paper=None)) is None


@pytest.mark.parametrize("measure", ["rpd", "mean_rpd", "std", "mean_cka", "spearman"])
def test_of_gaps_the_order_is_the_claim(run: RunRecord, measure: str) -> None:
    """statistics.md, row 5."""
    column = Column(MEASURES[measure], "", "Gap", "gap", "Gap")
    assert judge(run, ROW, column, entry(3.5, paper=3.5)) is None


def test_scores_on_test_are_another_quantity(run: RunRecord) -> None:
    assert judge(replace(run, evaluation="honest"), ROW, SCORE, entry(90.0)) == "definition differs"


def test_verdicts_are_counted_in_the_order_of_the_rules(run: RunRecord) -> None:
    numbers = (
        Number("score", 95.94, "s3://b/m", "table1", "pos", "phoneme", ("eng",), interval=Interval(95, 97)),
        Number("score", None, "", "table1", "pos", "phoneme", ("kor",), reason="failed: no data"),
    )
    names = {"eng": "English", "kor": "Korean"}
    assert count_verdicts(replace(run, numbers=numbers, languages=names)) == {"uninformative": 1}
