"""What stands in Tables 1 to 3, and how a figure is written."""

from dataclasses import replace

import pytest

from report import RunRecord
from report.baselines import baselines
from report.inputs import dataset_lines, hyperparameter_lines
from report.record import MEASURES, Cell, Number, Table
from report.tables import Column, Entry, grids, write, write_difference

SCORE = Column(MEASURES["score"], "eng", "English", "eng", "Score, %")
P_VALUE = Column(MEASURES["spearman_p"], "", "p", "p", "Spearman")


def score(value: float, task: str = "pos", name: str = "phoneme", code: str = "eng") -> Number:
    return Number("score", value, "s3://b/m", "table1", task, name, (code,))


def entry(value: float | None, paper: float | None) -> Entry:
    return Entry(None if value is None else score(value), paper)


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
    assert write_difference(entry(value, paper), SCORE) == text


def test_p_values_are_not_subtracted() -> None:
    assert write_difference(entry(0.1, 0.2), P_VALUE) == ""


def test_tables_are_made_of_what_was_run(empty: RunRecord, others: RunRecord) -> None:
    assert grids(empty) == []
    (table1,) = grids(others)
    assert (table1.number, table1.title) == (1, "Topic of a text by language")
    assert [column.key for column in table1.columns] == ["deu", "nld", "ces", "pol", "tam", "std", "mean_rpd"]
    assert [row.title for row in table1.rows] == ["Romanized by uroman"]
    assert all(entry.paper is None for entry in table1.entries.values())


def test_a_language_that_the_paper_lacks_has_no_figure_of_the_paper(empty: RunRecord) -> None:
    names = {"kor": "Korean", "eng": "English", "deu": "German"}
    numbers = tuple(score(90.0, code=code) for code in names)
    (table1,) = grids(replace(empty, numbers=numbers, languages=names))
    papers = [table1.entries[table1.rows[0], column].paper for column in table1.columns]
    assert [column.key for column in table1.columns] == ["kor", "eng", "deu"]
    assert papers == [85.82, 95.94, None]


def test_gaps_from_another_language_are_not_the_papers(full: RunRecord) -> None:
    _, table2, _ = grids(replace(full, tables={**full.tables, "table2": Table(reference="swa")}))
    assert all(entry.paper is None for entry in table2.entries.values())


def test_without_the_paper_as_reference_none_of_its_figures_is_shown(full: RunRecord) -> None:
    for grid in grids(replace(full, reference="")):
        assert all(entry.paper is None for entry in grid.entries.values())


def test_baselines_stand_under_their_task(empty: RunRecord) -> None:
    cell = Cell("pos", "phoneme", "eng", 0, 90.0, majority=17.2, lexicon=82.0)
    record = replace(empty, cells=(cell,), numbers=(score(90.0),))
    lines = baselines(record, grids(record)[0])
    assert [(line.title, line.task, line.values["eng"]) for line in lines] == [
        ("Majority", "pos", 17.2),
        ("Lexicon", "pos", 82.0),
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
