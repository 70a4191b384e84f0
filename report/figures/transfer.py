"""The matrix of transfer: scores by the language that was trained on and the one that was tested."""

from typing import TYPE_CHECKING

from report.figures.figure import INK, Figure, rows
from report.record import Number, RunRecord

if TYPE_CHECKING:
    from altair.typing import ChartType


def transfer_figures(record: RunRecord) -> list[Figure]:
    """One for each task of a table whose models were trained on several languages, a panel for each input."""
    figures = []
    for table in record.tables:
        for task in record.tasks:
            numbers = [n for n in record.select("score", table=table, task=task) if n.trained_on]
            panels = [
                [n for n in numbers if n.input == name and n.value is not None] for name in record.inputs
            ]
            panels = [panel for panel in panels if panel]
            if panels:
                figures.append(_figure(record, table, task, panels))
    return figures


def _figure(record: RunRecord, table: str, task: str, panels: list[list[Number]]) -> Figure:
    import altair as alt

    values = [number.value or 0.0 for panel in panels for number in panel]
    ends = min(values), max(values)
    chart = alt.hconcat(*(_panel(record, panel, ends) for panel in panels), spacing=36)
    caption = (
        "Scores in percent, by the language whose train set was read (rows) and the one that was tested "
        "(columns). On the diagonal, framed, both are one."
    )
    alt_text = "Heat maps of scores. " + "; ".join(_describe(record, panel) for panel in panels) + "."
    title = f"Transfer · {record.task(task)}"
    return Figure(f"transfer-{table}-{task}", title, caption, alt_text, chart)


def _panel(record: RunRecord, numbers: list[Number], ends: tuple[float, float]) -> "ChartType":
    import altair as alt

    cells = [_cell(record, number) for number in numbers]
    codes = list(record.languages)
    sources = [record.language(code) for code in codes if any(n.trained_on == code for n in numbers)]
    tested = [record.language(code) for code in codes if any(code in n.languages for n in numbers)]
    size = 40 if max(len(sources), len(tested)) > 6 else 52
    plain = alt.Axis(domain=False, ticks=False, grid=False)
    turned = alt.Axis(domain=False, ticks=False, grid=False, labelAngle=-45)
    base = alt.Chart(rows(cells), width=size * len(tested), height=size * len(sources)).encode(
        x=alt.X("tested:N", sort=tested, title="tested on", axis=turned),
        y=alt.Y("trained:N", sort=sources, title="trained on", axis=plain),
    )
    color = alt.Color(
        "value:Q",
        scale=alt.Scale(scheme="blues", domain=list(ends)),
        legend=alt.Legend(title="%", orient="right", gradientLength=120),
    )
    squares = base.mark_rect(stroke="white", strokeWidth=1).encode(color=color, description="label:N")
    own = base.transform_filter("datum.trained == datum.tested").mark_rect(
        filled=False, stroke=INK, strokeWidth=1.5, aria=False
    )
    dark = ends[0] + 0.62 * (ends[1] - ends[0])
    text = base.mark_text(fontSize=12, aria=False).encode(
        text=alt.Text("value:Q", format=".1f"),
        color=alt.condition(f"datum.value > {dark}", alt.value("white"), alt.value(INK)),
    )
    title = alt.Title(record.input(numbers[0].input), anchor="start", fontSize=13)
    return alt.layer(squares, own, text).properties(title=title)


def _cell(record: RunRecord, number: Number) -> dict[str, object]:
    trained, tested = record.language(number.trained_on), record.language(number.languages[0])
    bounds = number.interval
    label = f"{record.input(number.input)}, {trained} to {tested}: {number.value:.2f}"
    label += f" ({bounds.low:.2f} to {bounds.high:.2f})" if bounds else ""
    return {"trained": trained, "tested": tested, "value": number.value, "label": label}


def _describe(record: RunRecord, numbers: list[Number]) -> str:
    own = [n.value or 0.0 for n in numbers if n.languages == (n.trained_on,)]
    others = [n.value or 0.0 for n in numbers if n.languages != (n.trained_on,)]
    parts = [
        f"{what} {min(values):.1f} to {max(values):.1f}"
        for what, values in (("in language", own), ("from another language", others))
        if values
    ]
    return f"{record.input(numbers[0].input)}: {', '.join(parts)}"
