"""Errors and tables of the local stack, as they look on a terminal."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from stack.errors import StackError
from stack.state import StackStatus

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

_COLORS = {"ready": "green", "starting": "yellow", "waiting": "yellow", "failed": "red", "stopped": "dim"}


def print_error(error: StackError) -> None:
    """The log's tail first, so that problem and fix end up where the eye is."""
    if error.tail:
        err.print(error.tail, markup=False, style="dim", soft_wrap=True)
    err.print(f"[bold red]error:[/] {escape(error.problem)}", soft_wrap=True)
    if error.fix:
        err.print(escape(error.fix), soft_wrap=True)


@contextmanager
def stack_errors() -> Iterator[None]:
    """Turn a `StackError` into its message and exit code 1."""
    try:
        yield
    except StackError as error:
        print_error(error)
        raise typer.Exit(1) from error


def parts_table(status: StackStatus) -> Table:
    """The parts of a stack."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for heading in ("part", "state", "address", "pid", "restarts"):
        table.add_column(heading, justify="right" if heading in ("pid", "restarts") else "left")
    for part in status.parts:
        state = Text(part.phase, style=_COLORS[part.phase])
        restarts = f"{part.restarts} ({part.last_exit})" if part.restarts else "0"
        table.add_row(part.name, state, part.address, str(part.pid or ""), restarts)
    return table
