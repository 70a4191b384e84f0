"""The end of a run: the report on disk and in the store, and its tables and figures in Prefect's UI."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

from prefect.artifacts import (
    create_image_artifact,
    create_link_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)

from flows import report
from flows.intake import store_document
from flows.run import Run
from isogloss.artifacts import HTML, JSON

_TITLES = {
    "table1": "Table 1: POS tagging and NER",
    "table2": "Table 2: XNLI",
    "table3": "Table 3: correlations with the performance gap",
}
_FIGURES = {"figure2": "Figure 2: linguistic gaps", "figure3": "Figure 3: gaps on XNLI"}


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
    return index, report.console_tables(record)


def _show_in_prefect(record: report.RunRecord, index: Path, stored: str) -> None:
    """Prefect's artifacts: a table each, and where the report is."""
    for name, title in _TITLES.items():
        rows = [number for number in record.numbers if number.table == name]
        if rows:
            create_table_artifact(key=f"{name}-{record.profile}", table=_as_rows(rows), description=title)
    for name, title in _FIGURES.items():
        for figure in sorted((index.parent / "figures").glob(f"{name}*.svg"))[:1]:
            picture = base64.b64encode(figure.read_bytes()).decode()
            url = f"data:image/svg+xml;base64,{picture}"
            create_image_artifact(image_url=url, key=f"{name}-{record.profile}", description=title)
    lines = [
        f"# {record.profile}",
        record.banner,
        f"Report: `{index}`",
        f"In the store: `{stored}`",
        *record.notes,
    ]
    create_markdown_artifact(
        key=f"report-{record.profile}", markdown="\n\n".join(line for line in lines if line)
    )
    create_link_artifact(
        key=f"report-link-{record.profile}", link=index.as_uri(), link_text="Open the report"
    )


def _as_rows(numbers: list[report.Number]) -> list[dict[str, str]]:
    """Ours with the paper's in brackets, one line a row of the table."""
    rows: dict[str, dict[str, str]] = {}
    for number in numbers:
        ours = "not run" if number.value is None else f"{number.value:.4g}"
        paper = "" if number.paper is None else f" ({number.paper:g})"
        rows.setdefault(number.row, {"row": number.row})[number.column] = ours + paper
    return list(rows.values())
