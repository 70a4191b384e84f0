"""The claims in one picture: each difference in units of what matters, the claimed side to the right."""

from typing import TYPE_CHECKING, Any

from report.claims import Judged, Outcome, judge_claims
from report.figures.figure import INK, MUTED, Figure, rows
from report.record import RunRecord
from report.tables import write_signed

if TYPE_CHECKING:
    from altair.typing import ChartType

COLORS: dict[Outcome, str] = {
    "holds": "#0b6b3a",
    "fails": "#b3340f",
    "practically equal": "#0b559f",
    "uninformative": "#6b6b6b",
}
_WIDEST = 12.0  # of what matters: beyond it an arrow says that the interval goes on
_BREAKS = "split(datum.label, '|')"
_LINE = 46  # letters of a claim in a line


def claim_figures(record: RunRecord) -> list[Figure]:
    """The forest plot; none where no claim was stated, or none can be drawn."""
    judged = [item for item in judge_claims(record) if item.difference and item.difference.interval]
    if not judged:
        return []
    marks = [_mark(item) for item in judged]
    caption = (
        "Each claim's difference, in units of the smallest difference that matters, with its interval. To "
        "the right: as claimed. In the gray band a difference does not matter. Ticks: the smallest "
        "difference that the run finds four times in five; outside of the band, it could not tell much."
    )
    alt_text = "Forest plot of the claims. " + "; ".join(f"{mark['label']}" for mark in marks) + "."
    return [Figure("claims", "The claims", caption, alt_text, _chart(marks))]


def _mark(item: Judged) -> dict[str, Any]:
    number, claim = item.difference, item.claim
    assert number
    assert number.interval
    scale = item.toward / claim.matters
    value = (number.value or 0.0) * scale
    ends = sorted((number.interval.low * scale, number.interval.high * scale))
    digits = min(item.measure.digits or 0, 3)
    return {
        "claim": _lines(claim.text),
        "value": max(-_WIDEST, min(_WIDEST, value)),
        "low": max(-_WIDEST, ends[0]),
        "high": min(_WIDEST, ends[1]),
        "detectable": min(_WIDEST, item.detectable / claim.matters) if item.detectable else None,
        "outcome": item.outcome,
        "text": write_signed(number.value or 0.0, digits),
        "label": f"{claim.text}: {write_signed(number.value or 0.0, digits)}, {item.outcome}",
    }


def _lines(text: str) -> str:
    """A claim on as many lines as it needs; Vega breaks at the bar."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) >= _LINE:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "|".join(lines)


def _chart(marks: list[dict[str, Any]]) -> "ChartType":
    import altair as alt

    order = [mark["claim"] for mark in marks]
    ends = [abs(mark[end] or 0.0) for mark in marks for end in ("low", "high", "detectable")]
    widest = max(1.5, *ends) * 1.08
    x_scale = alt.Scale(domain=[-widest, widest], nice=False)
    axis = alt.Axis(
        labelExpr="split(datum.label, '|')", labelLimit=330, ticks=False, domain=False, grid=False
    )
    base = alt.Chart(rows(marks), width=380, height=max(120, 46 * len(marks))).encode(
        y=alt.Y("claim:N", sort=order, title=None, axis=axis)
    )
    present = [outcome for outcome in COLORS if any(mark["outcome"] == outcome for mark in marks)]
    color = alt.Color(
        "outcome:N",
        scale=alt.Scale(domain=present, range=[COLORS[outcome] for outcome in present]),
        legend=alt.Legend(title=None, orient="top"),
    )
    title = "← against the claim · difference ÷ what matters · as claimed →"
    x = alt.X("value:Q", title=title, scale=x_scale, axis=alt.Axis(tickCount=7, grid=False))
    band = (
        alt.Chart(rows([{"low": -1, "high": 1}]))
        .mark_rect(color="#8c8c8c", opacity=0.16, aria=False)
        .encode(x=alt.X("low:Q", scale=x_scale), x2="high:Q")
    )
    zero = alt.Chart(rows([{"x": 0}])).mark_rule(color=INK, aria=False).encode(x=alt.X("x:Q", scale=x_scale))
    ranges = base.mark_rule(strokeWidth=2, aria=False).encode(
        x=alt.X("low:Q", title=title, scale=x_scale), x2="high:Q", color=color
    )
    points = base.mark_point(filled=True, size=90, opacity=1).encode(x=x, color=color, description="label:N")
    found = [
        {"claim": mark["claim"], "value": side * mark["detectable"]}
        for mark in marks
        for side in (-1, 1)
        if mark["detectable"]
    ]
    ticks = (
        base.properties(data=rows(found))
        .mark_tick(color=MUTED, thickness=1.5, size=16, aria=False)
        .encode(x=x, y=alt.Y("claim:N", sort=order, title=None, axis=axis))
    )
    text = base.mark_text(dy=-11, fontSize=11, color=MUTED, aria=False).encode(x=x, text="text:N")
    return alt.layer(band, zero, ticks, ranges, points, text)
