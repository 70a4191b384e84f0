"""The page in a real browser: it passes axe's accessibility rules, no script of it fails, nothing is cut off.

Scripts run inside the page and write what they find into its own DOM for `--dump-dom`: no driver is needed.
"""

import html
import json
import re
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from report import RunRecord, write_comparison
from report.page import render_page

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
CATCH = (
    """<script>addEventListener("error", e => document.documentElement.dataset.error = e.message);</script>"""
)
FOUND = "document.documentElement.dataset.found = JSON.stringify"
# What is inside a picture is hidden from assistive technology by its role, and has thousands of marks; the
# rows of a long table are alike. Both are taken away, since axe measures what it is told to leave out, too.
ALIKE = "figure svg > *, tbody tr:nth-child(n + 25)"
AXE = f"""document.querySelectorAll("{ALIKE}").forEach(element => element.remove());
axe.run(document, OPTIONS).then(found => {FOUND}(
  found.violations.map(v => [v.id, v.help, v.nodes[0].html.slice(0, 120)])));"""
# With everything unfolded: regions that must be scrolled sideways, and text smaller than 11 pixels.
CUT_OFF = f"""addEventListener("load", () => {{
  document.querySelectorAll("details").forEach(fold => fold.open = true);
  const wide = [document.documentElement, ...document.querySelectorAll(".scroll")]
    .filter(region => region.scrollWidth > region.clientWidth + 1)
    .map(region => region.getAttribute("aria-label") ?? region.tagName);
  const small = [...document.querySelectorAll("main *")]
    .filter(e => !e.closest("svg") && e.offsetWidth && parseFloat(getComputedStyle(e).fontSize) < 11
      && [...e.childNodes].some(node => node.nodeType === 3 && node.textContent.trim()))
    .map(e => e.outerHTML.slice(0, 80));
  {FOUND}([...wide, ...small]);
}});"""
# Table 4's button that sorts by test sentences is reached by keyboard and pressed twice: up, then down.
SORT = f"""addEventListener("load", () => {{
  const table = document.querySelector("#data table.sortable");
  const button = table.querySelector("thead th:nth-child(5) button");
  const values = () => [...table.tBodies[0].rows].map(row => Number(row.cells[4].dataset.sort));
  button.focus();
  const reached = document.activeElement === button && button.tabIndex === 0;
  const seen = [];
  for (let press = 0; press < 2; press++) {{
    button.click();  // what a browser makes of Enter and of the space bar on a button
    seen.push([button.closest("th").getAttribute("aria-sort"), values()]);
  }}
  {FOUND}({{reached, seen}});
}});"""

# The derived figures by what is printed: decimals and exponents of all sizes, as text alone.
SORT_DECIMALS = f"""addEventListener("load", () => {{
  const table = document.querySelector("#paper table.sortable");
  table.querySelectorAll("td").forEach(cell => delete cell.dataset.sort);
  table.querySelector("thead th:nth-child(4) button").click();
  {FOUND}([...table.tBodies[0].rows].map(row => row.cells[3].textContent.trim()));
}});"""
# The first number of the claims is chosen; its dialog begins with its value.
DIALOG = f"""addEventListener("load", () => {{
  document.querySelector("a.value").click();
  const dialog = document.getElementById("number"), value = dialog.querySelector("dd");
  const place = value.getBoundingClientRect(), frame = dialog.getBoundingClientRect();
  {FOUND}([dialog.open, dialog.scrollTop, place.top >= frame.top && place.bottom <= frame.bottom]);
}});"""
# No row head breaks inside a word: its widest word fits.
HEADS = f"""addEventListener("load", () => {{
  document.querySelectorAll("details").forEach(fold => fold.open = true);
  {FOUND}([...document.querySelectorAll("tbody th[scope=row]")].filter(head => head.offsetWidth
    && head.scrollWidth > head.clientWidth + 1).map(head => head.textContent));
}});"""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium on PATH")


