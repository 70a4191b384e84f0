"""How the models learned: training loss over steps and dev score over epochs, a panel per language."""

from typing import TYPE_CHECKING, Any, TypeVar

from report.figures.figure import Figure, input_colors, rows
from report.record import Cell, RunRecord
from report.tables import reported_cells

if TYPE_CHECKING:
    from altair.typing import ChartType

COLUMNS = 5
POINTS_PER_LINE = 120
THOUSANDS = "datum.value >= 1000 ? format(datum.value / 1000, '~g') + 'k' : datum.label"
T = TypeVar("T")


def training_figures(record: RunRecord) -> list[Figure]:
    """For each task: the loss and the dev score, as far as cells carry their history."""
    found = []
    for task in record.tasks:
        cells = [cell for cell in reported_cells(record) if cell.task == task]
        loss = [_point(record, cell, point.step, point.loss) for cell in cells for point in thin(cell.loss)]
        if loss:
            chart = _panels(record, cells, loss, "Step", "Training loss", zero=True)
            found.append(_figure(record, task, "loss", "training loss by optimizer step", cells, chart))
        dev = [_point(record, cell, point.epoch, point.score) for cell in cells for point in thin(cell.dev)]
        if dev:
            chart = _panels(record, cells, dev, "Epoch", "Dev score, %", zero=False)
            found.append(_figure(record, task, "dev", "dev score by epoch", cells, chart))
    return found


def thin(points: tuple[T, ...]) -> tuple[T, ...]:
    """At most `POINTS_PER_LINE` of them at even distances, the first and the last included."""
    if len(points) <= POINTS_PER_LINE:
        return points
    last = len(points) - 1
    return tuple(points[round(i * last / (POINTS_PER_LINE - 1))] for i in range(POINTS_PER_LINE))


def _figure(
    record: RunRecord, task: str, kind: str, what: str, cells: list[Cell], chart: "ChartType"
) -> Figure:
    languages = dict.fromkeys(record.language(cell.language) for cell in cells)
    alt_text = f"Lines of the {what} for {', '.join(languages)}."
    return Figure(
        f"{kind}-{task}", f"{record.task(task)}: {what}", "One line for each input and seed.", alt_text, chart
    )


def _point(record: RunRecord, cell: Cell, x: int, y: float) -> dict[str, Any]:
    return {
        "language": record.language(cell.language),
        "input": record.input(cell.input),
        "line": f"{cell.input} {cell.seed} {cell.manifest}",
        "x": x,
        "y": round(y, 4),
    }


def _panels(
    record: RunRecord, cells: list[Cell], points: list[dict[str, Any]], x: str, y: str, *, zero: bool
) -> "ChartType":
    import altair as alt

    colors = {k: v for k, v in input_colors(record).items() if any(cell.input == k for cell in cells)}
    order = [name for code, name in record.languages.items() if any(c.language == code for c in cells)]
    lines = (
        alt.Chart(width=150, height=100)
        .mark_line(strokeWidth=1.5, aria=False)
        .encode(
            x=alt.X("x:Q", title=x, axis=alt.Axis(tickCount=3, grid=False, labelExpr=THOUSANDS)),
            y=alt.Y("y:Q", title=y, scale=alt.Scale(zero=zero), axis=alt.Axis(tickCount=4)),
            color=alt.Color(
                "input:N",
                scale=alt.Scale(domain=[record.input(name) for name in colors], range=list(colors.values())),
                legend=alt.Legend(title=None, orient="bottom"),
            ),
            detail="line:N",
        )
    )
    facet = alt.Facet("language:N", sort=order, title=None, header=alt.Header(labelAnchor="start"))
    chart: ChartType = lines.facet(facet, columns=COLUMNS, data=rows(points), spacing=16).resolve_scale(
        x="independent"
    )
    return chart
