"""Families by color and scripts by shape: the same on every picture of a page."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from report.figures.figure import FONT, SERIES_COLORS
from report.record import Place

OTHER = "other"
# Told apart by hue and by lightness; no yellow, which a thin label is not read in.
_COLORS = (*(color for color in SERIES_COLORS if color != "#F0E442"), "#8c510a", "#762a83", "#4d4d4d")
_OTHER_COLOR = "#8c8c8c"
SCRIPTS = {
    "Latn": "Latin", "Cyrl": "Cyrillic", "Arab": "Arabic", "Deva": "Devanagari", "Grek": "Greek",
    "Hebr": "Hebrew", "Ethi": "Ethiopic", "Hang": "Hangul", "Kore": "Hangul", "Thai": "Thai",
    "Geor": "Georgian", "Armn": "Armenian", "Hans": "Han", "Hant": "Han", "Jpan": "Japanese",
}  # fmt: skip
"""English names of scripts that are common; others are named by their ISO 15924 codes."""

# Paths around (0, 0) of about one area.
_SHAPES = (
    "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0Z",  # circle
    "M-4.4 -4.4H4.4V4.4H-4.4Z",  # square
    "M0 -6L5.6 4.2H-5.6Z",  # triangle
    "M0 -6.2L6.2 0L0 6.2L-6.2 0Z",  # diamond
    "M-2 -6H2V-2H6V2H2V6H-2V2H-6V-2H-2Z",  # cross
)


Legend = list[tuple[str, str, int]]
"""Name, sign, number of languages."""


@dataclass(frozen=True)
class Signs:
    """Colors by family and shapes by script: the most frequent have their own, the rest share the last."""

    colors: dict[str, str]
    shapes: dict[str, str]

    def color(self, place: Place) -> str:
        """Of a language's family."""
        return self.colors.get(place.family, _OTHER_COLOR)

    def shape(self, place: Place) -> str:
        """Of a language's script, a path around (0, 0)."""
        return self.shapes.get(place.script, _SHAPES[-1])

    def legend(self, places: Iterable[Place]) -> tuple[Legend, Legend]:
        """(name, color, languages) of families and (name, shape, languages) of scripts, "other" last."""
        listed = list(places)
        families = Counter(p.family if p.family in self.colors else OTHER for p in listed)
        scripts = Counter(p.script if p.script in self.shapes else OTHER for p in listed)
        by_color = [
            (name, self.colors.get(name, _OTHER_COLOR), families[name])
            for name in (*self.colors, OTHER)
            if families[name]
        ]
        by_shape = [
            (SCRIPTS.get(name, name), self.shapes.get(name, _SHAPES[-1]), scripts[name])
            for name in (*self.shapes, OTHER)
            if scripts[name]
        ]
        return by_color, by_shape


def signs(places: Iterable[Place]) -> Signs:
    """Of these languages: the frequent families and scripts first, ties by name."""
    listed = list(places)
    return Signs(
        dict(zip(_frequent(place.family for place in listed), _COLORS, strict=False)),
        dict(zip(_frequent(place.script for place in listed), _SHAPES[:-1], strict=False)),
    )


def _frequent(names: Iterable[str]) -> list[str]:
    return [name for name, _ in sorted(Counter(names).items(), key=lambda item: (-item[1], item[0]))]


def opening(width: float, height: float, size: float, said: str) -> str:
    """How a picture begins: its size and that of its letters in pixels, what it says in words, paper."""
    box = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    letters = f'font-family="{FONT}" font-size="{size}" role="img" aria-label="{escape(said)}"'
    paper = f'<rect width="{width}" height="{height}" fill="#fff"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box} {letters}>{paper}'
