"""Tables 1 to 3 as the page shows them: every figure written, every link, note and verdict in its place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from report.baselines import Baseline, baselines
from report.paper import LANGUAGES, discrepancies
from report.provenance import Sources
from report.record import COLUMNS, Number, RunRecord, Table
from report.tables import Column, Grid, Row, language_name, no_interval, write, write_difference
from report.verdicts import judge


@dataclass(frozen=True)
class NumberView:
    """One cell as the page shows it. `exact`: why it has no interval; `mark`: letter of its note below."""

    what: str
    ours: str
    run: bool
    paper: str
    difference: str
    interval: str
    method: str
    exact: str
    verdict: str
    manifest: str
    anchor: str
    note: str
    mark: str


@dataclass(frozen=True)
class BaselineView:
    """A row of what a model has to beat; a text and an anchor for each column, empty where it has none."""

    title: str
    group: str
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class RowView:
    """A row with its cells; `run`: any has a value; `interval_label`: empty when none has an interval."""

    title: str
    group: str
    run: bool
    interval_label: str
    cells: tuple[NumberView, ...]


@dataclass(frozen=True)
class GridView:
    """One of Tables 1 to 3. `groups`: column headings with how many columns each spans.

    `absent`: positions of the columns in which this run has nothing.
    """

    table: str
    number: int
    title: str
    stub: str
    columns: tuple[Column, ...]
    absent: tuple[int, ...]
    groups: tuple[tuple[str, int], ...]
    row_groups: tuple[tuple[str, tuple[RowView, ...]], ...]
    baselines: tuple[BaselineView, ...]
    notes: tuple[str, ...]
    footnotes: tuple[tuple[str, str], ...]


def grid_view(record: RunRecord, grid: Grid, position: int, sources: Sources) -> GridView:
    """Table number `position` of a run, ready to be shown."""
    letters: dict[str, str] = {}
    for number in grid.numbers.values():
        if number.note:
            letters.setdefault(number.note, chr(ord("a") + len(letters) % 26))
    rows = tuple(
        RowView(
            row.title,
            row.group,
            grid.was_run(row),
            _interval_label(grid, row),
            tuple(
                _number_view(record, position, row, column, grid.cell(row, column), sources, letters)
                for column in grid.columns
            ),
        )
        for row in grid.rows
    )
    return GridView(
        grid.table,
        position,
        grid.title,
        grid.stub,
        grid.columns,
        _absent(grid),
        _column_groups(grid.columns),
        tuple(
            (group, tuple(row for row in rows if row.group == group))
            for group in dict.fromkeys(row.group for row in rows)
        ),
        tuple(_baseline_view(line, grid, sources) for line in baselines(record, grid)),
        (*_subset_note(record, grid.table), *(item.text for item in discrepancies(grid.table))),
        tuple((letter, note) for note, letter in letters.items()),
    )


def _number_view(
    record: RunRecord,
    position: int,
    row: Row,
    column: Column,
    number: Number,
    sources: Sources,
    letters: Mapping[str, str],
) -> NumberView:
    where = f"{column.group}, {column.title}" if column.group not in column.title else column.title
    interval = number.interval
    return NumberView(
        f"Table {position} · {row.group} · {row.title} · {where}",
        write(number.value, column.digits),
        number.value is not None,
        "" if number.paper is None else write(number.paper, column.digits),
        write_difference(number, column),
        f"{write(interval.low, column.digits)} … {write(interval.high, column.digits)}" if interval else "",
        f"{interval.level:.0%} interval{', ' if interval.method else ''}{interval.method}"
        if interval
        else "",
        no_interval(column, number),
        judge(record, column, number) or "",
        number.manifest,
        sources.anchor(number.manifest),
        number.note,
        letters.get(number.note, ""),
    )


def _baseline_view(line: Baseline, grid: Grid, sources: Sources) -> BaselineView:
    return BaselineView(
        line.title,
        line.group,
        tuple(
            (write(line.values[column.key], 2), sources.anchor(line.manifests[column.key]))
            if column.key in line.values
            else ("", "")
            for column in grid.columns
        ),
    )


def _absent(grid: Grid) -> tuple[int, ...]:
    return tuple(
        position
        for position, column in enumerate(grid.columns)
        if all(grid.cell(row, column).value is None for row in grid.rows)
    )


def _interval_label(grid: Grid, row: Row) -> str:
    """ "95% interval"; empty for a row without any."""
    intervals = [interval for column in grid.columns if (interval := grid.cell(row, column).interval)]
    levels = sorted({interval.level for interval in intervals})
    return f"{' or '.join(f'{level:.0%}' for level in levels)} interval" if levels else ""


def _column_groups(columns: Sequence[Column]) -> tuple[tuple[str, int], ...]:
    groups: list[tuple[str, int]] = []
    for column in columns:
        if groups and groups[-1][0] == column.group:
            groups[-1] = (column.group, groups[-1][1] + 1)
        else:
            groups.append((column.group, 1))
    return tuple(groups)


def _subset_note(record: RunRecord, table: Table) -> list[str]:
    """The paper's means are over its ten languages; over fewer, ours are not the same quantity."""
    if table != "table1":
        return []
    ours = {n.column for n in record.numbers if n.table == table and n.column not in COLUMNS[table]}
    paper = set(LANGUAGES["table1"])
    if not ours or ours == paper:
        return []
    return [
        f"Std., mean RPD and mean CKA are here over {len(ours)} languages "
        f"({', '.join(language_name(code) for code in record.languages if code in ours)}), in the paper over "
        f"{len(paper)}: their differences compare unlike quantities."
    ]
