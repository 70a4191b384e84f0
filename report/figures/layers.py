"""CKA by layer: how alike languages look to a model from its embeddings to its last hidden layer."""

from typing import TYPE_CHECKING, Any

from report.figures.figure import Figure, input_colors, rows
from report.record import Number, RunRecord

if TYPE_CHECKING:
    from altair.typing import ChartType

_MEASURES = {"mean_cka_debiased": "debiased", "mean_cka_residual": "debiased, sentence length regressed out"}


def layer_figures(record: RunRecord) -> list[Figure]:
    """One for each task of each table of which hidden layers were read."""
    figures = []
    for table in record.tables:
        for task in record.tasks:
            marks = [_mark(record, number) for number in _numbers(record, table, task)]
            if any(mark["layer"] > 0 for mark in marks):
                figures.append(_figure(record, table, task, marks))
    return figures


def _numbers(record: RunRecord, table: str, task: str) -> list[Number]:
    """Those of the hidden layers, and the embeddings' as layer 0."""
    source = next(iter(record.sources(table, task)), "")
    numbers = record.select(*_MEASURES, table=table, task=task, less="", without="", trained_on=source)
    embeddings = {"embeddings"} if any(n.reading == "embeddings" for n in numbers) else {"", "embeddings"}
    return [
        number
        for number in numbers
        if number.value is not None and (number.reading.startswith("layer") or number.reading in embeddings)
    ]


def _mark(record: RunRecord, number: Number) -> dict[str, Any]:
    layer = int(number.reading.removeprefix("layer ")) if number.reading.startswith("layer") else 0
    value, bounds = number.value or 0.0, number.interval
    place = f"layer {layer}" if layer else "embeddings"
    return {
        "layer": layer,
        "value": value,
        "low": bounds.low if bounds else value,
        "high": bounds.high if bounds else value,
        "input": record.input(number.input),
        "name": number.input,
        "measure": _MEASURES[number.measure],
        "label": f"{record.input(number.input)}, {place}, {_MEASURES[number.measure]}: {value:.3f}"
        + (f" ({bounds.low:.3f} to {bounds.high:.3f})" if bounds else ""),
    }


def _figure(record: RunRecord, table: str, task: str, marks: list[dict[str, Any]]) -> Figure:
    caption = (
        "Debiased CKA, mean over pairs of languages, by the layer that was read; 0 is the embedding layer. "
        "Lines: intervals over sentences, and seeds where there are several."
    )
    parts = []
    for name in dict.fromkeys(mark["input"] for mark in marks):
        own = [m for m in marks if m["input"] == name and m["measure"] == "debiased"]
        parts.append(f"{name}: " + ", ".join(f"{m['layer']} {m['value']:.2f}" for m in _in_order(own)))
    alt_text = "Lines of CKA by layer. " + "; ".join(parts) + "."
    title = f"CKA by layer · {record.task(task)}"
    return Figure(f"layers-{table}-{task}", title, caption, alt_text, _chart(record, marks))


def _in_order(marks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(marks, key=lambda mark: int(mark["layer"]))


def _chart(record: RunRecord, marks: list[dict[str, Any]]) -> "ChartType":
    import altair as alt

    colors = {k: v for k, v in input_colors(record).items() if any(mark["name"] == k for mark in marks)}
    layers = sorted({mark["layer"] for mark in marks})
    color = alt.Color(
        "input:N",
        scale=alt.Scale(domain=[record.input(name) for name in colors], range=list(colors.values())),
        legend=alt.Legend(title=None, orient="top"),
    )
    panels = []
    for measure in dict.fromkeys(_MEASURES.values()):
        own = _in_order([mark for mark in marks if mark["measure"] == measure])
        if not own:
            continue
        base = alt.Chart(rows(own), width=300, height=200, title=measure).encode(
            x=alt.X("layer:O", title="Layer", scale=alt.Scale(domain=layers), axis=alt.Axis(labelAngle=0)),
            color=color,
        )
        y = alt.Y("value:Q", title="CKA")
        ranges = base.mark_rule(aria=False).encode(y=alt.Y("low:Q", title="CKA"), y2="high:Q")
        lines = base.mark_line(strokeWidth=1.5, aria=False).encode(y=y)
        points = base.mark_point(filled=True, size=60, opacity=1).encode(y=y, description="label:N")
        panels.append(alt.layer(ranges, lines, points))
    return alt.hconcat(*panels, spacing=36)
