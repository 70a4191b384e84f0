"""Table 3 as a picture: each seed and language pair is a point, the gap against what it may go with."""

from typing import TYPE_CHECKING

from report.figures.figure import SERIES_COLORS, Figure, rows
from report.record import CorrelationPoint, RunRecord
from report.tables import QUANTITIES, write

if TYPE_CHECKING:
    from altair.typing import ChartType

SHAPES = ("circle", "triangle-up", "square", "diamond", "cross")


def correlation_figures(record: RunRecord) -> list[Figure]:
    """The scatter behind each table of correlations."""
    points: dict[str, list[CorrelationPoint]] = {}
    for point in record.correlations:
        points.setdefault(point.table, []).append(point)
    return [_figure(record, table, own) for table, own in points.items()]


def _figure(record: RunRecord, table: str, points: list[CorrelationPoint]) -> Figure:
    import altair as alt

    first = points[0]
    quantities = list(dict.fromkeys(name for point in points for name in point.quantities))
    panels = [_panel(record, points, name, first=name == quantities[0]) for name in quantities]
    seeds, pairs = len({point.seed for point in points}), len({point.languages for point in points})
    caption = (
        f"{len(points)} points: {seeds} seeds × {pairs} language pairs, {record.task(first.task)}, "
        f"{record.input(first.input).lower()}. Where the pairs form clouds, a pooled correlation says that "
        "the pairs differ, not that the quantities move together within one."
    )
    alt_text = "Scatter plots of the performance gap. " + " ".join(
        f"Against {_title(record, table, name)}: Spearman {_spearman(record, table, name)}."
        for name in quantities
    )
    number = list(record.tables).index(table) + 1
    chart = alt.hconcat(*panels, spacing=16)
    return Figure(f"scatter-{table}", f"Behind Table {number}", caption, alt_text, chart)


def _title(record: RunRecord, table: str, quantity: str) -> str:
    reference = record.language(record.tables[table].reference)
    return QUANTITIES.get(quantity, quantity).format(reference=reference)


def _spearman(record: RunRecord, table: str, quantity: str) -> str:
    pooled = record.find("spearman", table=table, against=quantity)
    return write(pooled.value if pooled else None, 3)


def _panel(record: RunRecord, points: list[CorrelationPoint], quantity: str, *, first: bool) -> "ChartType":
    import altair as alt

    table = points[0].table
    title = _title(record, table, quantity)
    pairs = list(dict.fromkeys(record.pair(point.languages) for point in points))
    values = [
        {
            "pair": record.pair(point.languages),
            "x": point.quantities[quantity],
            "gap": point.gap,
            "label": f"{record.pair(point.languages)}, seed {point.seed}: gap {point.gap:.2f}, "
            f"{title} {point.quantities[quantity]:.3f}",
        }
        for point in points
        if quantity in point.quantities
    ]
    shapes = [SHAPES[position % len(SHAPES)] for position in range(len(pairs))]
    chart: ChartType = (
        alt.Chart(
            rows(values),
            width=235,
            height=220,
            title=alt.Title(f"Spearman {_spearman(record, table, quantity)}", anchor="start", fontSize=13),
        )
        .mark_point(filled=True, size=60, opacity=0.8)
        .encode(
            x=alt.X("x:Q", title=title, scale=alt.Scale(zero=False, padding=10), axis=alt.Axis(tickCount=5)),
            y=alt.Y(
                "gap:Q",
                title="Performance gap, RPD %" if first else None,
                scale=alt.Scale(zero=False, padding=10),
            ),
            color=alt.Color(
                "pair:N",
                scale=alt.Scale(domain=pairs, range=list(SERIES_COLORS[: len(pairs)])),
                legend=alt.Legend(title=None, orient="bottom"),
            ),
            shape=alt.Shape("pair:N", scale=alt.Scale(domain=pairs, range=shapes), legend=None),
            description="label:N",
        )
    )
    return chart
