"""`python -m flows.report`: `render RUN` draws a report anew, `compare FIRST SECOND` compares two runs.

RUN, FIRST and SECOND are folders of reports, or files of records.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from flows.report import RunRecord, compare, console_comparison, write_comparison, write_report

app = typer.Typer(add_completion=False, pretty_exceptions_show_locals=False)
Run = Annotated[Path, typer.Argument(help="a report's folder, or its run.json")]


def read(run: Path) -> RunRecord:
    """The record of a run; exits with what is wrong with it."""
    path = run / "run.json" if run.is_dir() else run
    try:
        return RunRecord.from_json(path.read_bytes())
    except (OSError, ValueError) as error:
        typer.secho(f"error: {path}: {error}", fg="red", err=True)
        raise typer.Exit(1) from None


@app.command()
def render(run: Run) -> None:
    """Draw a report anew from its record, for example after a change of its looks."""
    typer.echo(write_report(read(run), run if run.is_dir() else run.parent))


@app.command(name="compare")
def compare_runs(
    first: Run,
    second: Run,
    out: Annotated[Path | None, typer.Option(help="also as HTML, to this file")] = None,
) -> None:
    """Print the numbers of two runs, their differences and the intervals of these."""
    one, other = read(first), read(second)
    typer.echo(console_comparison(compare(one, other), color=sys.stdout.isatty()), nl=False)
    if out:
        typer.echo(write_comparison(one, other, out))


if __name__ == "__main__":
    app()
