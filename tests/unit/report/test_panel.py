"""What stands behind the tables: the checks of the robustness panel, and pairs of languages."""

from dataclasses import replace

from report import RunRecord
from report.panel import CHANCE, CORRELATIONS, DIFFERENCES, Check, checks, pair_table
from report.record import Interval, Number

OF = {"manifest": "s3://b/k/manifest.json", "table": "table2", "task": "xnli", "input": "phoneme"}
NAMES = {"eng": "English", "swa": "Swahili", "kor": "Korean"}


def panel(empty: RunRecord, *numbers: Number) -> dict[str, Check]:
    record = replace(empty, numbers=numbers, languages=NAMES)
    return {check.title: check for check in checks(record)}


def test_the_pair_nearest_to_chance_stands_for_all(empty: RunRecord) -> None:
    near = Number("cka", 0.5, **OF, languages=("eng", "kor"), p=0.2, note="at random 0.400")  # type: ignore[arg-type]
    far = Number("cka", 0.8, **OF, languages=("eng", "swa"), p=0.01, note="at random 0.400")  # type: ignore[arg-type]
    (number,) = panel(empty, far, near)[CHANCE].cells.values()
    assert (number.value, number.p) == (0.5, 0.2)
    assert number.note == "English – Korean, of 2; at random 0.400"


def test_estimators_and_readings_share_a_table(empty: RunRecord) -> None:
    raw = Number("mean_cka", 0.72, **OF)  # type: ignore[arg-type]
    residual = Number("mean_cka_residual", 0.05, **OF)  # type: ignore[arg-type]
    untrained = Number("mean_cka_debiased", 0.1, **OF, reading="untrained")  # type: ignore[arg-type]
    (check,) = panel(empty, raw, residual, untrained).values()
    assert check.subjects == (
        "raw (the paper's)",
        "debiased, sentence length regressed out",
        "debiased, untrained twin",
    )
    assert check.series == ("XNLI phoneme",)


def test_differences_say_what_is_less_what(empty: RunRecord) -> None:
    whole = Number("mean_rpd", -0.5, **OF, less="subword", p=0.55)  # type: ignore[arg-type]
    rest = Number("mean_rpd", 0.4, **OF, less="subword", without="kor")  # type: ignore[arg-type]
    pair = Number("rpd", -8, **OF, less="subword", languages=("eng", "swa"))  # type: ignore[arg-type]
    check = panel(empty, whole, rest, pair)[DIFFERENCES]
    assert check.subjects == ("Mean RPD", "Mean RPD without Korean", "RPD, %, English – Swahili")
    assert check.series == ("XNLI phoneme less subword",)


def test_a_spread_claims_no_coverage(empty: RunRecord) -> None:
    spread = Number("mean_rpd_elsewhere", 3.5, **OF, interval=Interval(2, 5, 0))  # type: ignore[arg-type]
    rest = Number("mean_rpd", 2.9, **OF, without="kor")  # type: ignore[arg-type]
    (check,) = panel(empty, rest, spread).values()
    assert check.subjects[0] == "without Korean"
    assert "claims no coverage" in check.subjects[1]


def test_correlations_are_shown_pooled_and_within_pairs(empty: RunRecord) -> None:
    pooled = Number("spearman", -0.78, **OF, against="cka", n=30)  # type: ignore[arg-type]
    within = Number("spearman", 0.1, **OF, against="cka", n=15, languages=("eng", "swa"))  # type: ignore[arg-type]
    check = panel(empty, pooled, within)[CORRELATIONS]
    assert check.subjects == ("pooled (the paper's)", "within English – Swahili")


def test_pairs_have_a_line_with_all_that_was_measured(full: RunRecord) -> None:
    table = pair_table(full, "table2")
    assert [measure.name for measure in table.columns] == ["rpd", "absolute", "cka", "sinkhorn"]
    assert {line.task for line in table.lines} == {"xnli"}
    assert {line.task for line in pair_table(full, "table1").lines} == {"ner", "pos"}
