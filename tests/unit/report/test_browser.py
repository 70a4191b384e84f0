"""The page in a real browser: it passes axe's accessibility rules, and no script of it fails.

axe runs inside the page, which writes what it found into its own DOM for `--dump-dom`: no driver is needed.
"""

import html
import json
import re
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest

from flows.report import RunRecord, write_comparison
from flows.report.page import render_page

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
CATCH = (
    """<script>addEventListener("error", e => document.documentElement.dataset.error = e.message);</script>"""
)
# What is inside a picture is hidden from assistive technology by its role, and has thousands of marks.
RUN = """<script>
axe.run({exclude: [["figure svg > *"]]}).then(found => document.documentElement.dataset.found =
  JSON.stringify(
  found.violations.map(v => [v.id, v.help, v.nodes[0].html.slice(0, 120)])));</script>"""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium on PATH")


def violations(page: str, folder: Path) -> list[list[str]]:
    """Rule, help and first offender of each of axe's findings; fails when a script of the page does."""
    axe = pytest.importorskip("axe_core_python", reason="needs axe-core-python")
    source = files(axe).joinpath("axe.min.js").read_text(encoding="utf-8")
    page = page.replace("<head>", f"<head>{CATCH}", 1)
    page = page.replace("</body>", f"<script>{source}</script>{RUN}</body>")
    path = folder / "page.html"
    path.write_text(page, encoding="utf-8")
    switches = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        f"--user-data-dir={folder}",
        "--window-size=1440,900",
    ]
    found = subprocess.run(
        [str(CHROMIUM), *switches, "--virtual-time-budget=60000", "--dump-dom", path.as_uri()],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    ).stdout
    root = re.search(r"<html[^>]*>", found)
    assert root
    assert "data-error" not in root.group()
    marked = re.search('data-found="([^"]*)"', root.group())
    assert marked, "axe did not finish"
    result: list[list[str]] = json.loads(html.unescape(marked.group(1)))
    return result


def test_a_report_passes_axe(folder: Path, tmp_path: Path) -> None:
    assert violations((folder / "index.html").read_text(encoding="utf-8"), tmp_path) == []


@pytest.mark.parametrize("which", ["full", "empty"])
def test_intervals_verdicts_and_gaps_pass_axe(
    which: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    assert violations(render_page(request.getfixturevalue(which), []), tmp_path) == []


def test_a_comparison_passes_axe(sample: RunRecord, full: RunRecord, tmp_path: Path) -> None:
    page = write_comparison(sample, full, tmp_path / "comparison.html").read_text(encoding="utf-8")
    assert violations(page, tmp_path) == []


def test_a_page_that_axe_must_refuse_is_refused(tmp_path: Path) -> None:
    page = '<!doctype html><html><head></head><body><img src="x"></body></html>'
    assert {rule for rule, *_ in violations(page, tmp_path)} >= {"image-alt", "html-has-lang"}