def answer(page: str, folder: Path, script: str, width: int = 1440, dark: bool = False) -> Any:
    """What the script finds in the page in a window of that width; fails when a script of the page does."""
    page = page.replace("<head>", f"<head>{CATCH}", 1).replace("</body>", f"<script>{script}</script></body>")
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
        f"--window-size={width},900",
        f"--blink-settings=preferredColorScheme={0 if dark else 1}",
    ]
    dom = subprocess.run(
        [str(CHROMIUM), *switches, "--virtual-time-budget=60000", "--dump-dom", path.as_uri()],
        check=True,
        capture_output=True,
        text=True,
        timeout=240,
    ).stdout
    root = re.search(r"<html[^>]*>", dom)
    assert root
    assert "data-error" not in root.group()
    marked = re.search('data-found="([^"]*)"', root.group())
    assert marked, "the script did not finish"
    return json.loads(html.unescape(marked.group(1)))


def violations(page: str, folder: Path, dark: bool = False) -> list[list[str]]:
    """Rule, help and first offender of each of axe's findings."""
    axe = pytest.importorskip("axe_core_python", reason="needs axe-core-python")
    source = files(axe).joinpath("axe.min.js").read_text(encoding="utf-8")
    # Darkness changes colors alone.
    options = {"resultTypes": ["violations"]} | ({"runOnly": ["color-contrast"]} if dark else {})
    script = AXE.replace("OPTIONS", json.dumps(options))
    found: list[list[str]] = answer(page, folder, f"{source}</script><script>{script}", dark=dark)
    return found


def test_a_report_passes_axe(folder: Path, tmp_path: Path) -> None:
    assert violations((folder / "index.html").read_text(encoding="utf-8"), tmp_path) == []


@pytest.mark.parametrize("which", ["full", "empty"])
def test_intervals_verdicts_and_gaps_pass_axe(
    which: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    assert violations(render_page(request.getfixturevalue(which), []), tmp_path) == []


def test_the_dark_page_passes_axe(full: RunRecord, tmp_path: Path) -> None:
    assert violations(render_page(full, []), tmp_path, dark=True) == []


def test_decimals_sort_as_numbers(full: RunRecord, tmp_path: Path) -> None:
    found = answer(render_page(full, []), tmp_path, SORT_DECIMALS)
    assert found == ["2.1e-06", "0.0259", "0.56", "1", "3.52"]


def test_a_numbers_dialog_begins_with_its_value(full: RunRecord, tmp_path: Path) -> None:
    assert answer(render_page(full, []), tmp_path, DIALOG) == [True, 0, True]


def test_row_heads_do_not_break_inside_words_on_a_telephone(full: RunRecord, tmp_path: Path) -> None:
    assert answer(render_page(full, []), tmp_path, HEADS, 500) == []


def test_a_comparison_passes_axe(sample: RunRecord, full: RunRecord, tmp_path: Path) -> None:
    page = write_comparison(sample, full, tmp_path / "comparison.html").read_text(encoding="utf-8")
    assert violations(page, tmp_path) == []


def test_a_page_that_axe_must_refuse_is_refused(tmp_path: Path) -> None:
    page = '<!doctype html><html><head></head><body><img src="x"></body></html>'
    assert {rule for rule, *_ in violations(page, tmp_path)} >= {"image-alt", "html-has-lang"}


@pytest.mark.parametrize("width", [800, 1440])
def test_nothing_is_cut_off_or_tiny(full: RunRecord, tmp_path: Path, width: int) -> None:
    assert answer(render_page(full, []), tmp_path, CUT_OFF, width) == []


def test_a_table_that_is_too_wide_is_noticed(full: RunRecord, tmp_path: Path) -> None:
    page = render_page(full, []).replace("Theorem C.2, term by term</h2>", "x" * 400 + "</h2>")
    assert answer(page, tmp_path, CUT_OFF, 800) == ["HTML"]


def test_tables_sort_by_keyboard(full: RunRecord, tmp_path: Path) -> None:
    found = answer(render_page(full, []), tmp_path, SORT)
    assert found["reached"]
    (up, rising), (down, falling) = found["seen"]
    assert (up, down) == ("ascending", "descending")
    assert rising == sorted(rising)
    assert falling == sorted(rising, reverse=True)
    assert len(set(rising)) > 1
