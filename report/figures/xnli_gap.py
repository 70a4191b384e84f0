"""Figure 3: performance gap, CKA and Sinkhorn distance between language pairs on XNLI, by input."""

from typing import TYPE_CHECKING

from report.figures.figure import INK, INPUT_COLORS, Figure, rows
from report.record import Interval, Metric, Pair, RunRecord
from report.tables import language_name

if TYPE_CHECKING:
    from altair.typing import ChartType

PANELS: dict[Metric, tuple[str, str, str]] = {
    "absolute": ("Performance gap", "accuracy points, lower is better", ".1f"),
    "cka": ("CKA, last layer", "higher is more alike", ".2f"),
    "sinkhorn": ("Sinkhorn distance", "of class probabilities, lower is more alike", ".3f"),
}


def xnli_gap_figures(record: RunRecord) -> list[Figure]:
    """The figure with the panels that have values; none when XNLI was not run."""
    import altair as alt

    pairs = [pair for pair in record.pairs if pair.task == "xnli" and pair.metric in PANELS]
    panels = [metric for metric in PANELS if any(pair.metric == metric for pair in pairs)]
    if not panels:
        return []
    chart = alt.hconcat(
        *(_panel([pair for pair in pairs if pair.metric == metric], metric) for metric in panels), spacing=20
    )
    levels = {pair.interval.level for pair in pairs if pair.interval}
    caption = "By language pair and input." + "".join(f" Lines: {level:.0%} intervals." for level in levels)
    return [Figure("figure3", "Figure 3 · XNLI", caption, _describe(pairs, panels), chart)]


def _pair_name(pair: Pair) -> str:
    return f"{language_name(pair.first)} – {language_name(pair.second)}"


def _written(interval: Interval | None) -> str:
    return f" ({interval.low:.4g} to {interval.high:.4g})" if interval else ""


def _label(value: float, form: str) -> str:
    """A value over its bar, as short as the column is narrow."""
    if form == ".1f":
        return f"{value:.1f}"
    return f"{value:.0e}" if 0 < abs(value) < 1e-3 else f"{value:{form}}".replace("0.", ".", 1)


def _panel(pairs: list[Pair], metric: Metric) -> "ChartType":
    import altair as alt

    title, subtitle, form = PANELS[metric]
    inputs = [key for key in INPUT_COLORS if any(pair.input == key for pair in pairs)]
    order = list(dict.fromkeys(_pair_name(pair) for pair in pairs))
    values = [
        {
            "pair": _pair_name(pair),
            "input": pair.input.capitalize(),
            "value": pair.value,
            "text": _label(pair.value, form),
            "label": f"{title}, {_pair_name(pair)}, {pair.input}: {pair.value:.4g}{_written(pair.interval)}",
            "low": pair.interval.low if pair.interval else pair.value,
            "high": pair.interval.high if pair.interval else pair.value,
        }
        for pair in pairs
    ]
    titles = [key.capitalize() for key in inputs]
    top = (
        max(0.0, *(pair.interval.high if pair.interval else pair.value for pair in pairs)) * 1.1 or 1.0
    )  # room for the labels on top
    bottom = min(0.0, *(pair.interval.low if pair.interval else pair.value for pair in pairs)) * 1.1
    base = alt.Chart(rows(values), width=max(228, 34 * len(inputs) * len(order)), height=230).encode(
        x=alt.X("pair:N", sort=order, title=None, axis=alt.Axis(labelAngle=0, ticks=False)),
        xOffset=alt.XOffset("input:N", sort=titles),
        y=alt.Y(
            "value:Q",
            title=None,
            scale=alt.Scale(domain=[bottom, top], nice=False),
            axis=alt.Axis(tickCount=5),
        ),
    )
    bars = base.mark_bar().encode(
        color=alt.Color(
            "input:N",
            scale=alt.Scale(domain=titles, range=[INPUT_COLORS[key] for key in inputs]),
            legend=alt.Legend(title=None, orient="bottom"),
        ),
        description="label:N",
    )
    intervals = base.mark_rule(color=INK, strokeWidth=1.5, aria=False).encode(y="low:Q", y2="high:Q")
    text = base.mark_text(dy=-7, fontSize=11, color=INK, aria=False).encode(y="high:Q", text="text:N")
    return alt.layer(bars, intervals, text).properties(
        title=alt.Title(title, subtitle=subtitle, anchor="start")
    )


def _describe(pairs: list[Pair], panels: list[Metric]) -> str:
    parts = []
    for metric in panels:
        values = [
            f"{_pair_name(pair)} {pair.input} {pair.value:.3g}" for pair in pairs if pair.metric == metric
        ]
        parts.append(f"{PANELS[metric][0]}: {', '.join(values)}")
    return "Bars by language pair and input. " + ". ".join(parts) + "."
