"""Figure 3: performance gap, CKA and Sinkhorn distance between pairs of languages, by input."""

from typing import TYPE_CHECKING, Any

from report.figures.figure import INK, Figure, input_colors, rows
from report.record import Interval, Number, RunRecord

if TYPE_CHECKING:
    from altair.typing import ChartType

WIDTH = 200  # pixels of a panel
PANELS = {
    "absolute": ("Performance gap", "accuracy points, lower is better", ".1f"),
    "cka": ("CKA, last layer", "higher is more alike", ".2f"),
    "sinkhorn": ("Sinkhorn distance", "of class probabilities, lower is more alike", ".3f"),
}


def pair_gap_figures(record: RunRecord) -> list[Figure]:
    """One for each task whose gaps are counted from one language, with the panels that have values."""
    import altair as alt

    figures = []
    for table, task in record.rows(of_reference=True):
        numbers = record.select(*PANELS, table=table, task=task, less="")
        source = next(iter(record.sources(table, task)), "")
        numbers = [n for n in numbers if n.value is not None and n.trained_on == source]
        panels = [[n for n in numbers if n.measure == measure] for measure in PANELS]
        panels = [panel for panel in panels if panel]
        if panels:
            chart = alt.hconcat(
                *(_panel(record, panel, first=panel is panels[0]) for panel in panels), spacing=52
            )
            levels = {n.interval.level for n in numbers if n.interval}
            caption = "By pair of languages and input." + "".join(
                f" Lines: {level:.0%} intervals." for level in levels
            )
            title = f"Figure 3 · {record.task(task)}"
            figures.append(
                Figure(f"figure3-{table}-{task}", title, caption, _describe(record, panels), chart)
            )
    return figures


def _written(interval: Interval | None) -> str:
    return f" ({interval.low:.4g} to {interval.high:.4g})" if interval else ""


def _label(value: float, form: str) -> str:
    """A value, as short as its column is narrow."""
    if form == ".1f":
        return f"{value:.1f}"
    return f"{value:.0e}" if 0 < abs(value) < 1e-3 else f"{value:{form}}".replace("0.", ".", 1)


def _panel(record: RunRecord, numbers: list[Number], *, first: bool) -> "ChartType":
    import altair as alt

    title, subtitle, form = PANELS[numbers[0].measure]
    colors = {k: v for k, v in input_colors(record).items() if any(n.input == k for n in numbers)}
    order = list(dict.fromkeys(record.pair(number.languages) for number in numbers))
    values: list[dict[str, Any]] = []
    for number in numbers:
        value = number.value or 0.0
        pair, name = record.pair(number.languages), record.input(number.input)
        values.append(
            {
                "pair": pair,
                "input": name,
                "value": value,
                "text": _label(value, form),
                "label": f"{title}, {pair}, {name.lower()}: {value:.4g}{_written(number.interval)}",
                "low": number.interval.low if number.interval else value,
                "high": number.interval.high if number.interval else value,
            }
        )
    titles = [record.input(name) for name in colors]
    top = max(0.0, *(value["high"] for value in values)) * 1.05 or 1.0
    bottom = min(0.0, *(value["low"] for value in values)) * 1.05
    height = max(90, 26 * len(colors) * len(order))
    axis = alt.Axis(ticks=False, domain=False, labelPadding=8, labels=first)
    x_scale = alt.Scale(domain=[bottom, top], nice=False)
    base = alt.Chart(rows(values), width=WIDTH, height=height).encode(
        y=alt.Y("pair:N", sort=order, title=None, axis=axis),
        yOffset=alt.YOffset("input:N", sort=titles),
    )
    x = alt.X("value:Q", title=None, scale=x_scale, axis=alt.Axis(tickCount=4))
    color = alt.Color(
        "input:N",
        scale=alt.Scale(domain=titles, range=list(colors.values())),
        legend=alt.Legend(title=None, orient="bottom"),
    )
    points = base.mark_point(filled=True, size=80, opacity=1).encode(x=x, color=color, description="label:N")
    intervals = base.mark_rule(strokeWidth=2, aria=False).encode(
        x=alt.X("low:Q", scale=x_scale), x2="high:Q", color=color
    )
    # In a column of their own, where no interval can run through them.
    text = base.mark_text(align="left", fontSize=12, color=INK, aria=False).encode(
        x=alt.value(WIDTH + 6), text="text:N"
    )
    return alt.layer(intervals, points, text).properties(
        title=alt.Title(title, subtitle=subtitle, anchor="start")
    )


def _describe(record: RunRecord, panels: list[list[Number]]) -> str:
    parts = []
    for panel in panels:
        values = [f"{record.pair(n.languages)} {record.input(n.input).lower()} {n.value:.3g}" for n in panel]
        parts.append(f"{PANELS[panel[0].measure][0]}: {', '.join(values)}")
    return "Points by pair of languages and input. " + ". ".join(parts) + "."
