"""Figure 2: CKA between languages, one input above the diagonal, another below, t-SNE at both sides."""

from typing import TYPE_CHECKING

from report.figures.figure import INK, SERIES_COLORS, Figure, rows
from report.record import MEASURES, Number, Projection, RunRecord

if TYPE_CHECKING:
    from altair.typing import ChartType

POINTS_PER_LANGUAGE = 150  # drawn; more make the page heavy and the plot no clearer
SIDE = 205  # pixels of a t-SNE plane


def linguistic_gap_figures(record: RunRecord) -> list[Figure]:
    """For each task whose languages are compared all with all: CKA with t-SNE, and one more debiased.

    Two inputs share a map, one above the diagonal and one below it.
    """
    figures = []
    for measure in ("cka", "cka_debiased"):
        for table, task in record.rows(of_reference=False):
            numbers = record.select(measure, table=table, task=task, less="")
            source = next(iter(record.sources(table, task)), "")
            numbers = [n for n in numbers if n.value is not None and n.trained_on == source]
            if numbers:
                inputs = [name for name in record.inputs if any(n.input == name for n in numbers)]
                shared = [tuple(inputs[first : first + 2]) for first in range(0, len(inputs), 2)]
                figures += [
                    _figure(record, task, of, numbers, position) for position, of in enumerate(shared)
                ]
    return figures


def _figure(
    record: RunRecord, task: str, inputs: tuple[str, ...], numbers: list[Number], position: int
) -> Figure:
    import altair as alt

    numbers = [number for number in numbers if number.input in inputs]
    measure = numbers[0].measure
    title = MEASURES[measure].title
    parts = ["figure2", numbers[0].table, task]
    name = "-".join(parts + ["debiased"] * (measure != "cka") + [str(position + 1)] * (position > 0))
    halves = f"above the diagonal {record.input(inputs[0]).lower()}"
    if len(inputs) > 1:
        halves += f", below it {record.input(inputs[1]).lower()}"
    caption = f"{title} between languages: {halves}; darker is more alike. "
    chart: ChartType = _heat_map(record, numbers, inputs)
    table = numbers[0].table
    planes = {p.input: p for p in record.projections if (p.table, p.task) == (table, task)}
    planes = {name: plane for name, plane in planes.items() if name in inputs}
    if measure == "cka" and planes:
        present = dict.fromkeys(point.language for plane in planes.values() for point in plane.points)
        shown = [code for code in record.languages if code in present][: len(SERIES_COLORS)]
        sides = {name: _plane(record, plane, shown) for name, plane in planes.items()}
        chart = alt.hconcat(
            *(side for name, side in sides.items() if name == inputs[0]),
            chart,
            *(side for name, side in sides.items() if name != inputs[0]),
            spacing=14,
        )
        caption += (
            f"At the sides t-SNE of the sentence vectors of {', '.join(map(record.language, shown))}, "
            f"{POINTS_PER_LANGUAGE} sentences of each at most: neighborhoods can be read, distances between "
            "clouds cannot."
        )
    alt_text = _describe(record, numbers, inputs, title)
    return Figure(name, f"Figure 2 · {record.task(task)}", caption, alt_text, chart)


