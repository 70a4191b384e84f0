"""Claims that were stated before a run, and what the run says of them."""

from dataclasses import replace

import pytest

from flows.rules import stated
from isogloss.errors import InvalidInput
from report import RunRecord
from report.claims import Judged, count_outcomes, holm, judge_claims
from report.figures.claims import claim_figures
from report.page import render_page
from report.record import Claim, Design, Interval, Number, Rules
from report.seeds import over_seeds

URI = "s3://b/m"
CODES = ("eng", "fra", "rus", "kor", "hin")
CLAIM = Claim(
    "POS: mean RPD is lower than by characters",
    "pos",
    "phoneme",
    "character",
    "mean_rpd",
    "lower",
    matters=0.5,
    needs=Design(seeds=3, languages=5, items=500),
)


def record(
    empty: RunRecord,
    *numbers: Number,
    claims: tuple[Claim, ...] = (CLAIM,),
    seeds: int = 3,
    items: int = 2000,
) -> RunRecord:
    scores = tuple(
        Number("score", 90.0, URI, "table1", "pos", name, (code,), n=items, seeds=seeds)
        for name in ("character", "phoneme")
        for code in CODES
    )
    return replace(empty, numbers=(*scores, *numbers), rules=Rules(claims))


def difference(value: float, low: float, high: float, measure: str = "mean_rpd") -> Number:
    bounds = Interval(low, high, 0.95, "bootstrap over items")
    of = {"less": "character", "interval": bounds, "seeds": 3}
    return Number(measure, value, URI, "table1", "pos", "phoneme", **of)  # type: ignore[arg-type]


def of_seeds(*values: float, half: float = 0.2) -> Number:
    """The difference of each seed, with an interval over items, as one."""
    numbers = [replace(difference(value, value - half, value + half), seeds=1) for value in values]
    return over_seeds(list(enumerate(numbers)))


def judged(run: RunRecord) -> Judged:
    (item,) = judge_claims(run)
    return item


@pytest.mark.parametrize(
    ("number", "outcome"),
    [
        (difference(-2.0, -2.4, -1.6), "holds"),
        (difference(2.0, 1.6, 2.4), "fails"),
        (difference(0.1, -0.2, 0.4), "practically equal"),
        (difference(-0.25, -0.35, -0.15), "practically equal"),  # surely below zero, and surely too little
        (difference(-0.6, -1.4, 0.2), "uninformative"),
        (difference(0.0, -4.0, 4.0), "uninformative"),
    ],
)
def test_the_difference_its_interval_and_what_matters_decide(
    empty: RunRecord, number: Number, outcome: str
) -> None:
    assert judged(record(empty, number)).outcome == outcome


@pytest.mark.parametrize(
    ("values", "outcome"),
    [
        ((-2.0, -2.1, -1.9), "holds"),
        ((2.0, 2.1, 1.9), "fails"),
        ((0.05, -0.02, 0.01), "practically equal"),
        ((-2.0, -0.5, -3.5), "uninformative"),  # every seed is on the claimed side; three such are no proof
        ((-2.0, 0.4, -1.0), "uninformative"),
    ],
)
def test_the_scatter_of_the_seeds_counts_as_that_of_the_items_does(
    empty: RunRecord, values: tuple[float, ...], outcome: str
) -> None:
    assert judged(record(empty, of_seeds(*values))).outcome == outcome


def test_what_it_would_take_is_said_in_seeds_where_they_make_the_noise(empty: RunRecord) -> None:
    item = judged(record(empty, of_seeds(-0.9, -0.2, -1.6)))
    assert item.takes == "It would take about 25 seeds instead of 3"
    both = judged(record(empty, of_seeds(-0.9, -0.2, -1.6, half=1.0)))
    assert both.takes.startswith("It would take about 34 seeds instead of 3 and about")


def test_what_the_run_could_have_found_is_said(empty: RunRecord) -> None:
    alone = judged(record(empty, difference(-2.0, -2.4, -1.6))).detectable or 0.0
    assert alone == pytest.approx(2.8016 * 0.4 / 1.96, abs=1e-3)
    scattered = judged(record(empty, of_seeds(-2.0, -1.6, -2.4)))
    assert alone < (scattered.detectable or 0.0) < 3 * alone
    family = tuple(replace(CLAIM, text=str(place)) for place in range(9))
    (first, *_) = judge_claims(record(empty, difference(-2.0, -2.4, -1.6), claims=family))
    assert alone < (first.detectable or 0.0), "a share of the level is for the other claims"


def test_seeds_that_failed_are_not_counted(empty: RunRecord) -> None:
    lost = replace(of_seeds(-2.0, -2.1), note="seed 2: failed: out of memory")
    assert judged(record(empty, lost)).takes == "It would take 3 seeds (this run has 2)"


