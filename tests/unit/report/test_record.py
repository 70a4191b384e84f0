"""A record survives its file, and refuses what no table has a place for."""

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from report import RunRecord
from report.record import MEASURES, Cell, Interval, Number

finite = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def numbers(draw: st.DrawFn) -> Number:
    ends = sorted(draw(st.tuples(finite, finite)))
    value = draw(st.none() | finite)
    return Number(
        draw(st.sampled_from(sorted(MEASURES))),
        value,
        "s3://bucket/kind/key/manifest.json",
        "table1",
        draw(st.text()),
        draw(st.text()),
        draw(st.tuples(st.text()) | st.tuples(st.text(), st.text())),
        note=draw(st.text()),
        interval=draw(st.none() | st.just(Interval(ends[0], ends[1]))),
        reason="" if value is not None else draw(st.text(min_size=1)),
    )


@given(number=numbers())
def test_a_record_reads_back_equal(empty: RunRecord, number: Number) -> None:
    record = replace(empty, numbers=(number,))
    assert RunRecord.from_json(record.to_json()) == record


def test_a_whole_record_reads_back_equal(full: RunRecord) -> None:
    assert RunRecord.from_json(full.to_json()) == full


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"measure": "median"}, "measure: 'median' is none of score"),
        ({"manifest": ""}, "manifest: ner phoneme eng score has a value but no s3:// URI"),
        ({"value": math.nan}, "finite number"),
        ({"value": None}, "reason: ner phoneme eng score needs a value or a reason"),
        ({"reason": "n/a"}, "reason: ner phoneme eng score needs a value or a reason"),
        ({"interval": Interval(0, 1, 0)}, "a spread without coverage"),
    ],
)
def test_a_number_that_says_too_little_is_refused(changes: dict[str, Any], message: str) -> None:
    fields: dict[str, Any] = {
        "measure": "score",
        "value": 1.0,
        "manifest": "s3://b/m",
        "task": "ner",
        "input": "phoneme",
        "languages": ("eng",),
    }
    with pytest.raises(ValueError, match=message):
        Number(**(fields | changes))


def test_a_number_without_a_value_needs_no_manifest_but_a_reason() -> None:
    assert Number("score", None, task="ner", reason="not run: no data").value is None


def test_the_same_place_twice_is_refused_also_with_the_pair_turned(empty: RunRecord) -> None:
    pairs = [("eng", "kor"), ("kor", "eng")]
    numbers = tuple(Number("cka", 0.5, "s3://b/m", "table1", "pos", "phoneme", pair) for pair in pairs)
    with pytest.raises(ValueError, match="is given twice"):
        replace(empty, numbers=numbers)


def test_a_number_of_no_table_of_the_run_is_refused(empty: RunRecord) -> None:
    number = Number("cka", 0.5, "s3://b/m", "table9", "pos", "phoneme")
    with pytest.raises(ValueError, match="cka stands in 'table9', which is no table"):
        replace(empty, numbers=(number,))


def test_an_unknown_reference_is_refused(empty: RunRecord) -> None:
    with pytest.raises(ValueError, match="reference: 'papers' is not known"):
        replace(empty, reference="papers")


def test_a_record_of_an_older_format_is_refused_with_what_to_do(empty: RunRecord) -> None:
    for text in (empty.to_json().replace('"format":2', '"format":7'), '{"run_id": "old"}'):
        with pytest.raises(ValueError, match=r"format [17].* reads format 2.*run its command again"):
            RunRecord.from_json(text)


def test_a_run_id_that_leaves_the_folder_is_refused(empty: RunRecord) -> None:
    with pytest.raises(ValueError, match="run_id"):
        replace(empty, run_id="../latest")


def test_an_interval_runs_upward() -> None:
    with pytest.raises(ValueError, match=r"low 2\.0 is above high 1\.0"):
        Interval(2.0, 1.0)


def test_an_unknown_field_in_a_file_is_named(empty: RunRecord) -> None:
    with pytest.raises(ValueError, match="colour"):
        RunRecord.from_json(empty.to_json().replace('"profile"', '"colour":1,"profile"', 1))


def test_reused_cells_are_not_counted_as_computed(empty: RunRecord) -> None:
    cells = (Cell("pos", "phoneme", "eng", 0, 90.0), Cell("pos", "phoneme", "rus", 0, 90.0, reused=True))
    assert replace(empty, cells=cells).computed == 1
