"""A map in two dimensions: languages by family (color) and script (shape), their codes beside them."""

from html import escape

from report.atlas.arrangement import Arrangement
from report.atlas.signs import Signs, opening
from report.figures.figure import INK
from report.record import Atlas

WIDTH, HEIGHT, MARGIN = 880, 620, 34
_ROW, _LETTER = 11.0, 6.0  # of a label, in pixels
_AROUND = ((8, 4), (-8, 4), (0, -8), (0, 15), (8, -6), (-8, -6), (8, 13), (-8, 13))  # where a label may stand

Box = tuple[float, float, float, float]


def plane(atlas: Atlas, arranged: Arrangement, signs: Signs) -> str:
    """The picture as SVG. One scale for both directions: distances are what it shows."""
    xs, ys = ([point[axis] for point in arranged.points.values()] for axis in (0, 1))
    scale = min(
        (WIDTH - 2 * MARGIN - 30) / (max(xs) - min(xs) or 1), (HEIGHT - 2 * MARGIN) / (max(ys) - min(ys) or 1)
    )
    middle = (max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2
    at = {
        code: (WIDTH / 2 + (x - middle[0]) * scale, HEIGHT / 2 - (y - middle[1]) * scale)
        for code, (x, y) in arranged.points.items()
    }
    said = f"Map of {len(at)} languages read by {atlas.input}: the nearer, the more alike."
    parts = [
        opening(WIDTH, HEIGHT, 10, said),
    ]
    labels = _labels(at)
    for place in atlas.places:
        (x, y), (tx, ty, anchor) = at[place.code], labels[place.code]
        told = escape(f"{place.name}: {place.family}, {place.script}")
        parts.append(
            f'<path d="{signs.shape(place)}" transform="translate({x:.1f} {y:.1f})"'
            f' fill="{signs.color(place)}" stroke="#fff" stroke-width=".7"><title>{told}</title></path>'
            f'<text x="{tx:.1f}" y="{ty:.1f}" text-anchor="{anchor}" fill="{INK}">{escape(place.code)}</text>'
        )
    return "".join([*parts, "</svg>"])


def _labels(at: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float, str]]:
    """A place for each code, where it covers the fewest others and signs; the crowded choose last."""
    taken: list[Box] = [(x - 6, y - 6, x + 6, y + 6) for x, y in at.values()]
    found = {}
    for code, (x, y) in sorted(at.items(), key=lambda item: item[1]):
        choices = []
        for dx, dy in _AROUND:
            anchor = "start" if dx > 0 else "end" if dx < 0 else "middle"
            wide = _LETTER * len(code)
            left = x + dx - (wide if anchor == "end" else wide / 2 if anchor == "middle" else 0)
            box = (left, y + dy - _ROW + 2, left + wide, y + dy + 2)
            choices.append(
                (sum(_overlap(box, other) for other in taken) + _outside(box), box, (x + dx, y + dy, anchor))
            )
        _, box, spot = min(choices, key=lambda choice: choice[0])
        taken.append(box)
        found[code] = spot
    return found


def _overlap(first: Box, second: Box) -> float:
    wide = min(first[2], second[2]) - max(first[0], second[0])
    high = min(first[3], second[3]) - max(first[1], second[1])
    return wide * high if wide > 0 and high > 0 else 0.0


def _outside(box: Box) -> float:
    return 1e4 if box[0] < 0 or box[1] < 0 or box[2] > WIDTH or box[3] > HEIGHT else 0.0