@pytest.mark.parametrize(
    ("design", "takes"),
    [
        ({"seeds": 1}, "It would take 3 seeds (this run has 1)"),
        ({"items": 30}, "It would take 500 items (this run has 30)"),
        ({"seeds": 2, "items": 30}, "It would take 3 seeds (this run has 2), 500 items (this run has 30)"),
    ],
)
def test_a_design_that_is_too_small_tells_nothing_however_clear_it_looks(
    empty: RunRecord, design: dict[str, int], takes: str
) -> None:
    item = judged(record(empty, difference(-9.0, -9.1, -8.9), **design))  # type: ignore[arg-type]
    assert (item.outcome, item.takes) == ("uninformative", takes)


def test_what_it_would_take_is_said_in_items(empty: RunRecord) -> None:
    item = judged(record(empty, difference(-0.6, -1.4, 0.2)))
    assert item.takes.startswith("It would take about 5 times as many items (10,000 instead of 2,000)")


def test_a_difference_that_is_not_there_is_no_outcome(empty: RunRecord) -> None:
    lost = Number(
        "mean_rpd", None, "", "table1", "pos", "phoneme", less="character", reason="failed: out of memory"
    )
    assert judged(record(empty)).outcome == "n/a"
    assert judged(record(empty, lost)).outcome == "n/a"


def test_one_family_has_one_correction(empty: RunRecord) -> None:
    """statistics.md, row 16."""
    other = replace(CLAIM, text="mean CKA is higher", measure="mean_cka", direction="higher", matters=0.05)
    of_rpd = difference(-0.8, -1.55, -0.05)  # p = .037 alone
    of_cka = difference(0.03, -0.27, 0.33, "mean_cka")
    assert judged(record(empty, of_rpd)).outcome == "holds"
    both = judge_claims(record(empty, of_rpd, of_cka, claims=(CLAIM, other)))
    assert [item.outcome for item in both] == ["uninformative", "uninformative"]
    assert both[0].p == pytest.approx(2 * 0.0366, abs=1e-3)


def test_holm_spends_the_level_step_by_step() -> None:
    assert holm([0.01, None, 0.04, 0.03]) == [0.03, None, 0.06, 0.06]


def test_a_pair_of_languages_is_found_in_either_order(empty: RunRecord) -> None:
    claim = replace(CLAIM, measure="rpd", languages=("eng", "kor"), needs=Design(seeds=3))
    number = replace(difference(-5.0, -7.0, -3.0), measure="rpd", languages=("kor", "eng"))
    assert judged(record(empty, number, claims=(claim,))).outcome == "holds"


def test_a_run_without_rules_is_silent(empty: RunRecord) -> None:
    run = replace(record(empty, difference(-2.0, -2.4, -1.6)), rules=None)
    assert judge_claims(run) == []
    html = render_page(run, [])
    for word in ("holds", "uninformative", "Claims"):
        assert word not in html.replace(".outcome.holds", "").replace(".uninformative", "")


def test_the_paper_claims_six_and_the_fair_comparison_and_sample_judges_nothing() -> None:
    from flows.load import load

    rules = stated(load("paper").claims)
    assert len([claim for claim in rules.claims if not claim.control]) == 8
    assert [claim.less for claim in rules.claims if claim.task == "xnli"] == 2 * ["subword"] + 2 * [
        "character"
    ]
    assert load("sample").claims == ""


def test_under_a_banner_nothing_is_said_to_hold(sample: RunRecord) -> None:
    """statistics.md, row 15: clear differences in a run that says nothing about languages."""
    clear = difference(-2.0, -2.4, -1.6)
    html = render_page(replace(sample, numbers=(*sample.numbers, clear)), [])
    assert sample.banner in html
    assert judge_claims(sample) == []
    for word in (">holds<", "<b>holds", "1 of them", 'class="outcome'):
        assert word not in html, word


def test_claims_of_ones_own_name_what_does_not_fit(tmp_path: object) -> None:
    from pathlib import Path

    path = Path(str(tmp_path)) / "mine.yaml"
    path.write_text("claims:\n- {text: x, task: pos, input: a, less: b, measure: mean, matters: 1}\n")
    with pytest.raises(InvalidInput, match=r"direction[\s\S]*|measure") as refused:
        stated(str(path))
    assert "mine.yaml" in refused.value.problem
    with pytest.raises(InvalidInput, match="no claims 'absent'"):
        stated("absent")


def test_outcomes_are_counted(empty: RunRecord) -> None:
    counts = count_outcomes(judge_claims(record(empty, difference(-2.0, -2.4, -1.6))))
    assert counts == {"holds": 1, "fails": 0, "practically equal": 0, "uninformative": 0, "n/a": 0}


def test_the_forest_plot_is_in_units_of_what_matters_with_the_claimed_side_to_the_right(
    empty: RunRecord,
) -> None:
    (figure,) = claim_figures(record(empty, difference(-2.0, -2.4, -1.6)))
    figure.chart.to_dict(validate=True)
    (mark,) = (row for data in figure.chart.to_dict()["datasets"].values() for row in data if "label" in row)
    assert (mark["value"], mark["low"], mark["high"]) == (4.0, 3.2, 4.8)
    assert figure.alt == "Forest plot of the claims. POS: mean RPD is lower than by characters: −2.00, holds."
