"""Scores beside what costs nothing (baselines) and beside the paper's, one figure a task."""

from typing import TYPE_CHECKING, Any

from report.figures.figure import INPUT_COLORS, Figure, names, rows
from report.paper import printed
from report.record import Cell, Input, Interval, RunRecord, Task
from report.tables import language_name, metric_title, reported_cells

if TYPE_CHECKING:
    from altair.typing import ChartType

TASK_TITLES: dict[Task, str] = {
    "ner": "Named entity recognition",
    "pos": "Part-of-speech tagging",
    "xnli": "XNLI",
}


def score_figures(record: RunRecord) -> list[Figure]:
    """One for each task with a score."""
    found = []
    for task in record.tasks:
        cells = [cell for cell in reported_cells(record) if cell.task == task and cell.score is not None]
        if cells:
            found.append(_figure(record, task, cells))
    return found


def _figure(record: RunRecord, task: Task, cells: list[Cell]) -> Figure:
    codes = [code for code in record.languages if any(cell.language == code for cell in cells)]
    metric = metric_title(cells[0].metric) or "score"
    means = _means(cells)
    caption = (
        f"{metric[:1].upper()}{metric[1:]} in percent, the mean where there are several seeds. Lines: "
        "intervals, as in the table. Open circles: the paper's. Ticks: always the most frequent label "
        "(majority), each word's most frequent label (lexicon)."
    )
    alt_text = f"{TASK_TITLES[task]}, {metric}. " + "; ".join(
        f"{language_name(code)} {model_input} {score:.1f}" for (code, model_input), score in means.items()
    )
    return Figure(
        f"scores-{task}",
        f"Scores · {TASK_TITLES[task]}",
        caption,
        alt_text + ".",
        _chart(task, cells, means, _intervals(record, task), codes),
    )


def _means(cells: list[Cell]) -> dict[tuple[str, Input], float]:
    scores: dict[tuple[str, Input], list[float]] = {}
    for cell in cells:
        if cell.score is not None:
            scores.setdefault((cell.language, cell.input), []).append(cell.score)
    return {key: sum(values) / len(values) for key, values in scores.items()}


def _intervals(record: RunRecord, task: Task) -> dict[tuple[str, Input], Interval]:
    """The intervals of the table's scores, by language and input."""
    found = {
        (number.table, number.row, number.column): number.interval
        for number in record.numbers
        if number.interval
    }
    table = "table2" if task == "xnli" else "table1"
    return {
        (column, model_input): interval
        for (of, row, column), interval in found.items()
        for model_input in INPUT_COLORS
        if (of, row) == (table, model_input if task == "xnli" else f"{task}/{model_input}")
    }


def _chart(
    task: Task,
    cells: list[Cell],
    means: dict[tuple[str, Input], float],
    intervals: dict[tuple[str, Input], Interval],
    codes: list[str],
) -> "ChartType":
    import altair as alt

    inputs = [key for key in INPUT_COLORS if any(cell.input == key for cell in cells)]
    titles = [key.capitalize() for key in inputs]
    scores: list[dict[str, Any]] = []
    for (code, model_input), score in means.items():
        scores.append(_mark(code, model_input, "ours", score, intervals.get((code, model_input))))
        paper = (
            printed("table2", model_input, code)
            if task == "xnli"
            else printed("table1", f"{task}/{model_input}", code)
        )
        if paper is not None:
            scores.append(_mark(code, model_input, "paper", paper))
    baselines = {
        (cell.language, kind): value
        for cell in cells
        for kind, value in (("majority baseline", cell.majority), ("lexicon baseline", cell.lexicon))
        if value is not None
    }
    ticks = [_mark(code, None, kind, value) for (code, kind), value in baselines.items()]

    y = alt.Y(
        "language:N", sort=names(codes), title=None, axis=alt.Axis(ticks=False, grid=True, labelPadding=10)
    )
    x = alt.X("score:Q", title="%", scale=alt.Scale(domain=[0, 100]), axis=alt.Axis(tickCount=10))
    color = alt.Color(
        "input:N",
        scale=alt.Scale(domain=titles, range=[INPUT_COLORS[key] for key in inputs]),
        legend=alt.Legend(title=None, orient="top"),
    )
    offset = alt.YOffset("input:N", sort=titles)
    kinds = alt.Scale(domain=["Majority baseline", "Lexicon baseline"], range=["#999999", "#333333"])
    base = alt.Chart(rows(scores), width=440, height=max(110, 36 * len(codes)))
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
    code: str, model_input: Input | None, kind: str, score: float, interval: Interval | None = None
) -> dict[str, Any]:
    of = f", {model_input}" if model_input else ""
    return {
        "language": language_name(code),
        "input": model_input.capitalize() if model_input else "",
        "kind": kind.capitalize(),
        "score": score,
        "low": interval.low if interval else score,
        "high": interval.high if interval else score,
        "label": f"{language_name(code)}{of}, {kind}: {score:.2f}"
        + (f" ({interval.low:.2f} to {interval.high:.2f})" if interval else ""),
    }
