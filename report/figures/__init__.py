"""The report's figures: each module makes those of one question from a `RunRecord`; `drawing` draws them."""

from report.figures.drawing import RenderedFigure, draw_figures

__all__ = ["RenderedFigure", "draw_figures"]
