"""Figures: valid charts, well-formed pictures, names that people read."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from report import RunRecord
from report.figures import RenderedFigure, draw_figures
from report.figures.correlation import correlation_figures
from report.figures.figure import Figure
from report.figures.linguistic_gap import linguistic_gap_figures
from report.figures.pair_gap import pair_gap_figures
from report.figures.scores import score_figures
from report.figures.training import POINTS_PER_LINE, thin, training_figures
from report.record import Cell, Number
from report.tables import reported_cells

Maker = Callable[[RunRecord], list[Figure]]
MAKERS: list[Maker] = [
    correlation_figures,
    linguistic_gap_figures,
    score_figures,
    training_figures,
    pair_gap_figures,
]


@pytest.fixture(scope="module")
def drawn(sample: RunRecord) -> list[RenderedFigure]:
    return draw_figures(sample)


@pytest.mark.parametrize("maker", MAKERS)
def test_charts_are_valid_vega_lite(sample: RunRecord, maker: Maker) -> None:
    figures = maker(sample)
    assert figures
    for figure in figures:
        figure.chart.to_dict(validate=True)
        assert figure.alt.endswith(".")


def test_nothing_is_drawn_of_nothing(empty: RunRecord) -> None:
    assert draw_figures(empty) == []


def test_pictures_are_whole(drawn: Sequence[RenderedFigure]) -> None:
    names = [figure.name for figure in drawn]
    assert len(names) == len(set(names))
    assert {
        "figure2-table1-ner",
        "figure3-table2-xnli",
        "scatter-table3",
        "scores-table1-ner",
        "loss-xnli",
    } <= set(names)
    for figure in drawn:
        ElementTree.fromstring(figure.svg)
        root = ElementTree.fromstring(figure.inline)
        assert root.get("role") == "img"
        assert root.get("aria-label")
        assert figure.png.startswith(b"\x89PNG")


def test_labels_are_names_and_not_codes(drawn: Sequence[RenderedFigure]) -> None:
    for figure in drawn:
        labels = re.findall(r"<text[^>]*>([^<]+)</text>", figure.svg)
        assert not {"eng", "rus", "kor", "hin", "swa", "urd"} & set(labels)
    heat_map = next(figure for figure in drawn if figure.name == "figure2-table1-ner")
    assert "Korean" in heat_map.svg


def test_characters_lie_above_the_diagonal_and_phonemes_below(sample: RunRecord) -> None:
    figure = next(f for f in linguistic_gap_figures(sample) if f.name == "figure2-table1-pos-debiased")
    order = ["English", "Russian", "Korean", "Hindi"]
    cells = [cell for data in figure.chart.to_dict()["datasets"].values() for cell in data]
    assert len(cells) == 12
    for cell in cells:
        above = order.index(cell["column"]) > order.index(cell["row"])
        assert ("character" in cell["label"]) == above


def test_the_many_seeds_of_table_3_stay_out_of_the_scores(empty: RunRecord) -> None:
    of_table2, of_table3 = (
        Cell(
            "xnli",
            "phoneme",
            "eng",
            0,
            score,
            manifest=f"s3://b/{name}/manifest.json",
            train_fraction=fraction,
        )
        for name, score, fraction in (("whole", 60.0, 1.0), ("tenth", 40.0, 0.1))
    )
    number = Number("score", 60.0, of_table2.manifest, "table2", "xnli", "phoneme", ("eng",))
    record = replace(empty, cells=(of_table2, of_table3))
    assert reported_cells(replace(record, numbers=(number,))) == [of_table2]
    assert reported_cells(record) == [of_table2]


def test_thinning_keeps_the_ends() -> None:
    points = tuple(range(1000))
    kept = thin(points)
    assert len(kept) == POINTS_PER_LINE
    assert (kept[0], kept[-1]) == (0, 999)
    assert thin(points[:50]) == points[:50]
