"""Profiles: what is run is what the file says, narrowed by what was asked; mistakes name their field."""

import json
from pathlib import Path

import pytest

from flows.cells import Cell, cells_of, rows_of
from flows.load import PROFILES, load
from flows.profile import Profile
from flows.tables import GapTable
from isogloss.errors import InvalidInput


def cells(profile: Profile) -> list[Cell]:
    """The cells of all tables."""
    return cells_of(rows_of(profile))


PRINTED = Path(__file__).parents[3] / "report" / "paper.json"


@pytest.mark.parametrize("path", sorted(PROFILES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_profile_is_valid_and_says_its_name(path: Path) -> None:
    assert load(path.stem).name == path.stem


def test_the_paper_profile_has_the_values_that_table_5_selected() -> None:
    table5 = json.loads(PRINTED.read_text())["table5"]
    paper = load("paper")
    for task in ("ner", "pos", "xnli"):
        for name, languages in table5[task].items():
            chosen = paper.hyperparameters[task][name]
            for language, printed in languages.items():
                values = chosen.to_proto(language, 0.0)
                ours = {
                    "learning_rate": values.learning_rate,
                    "weight_decay": values.weight_decay,
                    "schedule": chosen.schedule,
                    "batch_size": values.batch_size,
                    "epochs": values.epochs,
                }
                assert ours == ours | {key: value for key, value in printed.items() if value is not None}


def test_the_paper_has_94_cells() -> None:
    """10 languages x 2 tasks x 2 inputs, 3 languages x 3 inputs, 15 seeds x 3 languages."""
    assert len(cells(load("paper"))) == 40 + 9 + 45


def test_tasks_and_languages_narrow_every_table() -> None:
    narrowed = load("paper", tasks=["pos"], languages=["eng", "kor"])
    assert list(narrowed.live) == ["table1"]
    table = narrowed.tables["table1"]
    assert (table.tasks, table.languages) == (["pos"], ["eng", "kor"])
    assert isinstance(table, GapTable)
    assert table.figure_task == "pos"
    assert table.plane_languages == ["eng", "kor"]


def test_without_the_reference_language_there_is_no_gap_to_measure() -> None:
    with pytest.raises(InvalidInput, match="nothing is left to run"):
        load("paper", languages=["swa", "urd"])
    assert list(load("paper", languages=["eng", "kor", "urd"]).live) == ["table1", "table2", "table3"]


def test_options_replace_fields_by_dotted_name() -> None:
    assert len(cells(load("paper", options={"table3.seeds": 2}, tables=["table3"]))) == 6


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"name": "nothing"}, "profile"),
        ({"name": "../paper"}, "profile"),
        ({"name": "paper", "tasks": ["parsing"]}, "tasks"),
        ({"name": "paper", "tasks": []}, "tasks"),
        ({"name": "paper", "languages": ["en"]}, "languages"),
        ({"name": "paper", "options": {"table9.seeds": 2}}, "table9"),
        ({"name": "paper", "tables": ["table9"]}, "tables"),
        ({"name": "./nowhere.yaml"}, "profile"),
        ({"name": "paper", "options": {"name.seeds": 2}}, "options"),
        ({"name": "paper", "options": {"table3.seeds": 0}}, "tables.table3.seeds"),
        ({"name": "paper", "options": {"gaps.unheard_of": 1}}, "gaps.unheard_of"),
        ({"name": "paper", "options": {"seeds": 0}}, "seeds"),
        ({"name": "sample", "options": {"gaps.layers": [2]}}, "gaps.layers"),
        ({"name": "paper", "options": {"gaps.layers": "all"}}, "gaps.layers"),
        (
            {"name": "sample", "options": {"regime": "zero_shot", "source_language": ["eng", "deu"]}},
            "source_language",
        ),
        ({"name": "paper", "options": {"table1.seeds": 101}}, "tables.table1.seeds"),
    ],
)
def test_a_mistake_names_its_field(arguments: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        load(**arguments)  # type: ignore[arg-type]
    assert raised.value.field == field
