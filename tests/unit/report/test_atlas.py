"""The page of an atlas: readable at sixty languages and more, and its pictures show what was measured."""

import math
import re
from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

import pytest

from isogloss.languages import LANGUAGES
from report import write_report
from report.atlas import atlas_lines, render_atlas
from report.atlas.arrangement import arrange
from report.atlas.heat_map import color, heat_map
from report.atlas.plane import HEIGHT, WIDTH, plane
from report.atlas.signs import signs
from report.record import Atlas, AtlasPair, G2PRow, Place, RunRecord, Table

NOW = datetime(2026, 11, 28, tzinfo=UTC)


def places(count: int) -> tuple[Place, ...]:
    chosen = [item for item in LANGUAGES.values() if item.flores][:count]
    return tuple(Place(item.code, item.title, item.family, item.script) for item in chosen)


def atlas(count: int = 64) -> Atlas:
    """Languages of one family are alike, of one script a little."""

    def likeness(first: Place, second: Place) -> AtlasPair:
        value = 0.05 + 0.3 * (first.family == second.family) + 0.1 * (first.script == second.script)
        value += 0.001 * (len(first.name) + len(second.name))
        return AtlasPair(first.code, second.code, value + 0.2, value + 0.1, value)

    here = places(count)
    pairs = tuple(likeness(*pair) for pair in combinations(here, 2))
    where = "s3://isogloss/linguistic-gap/k/manifest.json"
    return Atlas(
        "atlas",
        "phoneme",
        "roberta, untrained",
        "letters",
        "flores",
        1012,
        here,
        pairs,
        {"urd": "36 %"},
        where,
    )


def record(*atlases: Atlas) -> RunRecord:
    return RunRecord(
        run_id="run", profile="atlas", started=NOW, finished=NOW, tasks={}, inputs={"phoneme": "Phoneme"},
        languages={place.code: place.name for item in atlases for place in item.places} | {"urd": "Urdu"},
        regime="in_language", evaluation="paper", atlases=atlases,
        g2p=(G2PRow("afr", 10, 0.1), G2PRow("urd", 10, 0.9, {"worst words": "<ab>"})),
    )  # fmt: skip


def test_alone_it_is_the_report_and_beside_tables_a_page_of_its_own(tmp_path: Path) -> None:
    page = write_report(record(atlas()), tmp_path / "alone")
    assert "An atlas of 64 languages" in page.read_text()
    assert (tmp_path / "alone/tables/atlas-phoneme.csv").read_text().count("\n") == 64 * 63 / 2 + 1
    assert (tmp_path / "alone/figures/atlas-phoneme-heat-map.svg").read_text().startswith("<svg xmlns")
    page = write_report(replace(record(atlas()), tables={"table1": Table()}), tmp_path / "beside")
    assert 'href="atlas.html"' in page.read_text()
    assert "An atlas of 64 languages" in (tmp_path / "beside/atlas.html").read_text()


def test_every_pair_has_a_cell_that_says_its_value() -> None:
    made = atlas()
    drawn = heat_map(made, arrange(made), signs(made.places), "name")
    assert drawn.count("<rect x=") == 64 * 64 + 1
    names = {place.code: place.name for place in made.places}
    for pair in made.pairs[::97]:
        first, second = names[pair.first], names[pair.second]
        assert f"{first} – {second}: {made.shown(pair):.3f}" in drawn
        assert f"{second} – {first}: {made.shown(pair):.3f}" in drawn


def test_the_tree_puts_families_together() -> None:
    """The order is all that a heat map has: the largest family stands in one block."""
    made = atlas(24)
    family = {place.code: place.family for place in made.places}
    order = [family[code] == "Indo-European" for code in arrange(made).order]
    assert re.fullmatch("0*1+0*", "".join(str(int(item)) for item in order))


def test_alike_languages_are_near_on_the_plane_and_labels_do_not_cover_each_other() -> None:
    made = atlas()
    points = arrange(made).points
    by_code = {place.code: place for place in made.places}

    def apart(pair: AtlasPair) -> float:
        (a, b), (c, d) = points[pair.first], points[pair.second]
        return math.hypot(a - c, b - d)

    groups = {
        same: [apart(p) for p in made.pairs if (by_code[p.first].family == by_code[p.second].family) == same]
        for same in (True, False)
    }
    assert sum(groups[True]) / len(groups[True]) < sum(groups[False]) / len(groups[False])
    drawn = plane(made, arrange(made), signs(made.places))
    spots = [(float(x), float(y)) for x, y in re.findall(r'<text x="([\d.]+)" y="([\d.]+)"', drawn)]
    assert len(spots) == 64
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in spots)


def test_length_is_taken_out_of_all_pairs_or_of_none() -> None:
    made = atlas(3)
    assert made.shown(made.pairs[0]) == made.pairs[0].without_length
    mixed = replace(made, pairs=(replace(made.pairs[0], without_length=None), *made.pairs[1:]))
    assert [mixed.shown(pair) for pair in mixed.pairs] == [pair.debiased for pair in mixed.pairs]
    assert "sentence length taken out" not in render_atlas(record(mixed))


def test_what_is_left_out_or_failed_is_said() -> None:
    page = render_atlas(
        record(atlas(), Atlas("atlas", "character", "m", "r", "flores", 0, (), reason="failed: why"))
    )
    assert "Urdu (urd): 36 %" in page
    assert "failed: why" in page
    assert "&lt;ab&gt;" in page, "text of the corpus is escaped"
    assert "left out: Urdu: 36 %" in atlas_lines(record(atlas()))


@pytest.mark.parametrize("count", [2, 3, 97])
def test_two_languages_and_a_hundred_are_drawn(count: int) -> None:
    assert f"An atlas of {count} languages" in render_atlas(record(atlas(count)))


def test_equal_values_are_drawn() -> None:
    made = atlas(3)
    same = tuple(AtlasPair(pair.first, pair.second, 0.0, 0.0) for pair in made.pairs)
    assert "An atlas of 3" in render_atlas(record(replace(made, pairs=same)))
    assert color(0.0, 0.0, 0.0) == "#440154"
    assert color(2.0, 0.0, 1.0) == "#fde725"


def test_the_record_is_read_back_as_it_was() -> None:
    made = record(atlas(5))
    assert RunRecord.from_json(made.to_json()) == made