def _heat_map(record: RunRecord, numbers: list[Number], inputs: tuple[str, ...]) -> "ChartType":
    import altair as alt

    codes = [code for code in record.languages if any(code in number.languages for number in numbers)]
    order = list(map(record.language, codes))
    cells = []
    for number in numbers:
        low, high = sorted(number.languages, key=codes.index)
        row, column = (low, high) if number.input == inputs[0] else (high, low)
        value, bounds = number.value or 0.0, number.interval
        cells.append(
            {
                "row": record.language(row),
                "column": record.language(column),
                "value": value,
                "text": f"{value:.2f}".replace("0.", ".", 1),
                "label": f"{record.pair((low, high))}, {record.input(number.input).lower()}: {value:.4f}"
                + (f" ({bounds.low:.3f} to {bounds.high:.3f})" if bounds else ""),
            }
        )
    values = [number.value or 0.0 for number in numbers]
    low_end, high_end = min(0.0, *values), max(1.0, *values)
    size = 34 if len(codes) > 6 else 56
    angle = -45 if len(codes) > 4 else 0
    below = f"Below the diagonal: {record.input(inputs[1]).lower()}" if len(inputs) > 1 else None
    base = alt.Chart(rows(cells), width=size * len(codes), height=size * len(codes)).encode(
        x=alt.X("column:N", sort=order, scale=alt.Scale(domain=order), title=below,
                axis=alt.Axis(labelAngle=angle, domain=False, ticks=False, grid=False)),
        y=alt.Y("row:N", sort=order, scale=alt.Scale(domain=order), title=None,
                axis=alt.Axis(domain=False, ticks=False, grid=False)),
    )  # fmt: skip
    color = alt.Color(
        "value:Q",
        scale=alt.Scale(scheme="blues", domain=[low_end, high_end]),
        legend=alt.Legend(
            title=MEASURES[numbers[0].measure].title,
            orient="bottom",
            gradientLength=180,
            direction="horizontal",
        ),
    )
    squares = base.mark_rect(stroke="white", strokeWidth=1).encode(color=color, description="label:N")
    middle = low_end + 0.62 * (high_end - low_end)
    text = base.mark_text(fontSize=12 if len(codes) > 6 else 13, aria=False).encode(
        text="text:N",
        color=alt.condition(f"datum.value > {middle}", alt.value("white"), alt.value(INK)),
    )
    above = f"Above the diagonal: {record.input(inputs[0]).lower()}"
    title = alt.Title(above, anchor="end", fontSize=12, fontWeight="normal", offset=6)
    return alt.layer(squares, text).properties(title=title)


def _plane(record: RunRecord, projection: Projection, shown: list[str]) -> "ChartType":
    import altair as alt

    drawn: dict[str, int] = dict.fromkeys(shown, 0)
    total = {code: sum(point.language == code for point in projection.points) for code in shown}
    points = []
    for point in projection.points:
        if point.language not in drawn:
            continue
        position, drawn[point.language] = drawn[point.language], drawn[point.language] + 1
        stride = -(-total[point.language] // POINTS_PER_LANGUAGE)
        if position % stride == 0:  # the same sentences in every language
            points.append(
                {"x": round(point.x, 2), "y": round(point.y, 2), "language": record.language(point.language)}
            )
    order = list(map(record.language, shown))
    hidden = alt.Axis(labels=False, ticks=False, grid=False, domain=True, title=None)
    chart: ChartType = (
        alt.Chart(rows(points), width=SIDE, height=SIDE, title=record.input(projection.input))
        .mark_circle(size=16, opacity=0.7, aria=False)
        .encode(
            x=alt.X("x:Q", axis=hidden, scale=alt.Scale(zero=False, nice=False, padding=6)),
            y=alt.Y("y:Q", axis=hidden, scale=alt.Scale(zero=False, nice=False, padding=6)),
            color=alt.Color(
                "language:N",
                sort=order,
                scale=alt.Scale(domain=order, range=list(SERIES_COLORS[: len(order)])),
                legend=alt.Legend(title=None, orient="bottom", columns=2),
            ),
        )
    )
    return chart


def _describe(record: RunRecord, numbers: list[Number], inputs: tuple[str, ...], title: str) -> str:
    parts = []
    for name in inputs:
        values = [number.value or 0.0 for number in numbers if number.input == name]
        if values:
            parts.append(
                f"{record.input(name).lower()}: {min(values):.2f} to {max(values):.2f}, mean "
                f"{sum(values) / len(values):.2f} over {len(values)} pairs"
            )
    return f"Heat map of {title} between languages. " + "; ".join(parts) + "."
