"""`isogloss report`: a run drawn anew, and two runs beside each other."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from report import RunRecord
from report.record import Interval, Number
from tests.conftest import ROOT
from tests.unit.report import invented


def record(run_id: str, value: float) -> RunRecord:
    bounds = Interval(value - 1, value + 1, method="bootstrap over items")
    number = Number("score", value, "s3://b/m", "table1", "pos", "phoneme", ("eng",), interval=bounds)
    return replace(invented.empty(), run_id=run_id, numbers=(number,))


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """Two runs' records, where the command looks for them."""
    for name, value in (("first", 90.0), ("second", 88.0)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.json").write_text(record(name, value).to_json(), encoding="utf-8")
    return tmp_path


def report(reports: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """`isogloss report` in a process of its own."""
    command = [sys.executable, "-m", "isogloss.cli", "report", *map(str, arguments)]
    env = os.environ | {"ISOGLOSS_REPORTS_DIR": str(reports)}
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=env, timeout=60, check=False)


def test_two_runs_by_name_and_by_path(reports: Path) -> None:
    done = report(reports, "--compare", "first", reports / "second" / "run.json")
    assert done.returncode == 0, done.stderr
    (line,) = (line for line in done.stdout.splitlines() if "pos/phoneme" in line)
    assert line.split()[-6:] == ["90.00", "88.00", "−2.00", "−3.41", "to", "−0.59"]


def test_a_comparison_as_a_page(reports: Path) -> None:
    page = reports / "difference.html"
    done = report(reports, "--compare", "first", "second", "--out", page)
    assert done.stdout.splitlines()[-1] == str(page)
    assert "<b>−2.00</b>" in page.read_text(encoding="utf-8")


def test_a_report_is_drawn_anew(reports: Path) -> None:
    done = report(reports, "first")
    assert done.stdout.strip() == str(reports / "first" / "index.html"), done.stderr
    assert "90.00" in (reports / "first" / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["absent"], "no report 'absent'"),
        (["second", "--compare", "first", "second"], "Give two runs after --compare"),
        (["first", "--out", "page.html"], "Add --compare"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(arguments: list[str], said: str, reports: Path) -> None:
    done = report(reports, *arguments)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_record_of_another_form_is_refused(reports: Path) -> None:
    (reports / "first" / "run.json").write_text('{"run_id": 1}', encoding="utf-8")
    done = report(reports, "first")
    assert done.returncode == 1
    assert "run.json" in done.stderr
    assert "a record of format 1" in done.stderr
