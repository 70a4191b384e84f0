"""The end of a run: the report on disk and in the store, and its tables and figures in Prefect's UI."""

import base64
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)

import report
from flows.intake import store_document
from flows.run import Run
from isogloss.artifacts import HTML, JSON
from report.tables import Column, Entry, Grid, grids, write, write_entry

_FIGURES = {"figure2": "Figure 2: linguistic gaps", "figure3": "Figure 3: gaps by pair of languages"}


def progress_bar(profile: str) -> Callable[[float], None]:
    """A progress artifact of this flow run; the function that is returned sets its percentage."""
    artifact: Any = create_progress_artifact(
        progress=0.0, key=f"progress-{profile}", description=f"Steps of the run `{profile}`"
    )

    def tell(percent: float) -> None:
        update_progress_artifact(artifact_id=artifact, progress=min(percent, 100.0))

    return tell


def publish_report(run: Run, record: report.RunRecord) -> tuple[Path, str]:
    """Write the report; returns its `index.html` and the tables as text for a terminal."""
    record = report.with_manifests(record, run.store)
    folder = run.config.reports_dir / record.run_id
    index = report.write_report(record, folder)
    report.publish(folder)
    stored = store_document(run, "report", "index.html", index.read_bytes(), HTML)
    store_document(run, "record", "run.json", record.to_json().encode(), JSON)
    _show_in_prefect(record, index.resolve(), stored)
    return index, report.console_tables(record) + report.atlas_lines(record)


def _show_in_prefect(record: report.RunRecord, index: Path, stored: str) -> None:
    """Prefect's artifacts: a table and a figure each, and where the report is."""
    for grid in grids(record):
        rows = _as_rows(grid)
        if rows:
            create_table_artifact(
                key=_key(f"{grid.table}-{record.profile}"),
                table=rows,
                description=f"Table {grid.number}: {grid.title}. In brackets, what the paper prints.",
            )
    for name, title in _FIGURES.items():
        pictures = sorted((index.parent / "figures").glob(f"{name}*.svg"), key=lambda path: path.stem)
        if pictures:
            create_markdown_artifact(
                key=_key(f"{name}-{record.profile}"),
                markdown="\n\n".join(map(_picture, pictures)),
                description=title,
            )
    create_markdown_artifact(
        key=_key(f"report-{record.profile}"),
        markdown=_summary(record, index, stored),
        description="Where the report is, and what to know before reading it",
    )


def _key(name: str) -> str:
    """A name as Prefect's artifacts have them: small letters, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _picture(svg: Path) -> str:
    """Markdown with the picture inside: an image artifact prints its URL over the page, and ours is long."""
    return f"![{svg.stem}](data:image/svg+xml;base64,{base64.b64encode(svg.read_bytes()).decode()})"


def _summary(record: report.RunRecord, index: Path, stored: str) -> str:
    """Markdown: a browser opens no file:// link from a web page, so the paths are for copying."""
    lines = [f"# Profile `{record.profile}`", record.banner]
    lines += ["## Report", f"On the machine that ran the flow: `{index}`", f"In the store: `{stored}`"]
    lines += [f"Again: `{record.command}`"]
    lines += ["## Notes", "\n".join(f"- {note}" for note in record.notes)] if record.notes else []
    return "\n\n".join(line for line in lines if line)


def _as_rows(grid: Grid) -> list[dict[str, str]]:
    """The rows, ours with the paper's in brackets."""
    columns = list(grid.columns)
    several = len({row.group for row in grid.rows}) > 1
    return [
        {grid.stub: f"{row.group}, {row.title.lower()}" if several else row.title}
        | {_heading(column, columns): _figure(grid.entries[row, column], column) for column in columns}
        for row in grid.rows
    ]


def _heading(column: Column, columns: list[Column]) -> str:
    """A column's short title; with its group where another column has the same."""
    twins = [other for other in columns if other.short == column.short]
    return column.short if len(twins) == 1 else f"{column.group} {column.short}"


def _figure(entry: Entry, column: Column) -> str:
    paper = "" if entry.paper is None else f" ({write(entry.paper, column.digits)})"
    return write_entry(entry, column) + paper
