"""What stands in Tables 1 to 3, and how a figure is written."""

from dataclasses import replace

import pytest

from report import Cell, Number, RunRecord
from report.baselines import baselines
from report.inputs import dataset_lines, hyperparameter_lines
from report.tables import Column, grids, write, write_difference

SCORE = Column("eng", "English", "eng", "Score", 2)
P_VALUE = Column("spearman_p", "p", "p", "Spearman", None, compared=False)


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (87.126, 2, "87.13"),
        (-0.5, 3, "−0.500"),
        (30.0, 0, "30"),
        (3.5e-05, None, "3.5e−05"),
        (0.56, None, "0.560"),
        (0.0, None, "0.000"),
        (None, 2, "not run"),
    ],
)
def test_figures_are_written_with_the_papers_digits(
    value: float | None, digits: int | None, text: str
) -> None:
    assert write(value, digits) == text


@pytest.mark.parametrize(
    ("value", "paper", "text"),
    [(88.0, 87.13, "+0.87"), (87.0, 87.13, "−0.13"), (87.131, 87.13, "0"), (None, 1.0, "")],
)
def test_a_difference_is_ours_minus_the_papers(value: float | None, paper: float, text: str) -> None:
    number = Number("table1", "ner/phoneme", "eng", value, paper, "s3://b/m")
    assert write_difference(number, SCORE) == text


def test_p_values_are_not_subtracted() -> None:
    assert write_difference(Number("table3", "gap_vs_cka", "spearman_p", 0.1, 0.2, "s3://b/m"), P_VALUE) == ""


def test_every_cell_of_the_paper_is_there_even_if_nothing_was_run(empty: RunRecord) -> None:
    table1, table2, table3 = grids(empty)
    cell = table1.cell(table1.rows[0], table1.columns[0])
    assert (cell.value, cell.paper) == (None, 87.13)
    assert not any(grid.was_run(row) for grid in (table1, table2, table3) for row in grid.rows)


def test_a_language_that_the_paper_lacks_comes_after_the_papers(empty: RunRecord) -> None:
    numbers = (Number("table2", "phoneme", "kor", 55.0, None, "s3://b/m"),)
    _, table2, _ = grids(replace(empty, numbers=numbers, languages=("kor",)))
    assert [c.key for c in table2.columns if "_" not in c.key] == ["eng", "swa", "urd", "kor"]


def test_baselines_stand_under_their_task(empty: RunRecord) -> None:
    cell = Cell("pos", "phoneme", "eng", 0, 90.0, majority=17.2, lexicon=82.0)
    record = replace(empty, cells=(cell,))
    lines = baselines(record, grids(record)[0])
    assert [(line.title, line.group, line.values["eng"]) for line in lines] == [
        ("Majority", "Part-of-speech tagging", 17.2),
        ("Lexicon", "Part-of-speech tagging", 82.0),
    ]


def test_table_4_sets_the_papers_sizes_beside_ours(full: RunRecord) -> None:
    line = next(
        line for line in dataset_lines(full) if line.ours.corpus == "ud" and line.ours.language == "hun"
    )
    assert line.paper
    assert (line.ours.train, line.paper.train) == (12_544, 900)


def test_table_5_groups_languages_by_value(full: RunRecord) -> None:
    lines = {(line.task, line.input, line.name): line for line in hyperparameter_lines(full)}
    line = lines["xnli", "character", "learning_rate"]
    assert (line.ours, line.paper) == ("5e-05", "5e-06 (English), 1e-05 (Swahili, Urdu)")
    assert lines["pos", "character", "weight_decay"].paper == "not printed"
