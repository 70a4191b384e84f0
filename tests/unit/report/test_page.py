"""The page: whole in itself, every number with its way back, nothing that runs what a record says."""

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from report import RunRecord
from report.page import duration, render_page
from report.record import DatasetRow, ManifestRow, Number
from report.tables import grids
from tests.report_audit import unaccounted

VOID = {"meta", "br", "input", "img", "link", "hr"}


class Page(HTMLParser):
    """What the tests ask of a page: its identifiers, links, tags and whether they are closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[dict[str, str | None]] = []
        self.loaded: list[str] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if found.get("id"):
            self.ids.append(str(found["id"]))
        if tag == "a":
            self.links.append(found)
        self.loaded += [str(found[name]) for name in ("src", "srcset", "data") if found.get(name)]
        if tag == "link":
            self.loaded.append(str(found.get("href")))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def html(folder: Path) -> str:
    return (folder / "index.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_tags_close_and_identifiers_are_unique(page: Page) -> None:
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))


def test_it_loads_nothing(page: Page, html: str) -> None:
    assert page.loaded == []
    assert "@import" not in html
    assert "url(http" not in html


def test_links_lead_somewhere(page: Page, folder: Path) -> None:
    for link in page.links:
        target = str(link["href"])
        if target.startswith("#"):
            assert target[1:] in page.ids, target
        else:
            assert (folder / target).is_file(), target


def test_every_number_leads_to_its_manifest(page: Page, sample: RunRecord, html: str) -> None:
    of_tables = [link for link in page.links if str(link.get("data-what")).startswith("Table ")]
    entries = [entry for grid in grids(sample) for entry in grid.entries.values()]
    assert len(of_tables) == sum(entry.value is not None for entry in entries)
    for number in sample.numbers:
        assert f"isogloss show {number.manifest}" in html


@pytest.mark.parametrize("which", ["full", "sample", "empty", "others"])
def test_every_number_has_an_interval_or_says_why_not(which: str, request: pytest.FixtureRequest) -> None:
    assert unaccounted(render_page(request.getfixturevalue(which), [])) == []


def test_a_number_without_interval_reason_or_manifest_is_noticed(full: RunRecord) -> None:
    html = render_page(full, [])
    bare = Number("score", 1.0, "s3://b/m", "table1", "ner", "phoneme", ("eng",))
    rest = tuple(item for item in full.numbers if item.place != bare.place)
    (found,) = unaccounted(render_page(replace(full, numbers=(*rest, bare)), []))
    assert found == "Table 1: ? 1.00: no interval, and no reason"
    (found,) = unaccounted(html.replace("<tbody>", "<tbody><tr><td>7</td></tr>", 1))
    assert found.endswith("7: no manifest")


def test_the_banner_is_on_top(page: Page, sample: RunRecord) -> None:
    assert page.text.index(sample.banner) < page.text.index("Overview")


def test_it_is_small_enough_to_send(html: str) -> None:
    assert len(html.encode()) < 3_000_000


def test_what_was_not_run_says_so(empty: RunRecord) -> None:
    page = Page(render_page(empty, []))
    assert page.open == []
    for what in (
        "Tables",
        "Robustness",
        "Learning curves",
        "Data",
        "Training",
        "Phonemes",
        "Models",
    ):
        assert f"{what}: not run." in page.text


def test_text_of_a_record_stays_text(empty: RunRecord) -> None:
    hostile = "<script>alert(1)</script>\"'"
    number = Number("score", 1.0, "s3://b/" + hostile, "table1", "pos", "phoneme", ("eng",), note=hostile)
    record = replace(empty, numbers=(number,), banner=hostile, notes=(hostile,), command=hostile)
    html = render_page(record, [])
    assert "<script>alert" not in html
    assert html.count("&lt;script&gt;alert(1)") >= 5


def test_a_note_stands_under_its_table(empty: RunRecord) -> None:
    number = Number(
        "score", 1.0, "s3://b/m", "table1", "pos", "phoneme", ("eng",), note="Half of the train set."
    )
    page = Page(render_page(replace(empty, numbers=(number,)), []))
    assert "note-table1-a" in page.ids
    assert {"href": "#note-table1-a"} in page.links


def test_means_over_fewer_languages_are_told_apart(sample: RunRecord, full: RunRecord) -> None:
    warning = "compare unlike quantities"
    assert warning in render_page(sample, [])
    assert warning not in render_page(full, [])


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "not run"), (2.34, "2.3 s"), (47.0, "47 s"), (725.0, "12 min 05 s"), (12_000.0, "3 h 20 min")],
)
def test_durations_are_for_people(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


def test_a_run_beside_nothing_shows_nothing_of_the_paper(others: RunRecord) -> None:
    page = Page(render_page(others, []))
    for word in ("Jung", "paper's printed", "Ukrainian", "phoneme models", "The paper's claims"):
        assert word not in page.text
    assert "Topic of a text by language" in page.text


def test_what_failed_is_on_the_first_page(others: RunRecord) -> None:
    text = " ".join(Page(render_page(others, [])).text.split())
    assert "1 step failed." in text
    assert "train topics/romanized/tam seed 0: loss is not finite at step 12: lower learning_rate" in text
    assert "Not run because of it: embed topics/romanized/tam seed 0." in text
    assert text.index("1 step failed.") < text.index("What was run")


def test_a_table_is_titled_by_what_was_run(full: RunRecord) -> None:
    numbers = tuple(
        replace(number, input="character") if number.against else number for number in full.numbers
    )
    text = " ".join(Page(render_page(replace(full, numbers=numbers), [])).text.split())
    assert "Performance gap on Natural language inference, characters" in text
    table3 = text[text.index("Table 3 · What") : text.index("Figure 2 · ")]
    assert "difference" not in table3, "the paper's Table 3 is of phonemes"


def test_hashes_lead_to_the_manifest_that_made_them(empty: RunRecord) -> None:
    data, model = "s3://b/data/k/manifest.json", "s3://b/train/k/manifest.json"
    digest = "d" * 64
    manifests = (
        ManifestRow(data, "dataset", files={"train.parquet": digest}),
        ManifestRow(model, "train", inputs={"train": digest}),
    )
    row = DatasetRow("ud", "eng", 10, None, None, "a mirror", (digest,), manifest=data)
    number = Number("score", 90.0, model, "table1", "pos", "phoneme", ("eng",))
    page = Page(render_page(replace(empty, numbers=(number,), datasets=(row,), manifests=manifests), []))
    (entry,) = [i for i in page.ids if i.startswith("m") and {"href": f"#{i}"} in page.links]
    assert page.links.count({"href": f"#{entry}"}) == 2, (
        "from the table of data, and from the model's manifest"
    )
