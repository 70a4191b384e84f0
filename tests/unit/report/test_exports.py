"""The files for machines and for papers say the same as the page."""

import csv
import io
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from report import RunRecord
from report.exports import summary, table_files
from report.latex import escape, latex_files
from report.tables import grids


def test_the_summary_has_one_record_per_number(sample: RunRecord) -> None:
    lines = list(summary(sample))
    places = [(line["table"], line["row"], line["column"]) for line in lines]
    assert len(places) == len(set(places))
    scores = {line["row"] + " " + line["column"]: line for line in lines}
    for number in sample.select("score"):
        line = scores[f"{number.task}/{number.input} {number.languages[0]}"]
        assert (line["value"], line["manifest"], line["reason"]) == (number.value, number.manifest, "")


def test_a_figure_that_is_missing_says_why(others: RunRecord) -> None:
    reasons = {line["column"]: line["reason"] for line in summary(others) if line["value"] is None}
    assert reasons["tam"] == "failed: loss is not finite"
    assert reasons["std"] == "n/a: scores: two scores are 0"


def test_csv_and_json_of_a_table_agree(full: RunRecord) -> None:
    files = table_files(full)
    tables = [
        "table1",
        "table2",
        "table3",
        "data",
        "training",
        "numbers",
        "cells",
        "derived",
        "g2p",
        "failures",
    ]
    assert set(files) == {f"{name}.{kind}" for name in tables for kind in ("csv", "json")}
    for name in tables:
        from_json = json.loads(files[f"{name}.json"])
        from_csv = list(csv.DictReader(io.StringIO(files[f"{name}.csv"])))
        assert len(from_json) == len(from_csv)
        if name == "failures":
            continue
        assert list(from_json[0]) == list(from_csv[0])


def test_an_empty_run_has_whole_files(empty: RunRecord) -> None:
    for name, text in table_files(empty).items():
        if name.endswith(".json"):
            json.loads(text)


def test_latex_escapes_what_latex_would_read() -> None:
    assert escape("50% of a_b & {c} −1 ρ") == r"50\% of a\_b \& \{c\} $-$1 $\rho$"


@pytest.mark.parametrize("name", ["table1", "table2", "table3", "data", "training"])
def test_latex_rows_have_as_many_cells_as_columns(full: RunRecord, name: str) -> None:
    text = latex_files(full)[f"{name}.tex"]
    layout = re.search(r"begin\{tabular\}\{(.+)\}$", text, re.MULTILINE)
    assert layout
    columns = len(re.sub(r"\{.*?\}", "", layout.group(1)))
    rows = [line for line in text.splitlines() if line.endswith(r"\\") and "multicolumn" not in line]
    assert len(rows) > 3
    for row in rows:
        assert len(re.split(r"(?<!\\)&", row)) == columns, row
    assert text.count(r"\begin") == text.count(r"\end")
    assert text.isascii(), "pdflatex knows no other symbols without packages"


def test_latex_holds_every_value(full: RunRecord) -> None:
    table3 = grids(full)[2]
    text = latex_files(full)["table3.tex"]
    for row in table3.rows:
        value, interval = (entry := table3.entries[row, table3.columns[0]]).value, entry.interval
        assert value is not None
        assert f"{value:.3f}".replace("-", "$-$") in text
        assert interval
        for end in (interval.low, interval.high):
            assert rf"\scriptsize {end:.3f}".replace("-", "$-$") in text


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex on PATH")
def test_latex_compiles_and_fits_the_page(full: RunRecord, tmp_path: Path) -> None:
    tables = "".join(latex_files(full).values())
    (tmp_path / "all.tex").write_text(
        r"\documentclass[twocolumn]{article}\usepackage[margin=2cm]{geometry}\usepackage{booktabs}"
        rf"\begin{{document}}{tables}\end{{document}}",
        encoding="utf-8",
    )
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
    log = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    assert "Overfull" not in log
