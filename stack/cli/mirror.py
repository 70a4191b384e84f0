"""`isogloss mirror`: what a profile reads, copied from the hub into a directory or an S3 prefix."""

from pathlib import Path
from typing import Annotated

import typer

from isogloss.errors import IsoglossError
from stack.cli.replicate import Languages, Profile, Settings, Tasks, as_field, profile_name, split


def mirror(
    target: Annotated[str, typer.Argument(help="a directory, made if need be, or s3://bucket/prefix")],
    profile: Profile = "paper",
    tasks: Tasks = None,
    languages: Languages = None,
    set_: Settings = None,
) -> None:
    """Fetch every dataset and model that `isogloss replicate` with the same options would fetch from the hub,
    at the pinned revisions, and what its `data:` names, and write them in the layout that `--data TARGET`
    reads, with their checksums.

    Interrupted, call it again: what is there is left alone. Needs HF_TOKEN for FLORES+, which is gated.
    """
    from flows.load import load
    from flows.mirror import fill

    options = dict(map(as_field, set_ or []))
    chosen = load(profile_name(profile), tasks=split(tasks), languages=split(languages), options=options)
    if "://" not in target:
        Path(target).mkdir(parents=True, exist_ok=True)
    try:
        for line in fill(chosen, target):
            typer.echo(line)
    except IsoglossError:
        typer.echo("stopped; what is listed above stays, and the same command goes on from there", err=True)
        raise
    typer.echo(f"read it with: isogloss replicate --profile {profile} --data {target}")
