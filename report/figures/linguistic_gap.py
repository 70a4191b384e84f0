"""Figure 2: CKA between languages, characters above the diagonal, phonemes below, t-SNE at both sides."""

from typing import TYPE_CHECKING

from report.figures.figure import INK, SERIES_COLORS, Figure, names, rows
from report.figures.scores import TASK_TITLES
from report.record import Input, Metric, Pair, Projection, RunRecord, Task
from report.tables import language_name

if TYPE_CHECKING:
    from altair.typing import ChartType

POINTS_PER_LANGUAGE = 150  # drawn; more make the page heavy and the plot no clearer
SIDE = 205  # pixels of a t-SNE plane
METRIC_TITLES: dict[Metric, str] = {"cka": "CKA", "cka_debiased": "Debiased CKA"}


def linguistic_gap_figures(record: RunRecord) -> list[Figure]:
    """One figure for each token task that has CKA values: the paper's CKA with t-SNE; one more debiased."""
    found = []
    for metric in METRIC_TITLES:
        for task in ("ner", "pos"):
            pairs = [pair for pair in record.pairs if pair.task == task and pair.metric == metric]
            if pairs:
                found.append(_figure(record, task, metric, pairs))
    return found


def _figure(record: RunRecord, task: Task, metric: Metric, pairs: list[Pair]) -> Figure:
    import altair as alt

    codes = [code for code in record.languages if any(code in (pair.first, pair.second) for pair in pairs)]
    name = f"figure2-{task}" if metric == "cka" else f"figure2-{task}-debiased"
    caption = (
        f"{METRIC_TITLES[metric]} between languages: above the diagonal characters, below it phonemes; "
        "darker is more alike. "
    )
    chart: ChartType = _heat_map(pairs, metric, codes)
    projections = {item.input: item for item in record.projections if item.task == task}
    if metric == "cka" and projections:
        shown = list(dict.fromkeys(point.language for item in projections.values() for point in item.points))
        shown = shown[: len(SERIES_COLORS)]
        sides = {key: _plane(projections[key], shown) for key in projections}
        chart = alt.hconcat(
            *(sides[key] for key in sides if key == "character"),
            chart,
            *(sides[key] for key in sides if key == "phoneme"),
            spacing=14,
        )
        caption += (
            f"At the sides t-SNE of the sentence vectors of {', '.join(names(shown))}, "
            f"{POINTS_PER_LANGUAGE} sentences of each at most: neighborhoods can be read, distances between "
            "clouds cannot."
        )
    return Figure(name, f"Figure 2 · {TASK_TITLES[task]}", caption, _describe(pairs, metric), chart)


def _heat_map(pairs: list[Pair], metric: Metric, codes: list[str]) -> "ChartType":
    import altair as alt

    order = names(codes)
    place = {code: position for position, code in enumerate(codes)}
    cells = []
    for pair in pairs:
        low, high = sorted((pair.first, pair.second), key=place.__getitem__)
        upper = pair.input == "character"
        row, column = (low, high) if upper else (high, low)
        cells.append(
            {
                "row": language_name(row),
                "column": language_name(column),
                "value": pair.value,
                "text": f"{pair.value:.2f}".replace("0.", ".", 1),
                "label": f"{language_name(low)}–{language_name(high)}, {pair.input}: {pair.value:.4f}"
                + (f" ({pair.interval.low:.3f} to {pair.interval.high:.3f})" if pair.interval else ""),
            }
        )
    values = [pair.value for pair in pairs]
    low_end, high_end = min(0.0, *values) if min(values) < 0 else 0.0, max(1.0, *values)
    size = 34 if len(codes) > 6 else 56
    angle = -45 if len(codes) > 4 else 0
    base = alt.Chart(rows(cells), width=size * len(codes), height=size * len(codes)).encode(
        x=alt.X("column:N", sort=order, scale=alt.Scale(domain=order), title="Below the diagonal: phoneme",
                axis=alt.Axis(labelAngle=angle, domain=False, ticks=False, grid=False)),
        y=alt.Y("row:N", sort=order, scale=alt.Scale(domain=order), title=None,
                axis=alt.Axis(domain=False, ticks=False, grid=False)),
    )  # fmt: skip
    color = alt.Color(
        "value:Q",
        scale=alt.Scale(scheme="blues", domain=[low_end, high_end]),
        legend=alt.Legend(
            title=METRIC_TITLES[metric], orient="bottom", gradientLength=180, direction="horizontal"
        ),
    )
    squares = base.mark_rect(stroke="white", strokeWidth=1).encode(color=color, description="label:N")
    middle = low_end + 0.62 * (high_end - low_end)
    text = base.mark_text(fontSize=12 if len(codes) > 6 else 13, aria=False).encode(
        text="text:N",
        color=alt.condition(f"datum.value > {middle}", alt.value("white"), alt.value(INK)),
    )
    title = alt.Title(
        "Above the diagonal: character", anchor="end", fontSize=12, fontWeight="normal", offset=6
    )
    return alt.layer(squares, text).properties(title=title)


def _plane(projection: Projection, shown: list[str]) -> "ChartType":
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
                {"x": round(point.x, 2), "y": round(point.y, 2), "language": language_name(point.language)}
            )
    order = names(shown)
    hidden = alt.Axis(labels=False, ticks=False, grid=False, domain=True, title=None)
    inputs: dict[Input, str] = {"character": "Character", "phoneme": "Phoneme", "subword": "Subword"}
    chart: ChartType = (
        alt.Chart(rows(points), width=SIDE, height=SIDE, title=inputs[projection.input])
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


def _describe(pairs: list[Pair], metric: Metric) -> str:
    parts = []
    for model_input in ("character", "phoneme"):
        values = [pair.value for pair in pairs if pair.input == model_input]
        if values:
            parts.append(
                f"{model_input}: {min(values):.2f} to {max(values):.2f}, mean {sum(values) / len(values):.2f}"
                f" over {len(values)} pairs"
            )
    return f"Heat map of {METRIC_TITLES[metric]} between languages. " + "; ".join(parts) + "."
