"""The controlled experiment in two pictures: losses of pre-training, and the contrasts as a forest plot."""

from typing import TYPE_CHECKING, Any

from report.contrasts import Contrasted, contrasts, endpoints
from report.figures.claims import COLORS
from report.figures.figure import INK, Figure, input_colors, rows
from report.figures.training import thin
from report.record import ContrastRules, RunRecord

if TYPE_CHECKING:
    from altair.typing import ChartType

ENDPOINTS = {
    "mean_score": "Mean score, points",
    "log_spread_ratio": "Spread over languages, log ratio",
    "mean_rpd": "Mean RPD, points",
    "cka_without_length": "CKA without length",
}
_WIDEST = 8.0  # of a margin: beyond it the interval is cut


def matched_figures(record: RunRecord) -> list[Figure]:
    """Of a run that holds such an experiment; the forest plot needs two seeds."""
    if record.matched is None:
        return []
    found = []
    if any(arm.curve for arm in record.matched.arms):
        found.append(_losses(record))
    judged = contrasts(record.matched.rules, endpoints(record.matched))
    marks = [_mark(record.matched.rules, item) for item in judged if item.interval]
    if marks:
        alt_text = "Forest plot of contrasts. " + "; ".join(mark["label"] for mark in marks) + "."
        caption = (
            "Phonemes less each other input, in units of the margin, with the interval that Holm's method "
            "leaves. To the right: as claimed. In the gray band a difference does not matter."
        )
        found.append(Figure("matched-contrasts", "Contrasts", caption, alt_text, _forest(marks)))
    return found


def _losses(record: RunRecord) -> Figure:
    import altair as alt

    assert record.matched
    points = [
        {"input": record.input(arm.input), "line": f"{arm.input} {arm.seed}", "x": step, "y": round(loss, 4)}
        for arm in record.matched.arms
        for step, loss in thin(arm.curve)
    ]
    colors = {name: color for name, color in input_colors(record).items() if name in record.matched.inputs}
    scale = alt.Scale(domain=[record.input(name) for name in colors], range=list(colors.values()))
    chart = (
        alt.Chart(rows(points), width=420, height=240)
        .mark_line(aria=False)
        .encode(
            x=alt.X("x:Q", title="Step"),
            y=alt.Y("y:Q", title="Loss, nats a hidden unit", scale=alt.Scale(zero=False)),
            color=alt.Color(
                "input:N", scale=scale, legend=alt.Legend(title=None, orient="right", labelLimit=300)
            ),
            detail="line:N",
        )
    )
    caption = "One line for each input and seed. Units differ by input, so levels are not to be compared."
    alt_text = f"Loss of pre-training by step for {', '.join(map(record.input, colors))}."
    return Figure("matched-loss", "Loss of pre-training", caption, alt_text, chart)


def _mark(rules: ContrastRules, item: Contrasted) -> dict[str, Any]:
    direction = rules.endpoints[item.endpoint].direction
    low, high = item.holm_interval or item.interval or (0.0, 0.0)
    scale = direction / item.margin
    ends = sorted((low * scale, high * scale))
    return {
        "endpoint": ENDPOINTS[item.endpoint],
        "contrast": f"less {item.other.replace('_', ' ')}",
        "value": max(-_WIDEST, min(_WIDEST, item.mean * scale)),
        "low": max(-_WIDEST, ends[0]),
        "high": min(_WIDEST, ends[1]),
        "outcome": item.outcome,
        "label": f"{ENDPOINTS[item.endpoint]}, less {item.other}: {item.mean:.3g}, {item.outcome}",
    }


def _forest(marks: list[dict[str, Any]]) -> "ChartType":
    import altair as alt

    present = [outcome for outcome in COLORS if any(mark["outcome"] == outcome for mark in marks)]
    color = alt.Color(
        "outcome:N",
        scale=alt.Scale(domain=present, range=[COLORS[outcome] for outcome in present]),
        legend=alt.Legend(title=None, orient="top"),
    )
    domain = alt.Scale(domain=[-_WIDEST, _WIDEST], nice=False)
    title = "← against the claim · difference ÷ margin · as claimed →"
    order = list(dict.fromkeys(mark["contrast"] for mark in marks))

    def panel(endpoint: str, last: bool) -> "ChartType":
        own = [mark for mark in marks if mark["endpoint"] == endpoint]
        axis = alt.Axis(grid=False, labels=last, ticks=last)
        base = alt.Chart(rows(own), width=380, height=28 * len(order), title=endpoint).encode(
            y=alt.Y("contrast:N", sort=order, title=None, axis=alt.Axis(labelLimit=220))
        )
        x = alt.X("value:Q", title=title if last else None, scale=domain, axis=axis)
        band = (
            alt.Chart(rows([{"low": -1, "high": 1}]))
            .mark_rect(color="#8c8c8c", opacity=0.16, aria=False)
            .encode(x=alt.X("low:Q", scale=domain), x2="high:Q")
        )
        zero = (
            alt.Chart(rows([{"x": 0}])).mark_rule(color=INK, aria=False).encode(x=alt.X("x:Q", scale=domain))
        )
        ranges = base.mark_rule(strokeWidth=2, aria=False).encode(
            x=alt.X("low:Q", scale=domain, title=None), x2="high:Q", color=color
        )
        dots = base.mark_point(filled=True, size=80, opacity=1).encode(
            x=x, color=color, description="label:N"
        )
        return alt.layer(band, zero, ranges, dots)

    names = list(dict.fromkeys(mark["endpoint"] for mark in marks))
    return alt.vconcat(*(panel(name, name == names[-1]) for name in names))
