"""Tables as the page shows them: every figure written, every link, note and verdict in its place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from report.baselines import Baseline, baselines
from report.paper import discrepancies, printed_languages
from report.provenance import Sources
from report.record import RunRecord
from report.tables import (
    Column,
    Entry,
    Grid,
    Row,
    grids,
    no_interval,
    write,
    write_difference,
    write_entry,
    write_seeds,
)
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
    seed_std: str
    by_seed: str
    verdict: str
    manifest: str
    anchor: str
    note: str
    mark: str


@dataclass(frozen=True)
class BaselineView:
    """A row of what a model has to beat; a text and an anchor for each column, empty where it has none."""

    title: str
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class RowView:
    """A row; `interval_label`, `seeds_label`: empty when no cell has such; `paper`: any has the paper's."""

    title: str
    interval_label: str
    seeds_label: str
    paper: bool
    cells: tuple[NumberView, ...]


@dataclass(frozen=True)
class GridView:
    """One table. `groups`: column headings with how many columns each spans."""

    table: str
    number: int
    kind: str
    title: str
    stub: str
    columns: tuple[Column, ...]
    groups: tuple[tuple[str, int], ...]
    row_groups: tuple[tuple[str, tuple[RowView, ...], tuple[BaselineView, ...]], ...]
    notes: tuple[str, ...]
    footnotes: tuple[tuple[str, str], ...]


def grid_views(record: RunRecord, sources: Sources) -> list[GridView]:
    """The tables of a run, ready to be shown."""
    return [_grid_view(record, grid, sources) for grid in grids(record)]


def _grid_view(record: RunRecord, grid: Grid, sources: Sources) -> GridView:
    letters: dict[str, str] = {}
    for entry in grid.entries.values():
        if remark := _remark(entry):
            letters.setdefault(remark, _letter(len(letters)))
    lines = baselines(record, grid)
    groups = []
    for group in dict.fromkeys(row.group for row in grid.rows):
        rows = [row for row in grid.rows if row.group == group]
        below = [line for line in lines if line.task == rows[0].task]
        groups.append(
            (
                group,
                tuple(_row_view(record, grid, row, sources, letters) for row in rows),
                tuple(_baseline_view(line, grid, sources) for line in below),
            )
        )
    of_paper = [item.text for item in discrepancies(grid.table)] if record.beside_paper else []
    return GridView(
        grid.table,
        grid.number,
        _kind(record, grid),
        grid.title,
        grid.stub,
        grid.columns,
        _column_groups(grid.columns),
        tuple(groups),
        (*_subset_notes(record, grid), *of_paper),
        tuple((letter, note) for note, letter in letters.items()),
    )


def _kind(record: RunRecord, grid: Grid) -> str:
    """What a table is about, in a word for the navigation."""
    table = record.tables[grid.table]
    return "correlations" if table.kind == "correlation" else "gaps" if table.reference else "scores"


def _remark(entry: Entry) -> str:
    """What stands below the table of a figure: its note, or why there is none."""
    return (entry.number.note or entry.number.reason) if entry.number else ""


def _letter(position: int) -> str:
    """a, b, … z, aa, ab, …"""
    rest, last = divmod(position, 26)
    return (_letter(rest - 1) if rest else "") + chr(ord("a") + last)


def _row_view(
    record: RunRecord, grid: Grid, row: Row, sources: Sources, letters: Mapping[str, str]
) -> RowView:
    entries = [(column, grid.entries[row, column]) for column in grid.columns]
    levels = sorted({entry.interval.level for _, entry in entries if entry.interval})
    seeds = sorted({entry.number.seeds for _, entry in entries if entry.number and entry.number.by_seed})
    return RowView(
        row.title,
        f"{' or '.join(f'{level:.0%}' for level in levels)} interval" if levels else "",
        f"SD of {' or '.join(map(str, seeds))} seeds" if seeds else "",
        any(entry.paper is not None for _, entry in entries),
        tuple(_number_view(record, grid, row, column, entry, sources, letters) for column, entry in entries),
    )


def _number_view(
    record: RunRecord,
    grid: Grid,
    row: Row,
    column: Column,
    entry: Entry,
    sources: Sources,
    letters: Mapping[str, str],
) -> NumberView:
    where = f"{column.group}, {column.title}" if column.group not in column.title else column.title
    interval, number = entry.interval, entry.number
    return NumberView(
        f"Table {grid.number} · {row.group} · {row.title} · {where}",
        write_entry(entry, column),
        entry.value is not None,
        "" if entry.paper is None else write(entry.paper, column.digits),
        write_difference(entry, column),
        f"{write(interval.low, column.digits)} … {write(interval.high, column.digits)}" if interval else "",
        f"{interval.level:.0%} interval{', ' if interval.method else ''}{interval.method}"
        if interval
        else "",
        no_interval(column, number) if number else "",
        write(number.seed_std, column.digits) if number and number.seed_std is not None else "",
        write_seeds(number, column.digits) if number else "",
        judge(record, row, column, entry) or "",
        entry.manifest,
        sources.anchor(entry.manifest),
        number.note if number else "",
        letters.get(_remark(entry), ""),
    )


def _baseline_view(line: Baseline, grid: Grid, sources: Sources) -> BaselineView:
    return BaselineView(
        line.title,
        tuple(
            (write(line.values[column.language], 2), sources.anchor(line.manifests[column.language]))
            if column.measure.name == "score" and column.language in line.values
            else ("", "")
            for column in grid.columns
        ),
    )


def _column_groups(columns: Sequence[Column]) -> tuple[tuple[str, int], ...]:
    groups: list[tuple[str, int]] = []
    for column in columns:
        if groups and groups[-1][0] == column.group:
            groups[-1] = (column.group, groups[-1][1] + 1)
        else:
            groups.append((column.group, 1))
    return tuple(groups)


def _subset_notes(record: RunRecord, grid: Grid) -> list[str]:
    """What the paper's table has beside this: its means are over other languages."""
    if not record.beside_paper or record.tables[grid.table].kind == "correlation":
        return []
    notes = []
    for task in grid.tasks:
        ours = [code for code in record.languages if any(c.language == code for c in grid.columns)]
        theirs = printed_languages(task)
        if not theirs or set(ours) == set(theirs):
            continue
        more = ", ".join(code for code in theirs if code not in ours)
        notes.append(
            f"{record.task(task)}: {len(ours)} languages here ({', '.join(map(record.language, ours))}), "
            f"{len(theirs)} in the paper{f' (it also has {more})' if more else ''}: Std. and means "
            "compare unlike quantities."
        )
    return notes
