"""Scores beside what costs nothing (baselines) and beside the paper's, one figure a task."""

from typing import TYPE_CHECKING, Any

from report.figures.figure import Figure, input_colors, rows
from report.record import Cell, Interval, RunRecord
from report.tables import Grid, grids, metric_title, reported_cells

if TYPE_CHECKING:
    from altair.typing import ChartType


def score_figures(record: RunRecord) -> list[Figure]:
    """One for each task of each table with a score."""
    return [
        _figure(record, grid, task, cells)
        for grid in grids(record)
        for task in grid.tasks
        if (cells := [c for c in reported_cells(record) if c.task == task and c.score is not None])
        and record.tables[grid.table].kind == "gaps"
    ]


def _figure(record: RunRecord, grid: Grid, task: str, cells: list[Cell]) -> Figure:
    scores = _scores(record, grid, task)
    metric = metric_title(cells[0].metric) or "score"
    caption = f"{metric[:1].upper()}{metric[1:]} in percent. Lines: intervals, as in the table."
    if any(mark["kind"] == "Paper" for mark in scores):
        caption += " Open circles: the paper's."
    ticks = _ticks(record, cells)
    if ticks:
        caption += (
            " Ticks: always the most frequent label (majority), each word's most frequent label (lexicon)."
        )
    alt_text = f"{record.task(task)}, {metric}. " + "; ".join(
        f"{mark['language']} {mark['input']} {mark['score']:.1f}" for mark in scores if mark["kind"] == "Ours"
    )
    chart = _chart(record, cells, scores, ticks)
    return Figure(
        f"scores-{grid.table}-{task}", f"Scores · {record.task(task)}", caption, alt_text + ".", chart
    )


def _scores(record: RunRecord, grid: Grid, task: str) -> list[dict[str, Any]]:
    """What the table says, ours and the paper's."""
    marks = []
    for (row, column), entry in grid.entries.items():
        shown = row.trained_on == next(iter(record.sources(grid.table, task)), "")
        if row.task == task and column.measure.name == "score" and shown:
            language, title = record.language(column.language), record.input(row.input)
            if entry.value is not None:
                marks.append(_mark(language, title, "Ours", entry.value, entry.interval))
            if entry.paper is not None:
                marks.append(_mark(language, title, "Paper", entry.paper))
    return marks


def _ticks(record: RunRecord, cells: list[Cell]) -> list[dict[str, Any]]:
    baselines = {
        (cell.language, kind): value
        for cell in cells
        for kind, value in (("Majority baseline", cell.majority), ("Lexicon baseline", cell.lexicon))
        if value is not None
    }
    return [_mark(record.language(code), "", kind, value) for (code, kind), value in baselines.items()]


def _chart(
    record: RunRecord, cells: list[Cell], scores: list[dict[str, Any]], ticks: list[dict[str, Any]]
) -> "ChartType":
    import altair as alt

    colors = {k: v for k, v in input_colors(record).items() if any(cell.input == k for cell in cells)}
    titles = [record.input(name) for name in colors]
    languages = [name for code, name in record.languages.items() if any(c.language == code for c in cells)]
    y = alt.Y(
        "language:N", sort=languages, title=None, axis=alt.Axis(ticks=False, grid=True, labelPadding=10)
    )
    x = alt.X("score:Q", title="%", scale=alt.Scale(domain=[0, 100]), axis=alt.Axis(tickCount=10))
    color = alt.Color(
        "input:N",
        scale=alt.Scale(domain=titles, range=list(colors.values())),
        legend=alt.Legend(title=None, orient="top"),
    )
    offset = alt.YOffset("input:N", sort=titles)
    kinds = alt.Scale(domain=["Majority baseline", "Lexicon baseline"], range=["#999999", "#333333"])
    base = alt.Chart(rows(scores), width=440, height=max(110, 36 * len(languages)))
    points = base.encode(x=x, y=y, yOffset=offset, color=color, description="label:N")
    ours = points.transform_filter("datum.kind == 'Ours'").mark_point(filled=True, size=70)
    ranges = (
        points.transform_filter("datum.kind == 'Ours'")
        .mark_rule(strokeWidth=1.5, aria=False)
        .encode(x="low:Q", x2="high:Q")
    )
    papers = points.transform_filter("datum.kind == 'Paper'").mark_point(filled=False, size=70)
    lines = (
        alt.Chart(rows(ticks))
        .mark_tick(thickness=3, size=26, color="transparent")
        .encode(
            x=x,
            y=y,
            fill=alt.Fill(
                "kind:N", scale=kinds, legend=alt.Legend(title=None, orient="top", symbolType="square")
            ),
            description="label:N",
        )
    )
    return alt.layer(*((lines,) if ticks else ()), ranges, papers, ours)


def _mark(
    language: str, title: str, kind: str, score: float, interval: Interval | None = None
) -> dict[str, Any]:
    of = f", {title.lower()}" if title else ""
    return {
        "language": language,
        "input": title,
        "kind": kind,
        "score": score,
        "low": interval.low if interval else score,
        "high": interval.high if interval else score,
        "label": f"{language}{of}, {kind.lower()}: {score:.2f}"
        + (f" ({interval.low:.2f} to {interval.high:.2f})" if interval else ""),
    }
