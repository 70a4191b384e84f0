"""A record survives its file, and refuses what no table has a place for."""

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from report import Cell, Interval, Number, RunRecord
from report.record import COLUMNS, ROWS, Table

TABLES: list[Table] = ["table1", "table2", "table3"]
finite = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def numbers(draw: st.DrawFn) -> Number:
    table = draw(st.sampled_from(TABLES))
    languages = {"table1": ["eng", "kor"], "table2": ["eng", "swa_rpd", "urd_abs"], "table3": []}[table]
    ends = sorted(draw(st.tuples(finite, finite)))
    return Number(
        table,
        draw(st.sampled_from(ROWS[table])),
        draw(st.sampled_from([*COLUMNS[table], *languages])),
        draw(st.none() | finite),
        draw(st.none() | finite),
        "s3://bucket/kind/key/manifest.json",
        note=draw(st.text()),
        interval=draw(st.none() | st.just(Interval(ends[0], ends[1]))),
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
        ({"row": "ner/subword"}, "row: table1 has no row 'ner/subword'; its rows are ner/character"),
        ({"column": "median"}, "column: table1 has no column 'median'"),
        ({"manifest": ""}, "manifest: table1 ner/phoneme eng has a value but no s3:// URI"),
        ({"value": math.nan}, "finite number"),
        ({"table": "table4"}, "table"),
    ],
)
def test_a_number_without_a_place_is_refused(changes: dict[str, Any], message: str) -> None:
    fields: dict[str, Any] = {
        "table": "table1",
        "row": "ner/phoneme",
        "column": "eng",
        "value": 1.0,
        "manifest": "s3://b/m",
    }
    with pytest.raises(ValueError, match=message):
        Number(**(fields | changes))


def test_a_number_that_was_not_run_needs_no_manifest() -> None:
    assert Number("table1", "ner/phoneme", "eng", None).value is None


def test_the_same_place_twice_is_refused(empty: RunRecord) -> None:
    number = Number("table3", "gap_vs_cka", "n", 30, manifest="s3://b/m")
    with pytest.raises(ValueError, match="table3 gap_vs_cka n is given twice"):
        replace(empty, numbers=(number, number))


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
