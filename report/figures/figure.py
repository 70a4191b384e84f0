"""What a figure is and how all of them look.

Altair is imported where it is used: a flow that only fills a record does not pay for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from report.record import RunRecord

if TYPE_CHECKING:
    from altair import InlineData
    from altair.typing import ChartType

# Okabe and Ito (2008): told apart with every kind of color vision.
_OF_INPUTS = {"subword": "#009E73", "character": "#0072B2", "phoneme": "#D55E00"}
SERIES_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442")
INK, MUTED = "#1a1a1a", "#595959"

# Liberation Sans and Helvetica are as wide as Arial: what fits here fits on other machines too.
FONT = "Arial, Helvetica, Liberation Sans, sans-serif"


@dataclass(frozen=True)
class Figure:
    """A chart with the words that it needs: `alt` says to those who cannot see it what it shows."""

    name: str  # of its files: "figure2-pos"
    title: str
    caption: str
    alt: str
    chart: "ChartType"


def rows(values: Sequence[dict[str, Any]]) -> "InlineData":
    """Data inside the chart, so that it needs neither pandas nor a file."""
    import altair as alt

    return alt.InlineData(values=list(values))


def input_colors(record: RunRecord) -> dict[str, str]:
    """A color for each input of the run, the same in all runs for the paper's three."""
    others = iter([color for color in SERIES_COLORS if color not in _OF_INPUTS.values()] * len(record.inputs))
    return {name: _OF_INPUTS.get(name) or next(others) for name in record.inputs}


def style() -> dict[str, Any]:
    """Vega-Lite's configuration, the same for all figures."""
    axis = {
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelColor": INK,
        "titleColor": INK,
        "gridColor": "#e6e6e6",
        "domainColor": "#8c8c8c",
        "tickColor": "#8c8c8c",
        "labelLimit": 140,
        "labelFlush": False,
        "labelOverlap": "greedy",
        "labelSeparation": 6,
    }
    return {
        "font": FONT,
        "background": "white",
        "view": {"stroke": None},
        "axis": axis,
        "header": {"labelFontSize": 13, "titleFontSize": 13, "labelColor": INK, "titleColor": INK},
        "legend": {
            "labelFontSize": 13,
            "titleFontSize": 13,
            "titleFontWeight": "normal",
            "labelColor": INK,
            "titleColor": INK,
            "symbolSize": 110,
            "columnPadding": 22,  # room for fonts that are wider than the one that was measured
            "layout": {"top": {"margin": 28}},  # between two legends in a row
        },
        "title": {
            "fontSize": 14,
            "fontWeight": "bold",
            "color": INK,
            "subtitleColor": MUTED,
            "subtitleFontSize": 12,
        },
    }
