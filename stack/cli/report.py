"""`isogloss report`: draw a run's report anew, or set two runs beside each other."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from isogloss.errors import InvalidInput
from isogloss.settings import settings

Pair = tuple[str, str]


def report(
    run: Annotated[
        str | None, typer.Argument(help="a report's name, folder or run.json; without one: latest")
    ] = None,
    compare: Annotated[
        Pair | None,
        typer.Option(metavar="RUN_A RUN_B", help="print the numbers of two runs and their differences"),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="with --compare: also as HTML, to this file")] = None,
) -> None:
    """Draw the report of a run anew from its record, or compare two runs.

    isogloss report --compare 20261124-093000-small latest --out difference.html
    """
    import report as flows

    if compare is None:
        if out is not None:
            raise InvalidInput("--out", "is for comparisons", "Add --compare RUN_A RUN_B.")
        path = record_of(run or "latest")
        typer.echo(flows.write_report(_read(flows, path), path.parent))
        return
    if run is not None:
        raise InvalidInput("RUN", f"{run!r} beside --compare", "Give two runs after --compare and none else.")
    first, second = (_read(flows, record_of(name)) for name in compare)
    text = flows.console_comparison(flows.compare(first, second), color=sys.stdout.isatty())
    typer.echo(text, nl=False)
    if out is not None:
        typer.echo(flows.write_comparison(first, second, out))


def record_of(run: str) -> Path:
    """The record of a run that is named by its folder's name, its folder, or the file itself."""
    for path in (Path(run), settings().reports_dir / run):
        if path.is_dir():
            path = path / "run.json"
        if path.is_file():
            return path
    fix = f"Give a folder of {settings().reports_dir}/, its name, or a run.json."
    raise InvalidInput("RUN", f"no report {run!r}", fix)


def _read(flows: Any, path: Path) -> Any:
    try:
        return flows.RunRecord.from_json(path.read_bytes())
    except (OSError, ValueError) as error:
        raise InvalidInput("RUN", f"{path}: {error}", "Run the profile again to write its record.") from None
