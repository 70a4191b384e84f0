"""Write a report's folder, and point `latest` at it."""

import os
from pathlib import Path

from report.atlas import atlas_files, render_atlas
from report.compare import compare
from report.exports import summary, table_files, to_json
from report.figures import draw_figures
from report.latex import latex_files
from report.page import render_comparison, render_page
from report.record import RunRecord

LATEST = "latest"
ATLAS = "atlas.html"
"""The atlas's page where tables of scores stand on `index.html`; alone, it is the report."""


def write_report(record: RunRecord, directory: Path) -> Path:
    """Write all of a run's report under `directory`, which is made, and return the path of its `index.html`.

    Beside it: `summary.json`, `run.json` (the record), `tables/` (CSV, JSON, LaTeX), `figures/` (SVG, PNG).
    The page is written last: where there is one, the rest is whole.
    """
    figures = draw_figures(record)

    (directory / "tables").mkdir(parents=True, exist_ok=True)
    (directory / "figures").mkdir(exist_ok=True)
    for name, text in (table_files(record) | latex_files(record)).items():
        (directory / "tables" / name).write_text(text, encoding="utf-8")
    for figure in figures:
        (directory / "figures" / f"{figure.name}.svg").write_text(figure.svg, encoding="utf-8")
        (directory / "figures" / f"{figure.name}.png").write_bytes(figure.png)
    (directory / "run.json").write_text(record.to_json(), encoding="utf-8")
    (directory / "summary.json").write_text(to_json(summary(record)), encoding="utf-8")

    for name, text in atlas_files(record).items():
        (directory / name).write_text(text, encoding="utf-8")
    page = directory / "index.html"
    if record.atlases:
        atlas = page if not record.tables else directory / ATLAS
        atlas.write_text(render_atlas(record), encoding="utf-8")
    if record.tables or not record.atlases:
        page.write_text(render_page(record, figures), encoding="utf-8")
    return page


def publish(directory: Path) -> Path:
    """Point `latest`, beside `directory`, at it; readers see the old report or the new one."""
    link = directory.parent / LATEST
    new = directory.parent / f".{LATEST}.{os.getpid()}"
    new.unlink(missing_ok=True)
    new.symlink_to(directory.name, target_is_directory=True)
    new.replace(link)
    return link


def write_comparison(first: RunRecord, second: RunRecord, path: Path) -> Path:
    """Write two runs' differences as one self-contained HTML file and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render_comparison(compare(first, second)), encoding="utf-8")
    return path
