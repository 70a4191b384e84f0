"""Text that users bring (titles, names, notes, what failed) stays text in every form of a report."""

import csv
import io
from dataclasses import replace

import pytest

from isogloss.errors import InvalidInput
from isogloss.languages import LANGUAGES
from isogloss.tasks import TASKS
from report import RunRecord, console_tables
from report.exports import table_files
from report.latex import latex_files
from report.record.inputs import Failure

HOSTILE = [
    "[/bold] [link=https://example.org]x[/]",
    "[v2] {x} {0}",
    "=HYPERLINK(1)",
    "@SUM(1)",
    r"\input{/etc/passwd} 100% & # ~ ^ _ $",
    "ends in \\",
    "<script>alert(1)</script>",
]


@pytest.fixture(params=HOSTILE)
def text(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def record(sample: RunRecord, text: str) -> RunRecord:
    """A record with that text wherever a user may have put it."""
    return replace(
        sample,
        profile=text,
        tasks=dict.fromkeys(sample.tasks, text),
        inputs=dict.fromkeys(sample.inputs, text),
        languages=dict.fromkeys(sample.languages, text),
        numbers=tuple(replace(number, note=text) for number in sample.numbers),
        failures=(Failure(text, text, (text,)),),
        notes=(text,),
        banner=text,
    )


def test_a_terminal_shows_it_as_it_is(record: RunRecord, text: str) -> None:
    assert text.split()[0] in console_tables(record, color=False)


def test_no_cell_of_a_csv_is_a_formula(record: RunRecord) -> None:
    files = {name: text for name, text in table_files(record).items() if name.endswith(".csv")}
    for name, content in files.items():
        for row in csv.reader(io.StringIO(content)):
            for cell in row:
                assert cell[:1] not in "=@+" or cell == "", f"{name}: {cell}"


def test_latex_holds_no_command_of_it(record: RunRecord) -> None:
    for name, content in latex_files(record).items():
        assert r"\input" not in content, name
        for line in content.splitlines()[1:]:
            assert "100%" not in line.replace(r"\%", ""), f"{name}: {line}"


@pytest.mark.parametrize("title", ["two\nlines", "\x1b[31mred", "x" * 201])
def test_a_title_is_one_line(title: str) -> None:
    with pytest.raises(InvalidInput, match="title"):
        replace(TASKS["pos"], title=title)
    if len(title) < 200:
        with pytest.raises(InvalidInput, match="labels"):
            replace(TASKS["pos"], labels=("a", title))
        with pytest.raises(InvalidInput, match="name"):
            replace(LANGUAGES["eng"], name=title)
