"""Tables 1 to 3 in the terminal, beside the paper's printed figures where the run is set beside them."""

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from report.baselines import baselines
from report.compare import Comparison
from report.matched import contrast_lines
from report.record import RunRecord
from report.tables import Column, Grid, Row, grids, write, write_difference, write_entry, write_signed

if TYPE_CHECKING:
    from rich.table import Table as RichTable

WIDTH = 110


def console_tables(record: RunRecord, width: int = WIDTH, color: bool = True) -> str:
    """The tables as text of at most `width` columns (100 or more), with ANSI colors unless told otherwise.

    What failed comes first, and below a table why figures are missing in it.
    """
    from rich.console import Console

    file = io.StringIO()
    console = Console(file=file, width=width, force_terminal=color, no_color=not color, highlight=False)
    if record.banner:
        console.print(f"[bold yellow]{escape(record.banner)}[/]\n")
    for failure in record.failures:
        console.print(f"[bold red]failed[/]: {escape(failure.label)}: {escape(failure.why)}")
        if failure.not_run:
            console.print(f"  not run because of it: {escape(', '.join(failure.not_run))}")
    made = grids(record)
    for grid in made:
        for group in dict.fromkeys(row.group for row in grid.rows):
            rows = [row for row in grid.rows if row.group == group]
            console.print(f"[bold]Table {grid.number}[/] · {escape(group)}")
            for block in _blocks(grid, rows, width):
                console.print(_table(record, grid, rows, block))
            for reason in dict.fromkeys(_reasons(grid, rows)):
                console.print(f"[dim]{escape(reason)}[/]")
    if record.matched:
        for line in contrast_lines(record.matched):
            console.print(escape(line))
    elif not made and not record.atlases:
        console.print("No table: nothing was measured.")
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines()) + "\n"


def console_comparison(comparison: Comparison, width: int = WIDTH, color: bool = True) -> str:
    """Two runs' numbers and their differences as text of at most `width` columns."""
    from rich import box
    from rich.console import Console
    from rich.table import Table as RichTable

    file = io.StringIO()
    console = Console(file=file, width=width, force_terminal=color, no_color=not color, highlight=False)
    console.print(f"first   {comparison.first.run_id}\nsecond  {comparison.second.run_id}")
    for name, one, other in comparison.settings:
        console.print(f"[dim]{escape(name)}[/]: {escape(one or '–')} → {escape(other or '–')}")
    table = RichTable(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    for title in ("", "row", "column"):
        table.add_column(title)
    for title in ("first", "second", "difference", "interval"):
        table.add_column(title, justify="right", no_wrap=True)
    for number in comparison.numbers:
        digits = number.column.digits
        bounds = number.interval
        table.add_row(
            escape(number.table),
            escape(number.row.key),
            escape(number.column.short),
            write_entry(number.first, number.column),
            write_entry(number.second, number.column),
            "" if number.difference is None or digits is None else write_signed(number.difference, digits),
            f"{write(bounds.low, digits)} to {write(bounds.high, digits)}" if bounds else "",
            style="bold" if number.differs else "",
        )
    console.print(table)
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines()) + "\n"


def _reasons(grid: Grid, rows: list[Row]) -> Iterator[str]:
    for row in rows:
        for column in grid.columns:
            number = grid.entries[row, column].number
            if number and number.reason:
                yield f"{row.title}, {column.short}: {number.reason}"


def escape(text: str) -> str:
    """Text as Rich's markup; one that ends in a backslash must not escape what follows, either."""
    from rich import markup

    return markup.escape(text)


def _blocks(grid: Grid, rows: list[Row], width: int) -> list[list[Column]]:
    """The columns in one block; where that is too wide in two, scores and gaps, or in more."""
    label = max(len(row.title) for row in rows) + len("  difference")
    room = width - label
    blocks: list[list[Column]] = []
    if sum(map(_width, grid.columns)) > room:
        of_languages = [column for column in grid.columns if column.group == grid.columns[0].group]
        parts = [of_languages, [column for column in grid.columns if column not in of_languages]]
    else:
        parts = [list(grid.columns)]
    for part in parts:
        block: list[Column] = []
        for column in part:
            if block and sum(map(_width, [*block, column])) > room:
                blocks.append(block)
                block = []
            block.append(column)
        blocks.append(block)
    return [block for block in blocks if block]


def _width(column: Column) -> int:
    return max(len(column.short), 7) + 1


def _table(record: RunRecord, grid: Grid, rows: list[Row], columns: list[Column]) -> "RichTable":
    """Ours, the paper's and the difference, one line each; the baselines last."""
    from rich import box
    from rich.table import Table as RichTable

    table = RichTable(box=box.SIMPLE_HEAD, padding=0, pad_edge=False)
    table.add_column("", no_wrap=True)
    for column in columns:
        table.add_column(escape(column.short), justify="right", no_wrap=True)
    for row in rows:
        entries = [(grid.entries[row, column], column) for column in columns]
        ours = [
            f"[{'dim' if entry.value is None else 'bold cyan'}]{write_entry(entry, column)}[/]"
            for entry, column in entries
        ]
        table.add_row(f"[bold]{escape(row.title)}[/]", *ours)
        if any(entry.number and entry.number.by_seed for entry, _ in entries):
            scatter = [entry.number.seed_std if entry.number else None for entry, _ in entries]
            table.add_row(
                "[dim]  SD of seeds[/]",
                *(f"[dim]{_figure(v, c.digits)}[/]" for v, (_, c) in zip(scatter, entries, strict=True)),
            )
        if any(entry.paper is not None for entry, _ in entries):
            table.add_row("  paper", *(_figure(entry.paper, column.digits) for entry, column in entries))
            differences = [f"[dim]{write_difference(entry, column)}[/]" for entry, column in entries]
            table.add_row("[dim]  difference[/]", *differences)
    for line in baselines(record, grid):
        figures = [
            _figure(line.values.get(column.language), 2) if column.measure.name == "score" else ""
            for column in columns
        ]
        if line.task == rows[0].task and any(figures):
            table.add_row(f"[dim]{escape(line.title)}[/]", *(f"[dim]{figure}[/]" for figure in figures))
    return table


def _figure(value: float | None, digits: int | None) -> str:
    return "" if value is None else write(value, digits)
