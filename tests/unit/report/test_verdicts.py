"""Verdicts follow from the figures by the stated rules, and are given only where they mean something."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from report import RunRecord
from report.paper import LANGUAGES
from report.record import MEASURES, Interval, Number
from report.tables import Column, Entry, Row
from report.verdicts import Verdict, count_verdicts, judge

SCORE = Column(MEASURES["score"], "eng", "English", "eng", "Score, %")
ROW = Row("ner", "phoneme", "Phonemes", "Named entity recognition")


@pytest.fixture
def run(empty: RunRecord) -> RunRecord:
    return replace(empty, profile="paper", evaluation="paper")


def entry(value: float | None, paper: float | None = 90.0, interval: Interval | None = None) -> Entry:
    if value is None:
        return Entry(None, paper)
    return Entry(
        Number("score", value, "s3://b/m", "table1", "ner", "phoneme", ("eng",), interval=interval), paper
    )


@pytest.mark.parametrize(
    ("value", "interval", "verdict"),
    [
        (None, None, "not run"),
        (90.004, None, "reproduced"),  # equal as printed
        (91.0, None, None),  # no interval: cannot be told
        (91.0, Interval(89.0, 93.0), "reproduced"),
        (92.0, Interval(90.5, 93.0), "within noise"),  # 2.0 away, √2 · 1.5 = 2.1
        (92.0, Interval(91.0, 99.0), "not reproduced"),  # √2 · 1.0 = 1.4: the side toward the paper counts
    ],
)
def test_the_rules(
    run: RunRecord, value: float | None, interval: Interval | None, verdict: Verdict | None
) -> None:
    assert judge(run, ROW, SCORE, entry(value, interval=interval)) == verdict


@given(
    value=st.floats(0, 100), paper=st.floats(0, 100), half=st.floats(0, 10), wider=st.floats(0, 10)
)  # fmt: skip
def test_a_wider_interval_never_hardens_a_verdict(
    empty: RunRecord, value: float, paper: float, half: float, wider: float
) -> None:
    run = replace(empty, profile="paper", evaluation="paper")
    order = ["reproduced", "within noise", "not reproduced"]
    narrow, wide = (
        judge(run, ROW, SCORE, entry(value, paper, Interval(value - width, value + width)))
        for width in (half, half + wider)
    )
    assert order.index(str(wide)) <= order.index(str(narrow))


@pytest.mark.parametrize("profile", ["sample", "small"])
def test_other_data_and_models_get_no_verdict(run: RunRecord, profile: str) -> None:
    assert judge(replace(run, profile=profile), ROW, SCORE, entry(90.0)) is None


def test_what_the_paper_does_not_print_gets_no_verdict(run: RunRecord) -> None:
    assert judge(run, ROW, SCORE, entry(90.0, paper=None)) is None


def test_p_values_get_no_verdict(run: RunRecord) -> None:
    column = Column(MEASURES["spearman_p"], "", "p", "p", "Spearman")
    assert judge(run, ROW, column, entry(0.01, 0.01)) is None


def test_scores_on_test_are_another_quantity(run: RunRecord) -> None:
    assert judge(replace(run, evaluation="honest"), ROW, SCORE, entry(90.0)) == "definition differs"


def test_a_mean_over_other_languages_is_another_quantity(run: RunRecord) -> None:
    column = Column(MEASURES["mean_rpd"], "", "Mean RPD", "RPD", "Performance gap")
    scores = tuple(
        Number("score", 90.0, "s3://b/m", "table1", "ner", "phoneme", (code,)) for code in LANGUAGES["table1"]
    )
    assert judge(replace(run, numbers=scores), ROW, column, entry(3.52, 3.52)) == "reproduced"
    assert judge(replace(run, numbers=scores[1:]), ROW, column, entry(3.52, 3.52)) == "definition differs"


def test_verdicts_are_counted_in_the_order_of_the_rules(run: RunRecord) -> None:
    numbers = (
        Number("score", 95.94, "s3://b/m", "table1", "pos", "phoneme", ("eng",)),
        Number(
            "score",
            None,
            table="table1",
            task="pos",
            input="phoneme",
            languages=("kor",),
            reason="failed: no data",
        ),
    )
    names = {"eng": "English", "kor": "Korean"}
    counts = count_verdicts(replace(run, numbers=numbers, languages=names))
    assert counts == {"reproduced": 1, "not run": 1}
    assert list(counts) == ["reproduced", "not run"]
