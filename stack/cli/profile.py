"""`isogloss profile`: what is wrong with an experiment, before it runs, and the schema of its file."""

import json
from typing import Annotated

import typer

from isogloss.settings import settings
from stack.cli.replicate import (
    Data,
    Languages,
    Settings,
    Tables,
    Tasks,
    absolute,
    as_field,
    profile_name,
    split,
)

profile = typer.Typer(help="Check an experiment's file, or print its schema.", no_args_is_help=True)


@profile.command()
def check(
    name: Annotated[str, typer.Argument(metavar="NAME|FILE", help="sample, small, paper, or a file")],
    data: Data = None,
    tasks: Tasks = None,
    languages: Languages = None,
    tables: Tables = None,
    set_: Settings = None,
) -> None:
    """Find what can be known to be wrong before the first training, and name field, file and row.

    Reads the data as a run would and converts what becomes phonemes; trains, stores and downloads nothing.
    Exit code 1 when something would stop the run or cost cells.
    """
    from flows.check import check_profile
    from flows.load import load

    chosen = load(
        profile_name(name),
        data=absolute(data),
        tasks=split(tasks),
        languages=split(languages),
        tables=split(tables),
        options=dict(map(as_field, set_ or [])),
    )
    problems = 0
    for finding in check_profile(chosen, settings()):
        problems += finding.wrong
        typer.secho(
            f"{'wrong' if finding.wrong else 'note'}: {finding.text}", fg="red" if finding.wrong else None
        )
    if problems:
        raise typer.Exit(1)
    typer.echo(f"profile {chosen.name}: nothing is wrong that can be known before a run")


@profile.command()
def schema() -> None:
    """Print the JSON schema of a profile, for editors: `# yaml-language-server: $schema=FILE` on top of
    yours.
    """
    from flows.profile import Profile

    typer.echo(json.dumps(Profile.model_json_schema(), indent=2))
