"""Tables 1 to 3 in the terminal, beside the paper's printed figures."""

import io
from typing import TYPE_CHECKING

from report.baselines import baselines
from report.compare import Comparison
from report.record import RunRecord
from report.tables import NOT_RUN, Column, Grid, Row, grids, write, write_difference, write_signed

if TYPE_CHECKING:
    from rich.table import Table as RichTable

WIDTH = 110


def console_tables(record: RunRecord, width: int = WIDTH, color: bool = True) -> str:
    """The tables as text of at most `width` columns (100 or more), with ANSI colors unless told otherwise.

    Languages that this run left out are not shown; a task without any value is one line that says so.
    """
    from rich.console import Console

    file = io.StringIO()
    console = Console(file=file, width=width, force_terminal=color, no_color=not color, highlight=False)
    if record.banner:
        console.print(f"[bold yellow]{record.banner}[/]\n")
    for position, grid in enumerate(grids(record), start=1):
        for group in dict.fromkeys(row.group for row in grid.rows):
            title = f"[bold]Table {position}[/] · {group}"
            rows = [row for row in grid.rows if row.group == group and grid.was_run(row)]
            if not rows:
                console.print(f"{title}: {NOT_RUN}\n")
                continue
            console.print(title)
            for block in _blocks(grid, rows, width):
                console.print(_table(record, grid, rows, block))
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
        console.print(f"[dim]{name}[/]: {one or '–'} → {other or '–'}", markup=True)
    table = RichTable(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    for title in ("", "row", "column"):
        table.add_column(title)
    for title in ("first", "second", "difference", "interval"):
        table.add_column(title, justify="right", no_wrap=True)
    for number in comparison.numbers:
        digits = number.column.digits
        bounds = number.interval
        table.add_row(
            number.table,
            number.first.row,
            number.column.short,
            write(number.first.value, digits),
            write(number.second.value, digits),
            "" if number.difference is None or digits is None else write_signed(number.difference, digits),
            f"{write(bounds.low, digits)} to {write(bounds.high, digits)}" if bounds else "",
            style="bold" if number.differs else "",
        )
    console.print(table)
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines()) + "\n"


def _blocks(grid: Grid, rows: list[Row], width: int) -> list[list[Column]]:
    """The columns that have values, in one block; in two, scores and gaps, where one would be too wide."""
    columns = [
        column for column in grid.columns if any(grid.cell(row, column).value is not None for row in rows)
    ]
    label = max(len(row.title) for row in rows) + len("  difference")
    if label + sum(max(len(column.short), 6) + 1 for column in columns) <= width:
        return [columns]
    scores = [column for column in columns if column.group == columns[0].group]
    return [scores, [column for column in columns if column not in scores]]


def _table(record: RunRecord, grid: Grid, rows: list[Row], columns: list[Column]) -> "RichTable":
    """Ours, the paper's and the difference, one line each; the baselines last."""
    from rich import box
    from rich.table import Table as RichTable

    table = RichTable(box=box.SIMPLE_HEAD, padding=0, pad_edge=False)
    table.add_column("", no_wrap=True)
    for column in columns:
        table.add_column(column.short, justify="right", no_wrap=True)
    for row in rows:
        cells = [(grid.cell(row, column), column) for column in columns]
        table.add_row(f"[bold]{row.title}[/]", *(_ours(number.value, column) for number, column in cells))
        table.add_row("  paper", *(_figure(number.paper, column.digits) for number, column in cells))
        differences = [f"[dim]{write_difference(number, column)}[/]" for number, column in cells]
        table.add_row("[dim]  difference[/]", *differences)
    for line in baselines(record, grid):
        figures = [_figure(line.values.get(column.key), 2) for column in columns]
        if line.group == rows[0].group and any(figures):
            table.add_row(f"[dim]{line.title}[/]", *(f"[dim]{figure}[/]" for figure in figures))
    return table


def _ours(value: float | None, column: Column) -> str:
    return f"[dim]{NOT_RUN}[/]" if value is None else f"[bold cyan]{write(value, column.digits)}[/]"


def _figure(value: float | None, digits: int | None) -> str:
    return "" if value is None else write(value, digits)
