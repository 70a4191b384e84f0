"""Two runs beside each other."""

from dataclasses import replace
from pathlib import Path

import pytest

from report import RunRecord, compare, console_comparison, write_comparison
from report.record import Interval, Number
from report.tables import grids
from tests.report_audit import unaccounted


def run(record: RunRecord, run_id: str, value: float | None, half: float | None = None) -> RunRecord:
    interval = Interval(value - half, value + half) if value is not None and half is not None else None
    reason = "failed" if value is None else ""
    number = Number(
        "score", value, "s3://b/m", "table1", "pos", "phoneme", ("eng",), interval=interval, reason=reason
    )
    return replace(record, run_id=run_id, numbers=(number,))


def test_a_difference_is_the_second_minus_the_first(empty: RunRecord) -> None:
    (number,) = compare(run(empty, "a", 90.0), run(empty, "b", 88.5)).numbers
    assert number.difference == -1.5
    assert number.interval is None
    assert number.differs is None


@pytest.mark.parametrize(("half", "differs"), [(1.0, True), (1.1, False)])
def test_half_widths_add_as_squares(empty: RunRecord, half: float, differs: bool) -> None:
    (number,) = compare(run(empty, "a", 90.0, half), run(empty, "b", 88.5, half)).numbers
    assert number.interval
    assert number.interval.high - number.interval.low == pytest.approx(2 * half * 2**0.5)
    assert number.differs is differs


def test_what_only_one_run_has_has_no_difference(empty: RunRecord) -> None:
    (number,) = compare(run(empty, "a", None), run(empty, "b", 88.5)).numbers
    assert number.difference is None
    assert "failed" in console_comparison(compare(run(empty, "a", None), run(empty, "b", 88.5)), color=False)


def test_settings_that_differ_are_named(empty: RunRecord) -> None:
    settings = compare(
        empty, replace(empty, evaluation="paper", languages={"eng": "English", "kor": "Korean"})
    ).settings
    assert settings == (("evaluation", "honest", "paper"), ("languages", "eng", "eng, kor"))


def test_both_tables_have_the_languages_of_either_run(sample: RunRecord, full: RunRecord) -> None:
    numbers = compare(sample, full).numbers
    turkish = next(n for n in numbers if n.column.key == "tur")
    assert (turkish.first.value, turkish.difference) == (None, None)
    assert max(map(len, console_comparison(compare(sample, full), 110, color=False).splitlines())) <= 110


def test_the_page_shows_both_runs(sample: RunRecord, full: RunRecord, tmp_path: Path) -> None:
    html = write_comparison(sample, full, tmp_path / "new" / "comparison.html").read_text(encoding="utf-8")
    assert sample.run_id in html
    assert full.run_id in html
    assert sample.banner in html
    assert "http" not in html


def test_every_compared_number_has_an_interval_or_says_why_not(
    sample: RunRecord, full: RunRecord, tmp_path: Path
) -> None:
    page = write_comparison(sample, full, tmp_path / "comparison.html").read_text(encoding="utf-8")
    assert unaccounted(page) == []
    assert page.count('<a class="value"') == sum(
        entry.value is not None for run in (sample, full) for g in grids(run) for entry in g.entries.values()
    )
