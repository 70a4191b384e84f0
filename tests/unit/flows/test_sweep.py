"""Sweeps: what is tried, which points go on, and that the profile `paper` searches what Table 5 prints."""

import json
from pathlib import Path

import pytest

from flows.cells import Cell, cells_of, rows_of
from flows.load import load
from flows.profile import Profile
from flows.sweep import Grid, Sweep, Values
from isogloss.errors import InvalidInput


def cells(profile: Profile) -> list[Cell]:
    """The cells of all tables."""
    return cells_of(rows_of(profile))


TABLE5 = json.loads((Path(__file__).parents[3] / "report/paper.json").read_text())["table5"]


@pytest.mark.parametrize("task", ["xnli", "ner", "pos"])
def test_the_paper_profile_searches_the_grid_that_table_5_prints(task: str) -> None:
    assert load("paper").grids[task].model_dump() == TABLE5["search_space"][task]


def test_a_grid_is_every_combination_once() -> None:
    assert len(load("paper").grid("xnli")) == 5 * 4 * 2
    assert Grid(learning_rate=[0.1, 0.1], weight_decay=[0.0], schedule=["cosine"]).points() == [
        Values(0.1, 0.0, "cosine")
    ]


def test_the_pruned_grid_halves_40_points_on_growing_parts_of_the_data() -> None:
    sweep, points = Sweep(kind="pruned"), load("paper").grid("xnli")
    trained = []
    for fraction in sweep.rounds:
        trained.append((fraction, len(points)))
        points = sweep.survivors({point: point.learning_rate for point in points}, fraction)
    assert trained == [(0.1, 40), (0.3, 14), (1.0, 5)]
    assert [point.learning_rate for point in points] == [5e-5], "one is left, the best"
    assert sum(fraction * count for fraction, count in trained) < 40 / 2, "less than half of the grid's cost"


def test_of_equal_scores_the_first_point_wins() -> None:
    points = Grid(learning_rate=[0.3, 0.1, 0.2], weight_decay=[0.0], schedule=["cosine"]).points()
    assert Sweep(kind="grid").survivors(dict.fromkeys(points, 50.0), 1.0) == points[:1]


def test_a_sweep_searches_once_for_all_seeds_and_for_all_languages_of_a_shared_model() -> None:
    options = {"sweep": {"kind": "grid"}}
    paper = load("paper", options=options)
    assert len({cell.searched(0) for cell in cells(paper)}) == 40 + 9
    shared = load("paper", options=options | {"regime": "zero_shot"})
    assert len({cell.searched(0) for cell in cells(shared)}) == 4 + 3


def test_zero_shot_trains_on_english_alone() -> None:
    shared = load("paper", options={"regime": "zero_shot"})
    scored = cells(shared)
    assert len(scored) == 94
    assert {cell.training.language for cell in scored} == {"eng"}
    assert len({cell.training for cell in scored}) == 4 + 3 + 15
    assert shared.needed_splits("kor") == {"dev"}


@pytest.mark.parametrize(
    ("options", "field", "problem"),
    [
        ({"sweep.fractions": [0.3, 0.1]}, "sweep", "fractions must rise"),
        ({"sweep.kind": "random"}, "sweep.kind", "selected"),
        ({"sweep.kind": "grid", "grids": {}}, "grids.ner", "is missing"),
    ],
)
def test_a_mistake_names_its_field(options: dict[str, object], field: str, problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem) as raised:
        load("paper", options=options)
    assert raised.value.field == field


def test_zero_shot_without_its_source_language_is_refused() -> None:
    with pytest.raises(InvalidInput, match="Keep it among the languages"):
        load("paper", languages=["kor", "hin"], options={"regime": "zero_shot"})
