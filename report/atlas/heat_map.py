"""A heat map of all pairs, in the order of the tree beside it.

SVG by hand: five thousand cells are five thousand rectangles; a chart library makes ten times as much.
"""

from collections.abc import Mapping
from html import escape

from report.atlas.arrangement import Arrangement
from report.atlas.signs import Signs, opening
from report.figures.figure import INK, MUTED
from report.record import Atlas, Place

CELL, LABEL, TREE, GAP = 12, 118, 90, 6
# Viridis, from dark to bright: as light as it is large, in print without color too.
_SCALE = ("#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725")
_ITSELF = "#e8e8e8"


def heat_map(atlas: Atlas, arranged: Arrangement, signs: Signs, name: str) -> str:
    """The picture as SVG, for files and for inside a page alike."""
    places = {place.code: place for place in atlas.places}
    alike = {frozenset((pair.first, pair.second)): atlas.shown(pair) for pair in atlas.pairs}
    low, high = min(min(alike.values()), 0.0), max(alike.values())
    side = CELL * len(arranged.order)
    left, top = TREE + LABEL + GAP, 48 + GAP
    width, height = left + side + 8, top + side + 54
    parts = [
        opening(width, height, 9.5, _said(atlas, alike, places)),
        _tree(arranged, top),
    ]
    for row, code in enumerate(arranged.order):
        place, y = places[code], top + CELL * row
        parts.append(
            f'<text x="{left - GAP}" y="{y + CELL - 3}" text-anchor="end" fill="{signs.color(place)}">'
            f"{escape(_short(place.name))}</text>"
        )
        parts.append(
            f'<text transform="translate({left + CELL * row + CELL - 3} {top - 4}) rotate(-90)"'
            f' fill="{signs.color(place)}">{escape(code)}</text>'
        )
    parts.append(f'<g stroke="#fff" stroke-width=".4" transform="translate({left} {top})">')
    for row, first in enumerate(arranged.order):
        for column, second in enumerate(arranged.order):
            value = alike.get(frozenset((first, second)))
            fill = _ITSELF if value is None else color(value, low, high)
            title = places[first].name if value is None else _title(places, first, second, value)
            parts.append(
                f'<rect x="{CELL * column}" y="{CELL * row}" width="{CELL}" height="{CELL}" fill="{fill}">'
                f"<title>{escape(title)}</title></rect>"
            )
    parts += ["</g>", _legend(left, top + side + 18, low, high, name), "</svg>"]
    return "".join(parts)


def color(value: float, low: float, high: float) -> str:
    """Of a value on the scale between two others."""
    share = (value - low) / (high - low) if high > low else 0.0
    at = min(max(share, 0.0), 1.0) * (len(_SCALE) - 1)
    under = min(int(at), len(_SCALE) - 2)
    first, second = (tuple(int(_SCALE[n][k : k + 2], 16) for k in (1, 3, 5)) for n in (under, under + 1))
    mixed = (round(a + (b - a) * (at - under)) for a, b in zip(first, second, strict=True))
    return "#" + "".join(f"{part:02x}" for part in mixed)


def _tree(arranged: Arrangement, top: float) -> str:
    """Brackets from the right, where languages are, to the left, where all are one."""
    tallest = max((max(ys) for _, ys in arranged.links), default=1.0) or 1.0
    shortest = min((min(y for y in ys if y > 0) for _, ys in arranged.links if any(ys)), default=0.0)
    room = max(tallest - 0.9 * shortest, 1e-9)  # a tree of distances near 1 would be all trunk

    def across(distance: float) -> float:
        return TREE - 4 - (TREE - 10) * max(distance - 0.9 * shortest, 0.0) / room

    paths = "".join(
        "M" + "L".join(f"{across(y):.1f} {top + CELL * (x + 0.5):.1f}" for x, y in zip(xs, ys, strict=True))
        for xs, ys in arranged.links
    )
    return f'<path d="{paths}" fill="none" stroke="{MUTED}" stroke-width=".9"/>'


def _legend(x: float, y: float, low: float, high: float, name: str) -> str:
    stops = "".join(
        f'<stop offset="{n / (len(_SCALE) - 1):.3f}" stop-color="{shade}"/>' for n, shade in enumerate(_SCALE)
    )
    marks = "".join(
        f'<text x="{x + 260 * share:.0f}" y="{y + 24}" fill="{INK}" text-anchor="{anchor}">'
        f"{low + (high - low) * share:.2f}</text>"
        for share, anchor in ((0, "start"), (0.5, "middle"), (1, "end"))
    )
    return (
        f'<defs><linearGradient id="{name}-scale">{stops}</linearGradient></defs>'
        f'<rect x="{x}" y="{y}" width="260" height="12" fill="url(#{name}-scale)"/>{marks}'
        f'<text x="{x + 272}" y="{y + 10}" fill="{INK}">CKA of the same sentences</text>'
    )


def _title(places: Mapping[str, Place], first: str, second: str, value: float) -> str:
    return f"{places[first].name} – {places[second].name}: {value:.3f}"


def _said(atlas: Atlas, alike: Mapping[frozenset[str], float], places: Mapping[str, Place]) -> str:
    """The picture in words."""
    closest = max(alike, key=lambda pair: alike[pair])
    names = " and ".join(sorted(places[code].name for code in closest))
    return (
        f"Heat map of {len(places)} languages read by {atlas.input}: CKA from {min(alike.values()):.2f} to"
        f" {max(alike.values()):.2f}, the most alike are {names}."
    )


def _short(name: str) -> str:
    return name if len(name) <= 21 else f"{name[:20]}…"
