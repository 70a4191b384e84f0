"""Table 3 as a picture: each seed and language pair is a point, the gap against what it may go with."""

from typing import TYPE_CHECKING

from report.figures.figure import SERIES_COLORS, Figure, rows
from report.record import RunRecord
from report.tables import language_name, write

if TYPE_CHECKING:
    from altair.typing import ChartType

PANELS = {
    "eng_performance": ("gap_vs_eng_performance", "English performance, %"),
    "sinkhorn": ("gap_vs_sinkhorn", "Sinkhorn distance"),
    "cka": ("gap_vs_cka", "CKA"),
}
SHAPES = ("circle", "triangle-up", "square", "diamond", "cross")


def correlation_figures(record: RunRecord) -> list[Figure]:
    """The scatter behind Table 3; none when its models were not run."""
    import altair as alt

    if not record.correlations:
        return []
    chart = alt.hconcat(*(_panel(record, field) for field in PANELS), spacing=16)
    seeds = len({point.seed for point in record.correlations})
    pairs = list(dict.fromkeys(point.pair for point in record.correlations))
    caption = (
        f"{len(record.correlations)} points: {seeds} seeds × {len(pairs)} language pairs, phoneme models. "
        "Where the pairs form two clouds, a pooled correlation says that the pairs differ, not that the "
        "quantities move together within one."
    )
    alt_text = "Three scatter plots of the performance gap. " + " ".join(
        f"Against {title}: Spearman {_spearman(record, row)}." for row, title in PANELS.values()
    )
    return [Figure("table3-scatter", "Behind Table 3", caption, alt_text, chart)]


def _spearman(record: RunRecord, row: str) -> str:
    found = [number for number in record.numbers if (number.row, number.column) == (row, "spearman")]
    return write(found[0].value if found else None, 3)


def _pair_name(pair: str) -> str:
    return " – ".join(language_name(code) for code in pair.split("-"))


def _panel(record: RunRecord, field: str) -> "ChartType":
    import altair as alt

    row, title = PANELS[field]
    pairs = list(dict.fromkeys(_pair_name(point.pair) for point in record.correlations))
    values = [
        {
            "pair": _pair_name(point.pair),
            "x": getattr(point, field),
            "gap": point.gap,
            "label": f"{_pair_name(point.pair)}, seed {point.seed}: gap {point.gap:.2f}, "
            f"{title} {getattr(point, field):.3f}",
        }
        for point in record.correlations
    ]
    chart: ChartType = (
        alt.Chart(
            rows(values),
            width=235,
            height=220,
            title=alt.Title(f"Spearman {_spearman(record, row)}", anchor="start", fontSize=13),
        )
        .mark_point(filled=True, size=60, opacity=0.8)
        .encode(
            x=alt.X("x:Q", title=title, scale=alt.Scale(zero=False, padding=10), axis=alt.Axis(tickCount=5)),
            y=alt.Y(
                "gap:Q",
                title="Performance gap, RPD %" if field == "eng_performance" else None,
                scale=alt.Scale(zero=False, padding=10),
            ),
            color=alt.Color(
                "pair:N",
                scale=alt.Scale(domain=pairs, range=list(SERIES_COLORS[: len(pairs)])),
                legend=alt.Legend(title=None, orient="bottom"),
            ),
            shape=alt.Shape(
                "pair:N", scale=alt.Scale(domain=pairs, range=list(SHAPES[: len(pairs)])), legend=None
            ),
            description="label:N",
        )
    )
    return chart
