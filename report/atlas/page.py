"""The atlas as a page of its own, as tables, and in a terminal."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from report.atlas.arrangement import Arrangement, arrange
from report.atlas.heat_map import heat_map
from report.atlas.plane import plane
from report.atlas.signs import Signs, signs
from report.record import Atlas, AtlasPair, G2PRow, RunRecord

TEMPLATES = Path(__file__).parent.parent / "templates"
_SHOWN = 8  # pairs at each end


@dataclass(frozen=True)
class View:
    """One input's part of the page. `closest` and `farthest`: names of pairs and what is shown of them."""

    atlas: Atlas
    title: str
    name: str
    heat_map: str
    plane: str
    kept: float
    mean: float
    closest: tuple[tuple[str, float], ...]
    farthest: tuple[tuple[str, float], ...]
    within: tuple[tuple[str, int, float, float], ...]


def atlas_files(record: RunRecord) -> dict[str, str]:
    """Every atlas's pairs as CSV and its pictures as SVG, by their paths in the report's folder."""
    files = {}
    for view in _views(record):
        files[f"tables/{view.name}.csv"] = _csv(view.atlas)
        files[f"figures/{view.name}-heat-map.svg"] = view.heat_map
        files[f"figures/{view.name}-plane.svg"] = view.plane
    return files


def render_atlas(record: RunRecord) -> str:
    """The page, as one HTML file."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    every = _signs(record)
    seen = {place.code: place for atlas in record.atlases for place in atlas.places}
    families, scripts = every.legend(seen.values())
    return environment.get_template("atlas.html.j2").render(
        record=record,
        views=list(_views(record)),
        families=families,
        scripts=scripts,
        places=seen,
        heard=_heard(record),
        lost={code: why for atlas in record.atlases for code, why in atlas.left_out.items()},
        missing=[atlas for atlas in record.atlases if not atlas.pairs],
        color=every.color,
        style=(TEMPLATES / "report.css").read_text(encoding="utf-8"),
        more=(TEMPLATES / "atlas.css").read_text(encoding="utf-8"),
        script=(TEMPLATES / "report.js").read_text(encoding="utf-8"),
    )


def atlas_lines(record: RunRecord) -> str:
    """For a terminal: of each input the mean, and the pairs at both ends."""
    lines = []
    for view in _views(record):
        atlas = view.atlas
        lines += [
            "",
            f"Atlas, {view.title}: {len(atlas.places)} languages, {atlas.sentences} sentences ({atlas.read})",
        ]
        lines += [f"  mean of all pairs    {view.mean:.3f}"]
        lines += [f"  most alike           {name}  {value:.3f}" for name, value in view.closest[:3]]
        lines += [f"  least alike          {name}  {value:.3f}" for name, value in view.farthest[:3]]
    for code, why in {c: w for atlas in record.atlases for c, w in atlas.left_out.items()}.items():
        lines.append(f"  left out: {record.language(code)}: {why}")
    lines += [f"Atlas, {atlas.input}: {atlas.reason}" for atlas in record.atlases if not atlas.pairs]
    return "\n".join(lines)


def _views(record: RunRecord) -> Iterator[View]:
    every = _signs(record)
    for atlas in record.atlases:
        if atlas.pairs:
            yield _view(record, atlas, arrange(atlas), every)


def _view(record: RunRecord, atlas: Atlas, arranged: Arrangement, every: Signs) -> View:
    ranked = sorted(atlas.pairs, key=atlas.shown, reverse=True)
    name = f"{atlas.table}-{atlas.input}"

    def named(pairs: Sequence[AtlasPair]) -> tuple[tuple[str, float], ...]:
        return tuple((record.pair((pair.first, pair.second)), atlas.shown(pair)) for pair in pairs)

    return View(
        atlas,
        record.input(atlas.input),
        name,
        heat_map(atlas, arranged, every, name),
        plane(atlas, arranged, every),
        arranged.kept,
        sum(map(atlas.shown, atlas.pairs)) / len(atlas.pairs),
        named(ranked[:_SHOWN]),
        named(ranked[::-1][:_SHOWN]),
        tuple(_within(atlas)),
    )


def _within(atlas: Atlas) -> Iterator[tuple[str, int, float, float]]:
    """Of pairs of one family or not and of one script or not: how many, their mean and their largest."""
    of = {place.code: place for place in atlas.places}
    for family, script, title in (
        (True, True, "one family, one script"),
        (True, False, "one family, two scripts"),
        (False, True, "two families, one script"),
        (False, False, "two families, two scripts"),
    ):
        values = [
            atlas.shown(pair)
            for pair in atlas.pairs
            if (of[pair.first].family == of[pair.second].family) == family
            and (of[pair.first].script == of[pair.second].script) == script
        ]
        if values:
            yield title, len(values), sum(values) / len(values), max(values)


def _signs(record: RunRecord) -> Signs:
    """One color for a family on the whole page, whichever languages an input could be made for."""
    return signs({place.code: place for atlas in record.atlases for place in atlas.places}.values())


def _heard(record: RunRecord) -> list[G2PRow]:
    """G2P's rows, the most leaking language first."""
    asked = {code for atlas in record.atlases for code in (*atlas.left_out, *(p.code for p in atlas.places))}
    return sorted(
        (row for row in record.g2p if row.language in asked), key=lambda row: -(row.leak_rate or 0.0)
    )


def _csv(atlas: Atlas) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["first", "second", "cka", "cka_debiased", "cka_debiased_without_length"])
    for pair in atlas.pairs:
        writer.writerow([pair.first, pair.second, pair.cka, pair.debiased, pair.without_length])
    return file.getvalue()
