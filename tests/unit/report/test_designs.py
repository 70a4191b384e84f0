"""Designs beside the paper's: transfer from several languages as a matrix, and CKA by layer as a figure."""

import itertools
from dataclasses import replace

import pytest

from report import RunRecord
from report.figures.layers import layer_figures
from report.figures.transfer import transfer_figures
from report.page import render_page
from report.record import Interval, Number, layer_name
from report.tables import grids

URI = "s3://b/m"
CODES = {"eng": "English", "kor": "Korean", "hin": "Hindi"}


@pytest.fixture
def transferred(empty: RunRecord) -> RunRecord:
    """POS by phonemes, trained on two languages and tested on three."""
    scores = tuple(
        Number(
            "score",
            90.0 if source == code else 40.0 + place,
            f"{URI}/{source}",
            "table1",
            "pos",
            "phoneme",
            (code,),
            trained_on=source,
            interval=Interval(30, 95),
        )
        for place, (source, code) in enumerate(itertools.product(("eng", "kor"), CODES))
    )
    return replace(empty, regime="zero_shot", languages=CODES, numbers=scores)


@pytest.fixture
def layered(empty: RunRecord) -> RunRecord:
    """Mean CKA of the embeddings (the paper's reading) and of two layers."""
    of = ("table1", "pos", "phoneme")
    return replace(
        empty,
        languages=CODES,
        numbers=tuple(
            Number(measure, 0.1 * (layer + 1), URI, *of, reading=layer_name(layer) if layer else "")
            for measure in ("mean_cka_debiased", "mean_cka_residual")
            for layer in range(3)
        ),
    )


def drawn(figure: object) -> list[dict[str, object]]:
    return [row for data in figure.chart.to_dict()["datasets"].values() for row in data]  # type: ignore[attr-defined]


def test_a_row_of_the_table_names_the_language_that_was_trained_on(transferred: RunRecord) -> None:
    (grid,) = grids(transferred)
    assert [row.key for row in grid.rows] == ["pos/phoneme/from eng", "pos/phoneme/from kor"]
    assert [row.title for row in grid.rows] == ["Phonemes, from English", "Phonemes, from Korean"]
    values = [grid.entries[grid.rows[1], column].value for column in grid.columns]
    assert values == [43.0, 90.0, 45.0]


def test_the_matrix_has_a_row_for_each_source_and_a_column_for_each_language(transferred: RunRecord) -> None:
    (figure,) = transfer_figures(transferred)
    figure.chart.to_dict(validate=True)
    cells = {(row["trained"], row["tested"]): row["value"] for row in drawn(figure)}
    assert cells["Korean", "Hindi"] == 45.0
    assert len(cells) == 6
    assert figure.alt == (
        "Heat maps of scores. Phonemes: in language 90.0 to 90.0, from another language 41.0 to 45.0."
    )


def test_without_several_sources_there_is_no_matrix(full: RunRecord) -> None:
    assert transfer_figures(full) == []
    assert layer_figures(full) == []


def test_cka_by_layer_begins_with_the_embeddings(layered: RunRecord) -> None:
    (figure,) = layer_figures(layered)
    figure.chart.to_dict(validate=True)
    marks = {(row["measure"], row["layer"]): row["value"] for row in drawn(figure)}
    assert marks["debiased", 0] == pytest.approx(0.1)
    assert marks["debiased, sentence length regressed out", 2] == pytest.approx(0.3)
    assert figure.alt == "Lines of CKA by layer. Phonemes: 0 0.10, 1 0.20, 2 0.30."


def test_both_pages_can_be_drawn(transferred: RunRecord, layered: RunRecord) -> None:
    assert "Phonemes, from Korean" in render_page(transferred, [])
    assert "debiased, layer 2, sentence length regressed out" in render_page(layered, [])
