"""Draw all of a run's figures: SVG for the files, the same for inside the page, and PNG."""

import html
import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from report.figures.claims import claim_figures
from report.figures.correlation import correlation_figures
from report.figures.figure import Figure, style
from report.figures.layers import layer_figures
from report.figures.linguistic_gap import linguistic_gap_figures
from report.figures.matched import matched_figures
from report.figures.pair_gap import pair_gap_figures
from report.figures.scores import score_figures
from report.figures.training import training_figures
from report.figures.transfer import transfer_figures
from report.record import RunRecord

PNG_SCALE = 2  # 144 dpi at the size of the page
_MAKERS = (
    claim_figures,
    score_figures,
    transfer_figures,
    layer_figures,
    linguistic_gap_figures,
    pair_gap_figures,
    correlation_figures,
    training_figures,
    matched_figures,
)


@dataclass(frozen=True)
class RenderedFigure:
    """A figure as files: `svg` stands alone, `inline` is for inside a page; `width`: pixels."""

    name: str
    title: str
    caption: str
    svg: str
    inline: str
    png: bytes
    width: int


def draw_figures(record: RunRecord) -> list[RenderedFigure]:
    """All figures that the record has values for."""
    from altair.utils.schemapi import debug_mode

    with debug_mode(
        False
    ):  # checking each part against the schema takes four times as long; the tests do that
        specifications = [(figure, _specification(figure)) for make in _MAKERS for figure in make(record)]
    with ThreadPoolExecutor(max_workers=2) as pool:  # drawing happens outside of Python's lock
        return list(pool.map(lambda item: _render(*item), specifications))


def _specification(figure: Figure) -> str:
    return json.dumps({**figure.chart.to_dict(validate=False), "config": style()})


def _render(figure: Figure, specification: str) -> RenderedFigure:
    import vl_convert

    svg = vl_convert.vegalite_to_svg(specification)
    png = vl_convert.svg_to_png(svg, scale=PNG_SCALE)
    size = re.search(r'<svg[^>]*? width="([\d.]+)"', svg)
    assert size, "vl-convert gives every picture its width"
    width = round(float(size.group(1)))
    return RenderedFigure(
        figure.name, figure.title, figure.caption, svg, _inline(svg, figure, width), png, width
    )


def _inline(svg: str, figure: Figure, width: int) -> str:
    """Identifiers are unique in a page, the picture shrinks with it, and a screen reader gets one text."""
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{figure.name}-\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{figure.name}-\1)", svg)
    label = html.escape(figure.alt).replace("\\", r"\\")
    opening = rf'<svg role="img" aria-label="{label}" style="max-width:{width}px"\1'
    return re.sub(r'<svg([^>]*?) width="[\d.]+" height="[\d.]+"', opening, svg, count=1)
