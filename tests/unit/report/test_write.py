"""The folder of a report, and `latest`."""

import json
import subprocess
import sys
from pathlib import Path

from report import RunRecord, publish, write_report

TABLES = ("table1", "table2", "table3", "data", "training")
BEHIND = ("numbers", "cells", "derived", "g2p", "failures")


def test_the_folder_is_whole(folder: Path, sample: RunRecord) -> None:
    assert RunRecord.from_json((folder / "run.json").read_bytes()) == sample
    assert json.loads((folder / "summary.json").read_text(encoding="utf-8"))[0]["table"] == "table1"
    expected = {f"{name}.{kind}" for name in TABLES for kind in ("csv", "json", "tex")}
    expected |= {f"{name}.{kind}" for name in BEHIND for kind in ("csv", "json")}
    assert {path.name for path in (folder / "tables").iterdir()} == expected
    pictures = [path.stem for path in (folder / "figures").glob("*.svg")]
    assert sorted(pictures) == sorted(path.stem for path in (folder / "figures").glob("*.png"))
    assert pictures


def test_an_empty_run_has_a_report_too(empty: RunRecord, tmp_path: Path) -> None:
    page = write_report(empty, tmp_path / "a" / "b")
    assert page == tmp_path / "a" / "b" / "index.html"
    assert "not run" in page.read_text(encoding="utf-8")


def test_latest_follows_the_newest(tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "index.html").write_text(name, encoding="utf-8")
        assert (publish(tmp_path / name) / "index.html").read_text(encoding="utf-8") == name
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first", "latest", "second"]


def test_filling_a_record_does_not_load_the_drawing_libraries() -> None:
    code = "import sys, report; print(*{'altair', 'vl_convert', 'jinja2', 'rich'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout.strip() == ""
