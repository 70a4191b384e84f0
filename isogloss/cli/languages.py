"""`isogloss languages`: what can be run, and what each resource calls it."""

import sys
from typing import Annotated

import typer

from isogloss.languages import FIELDS, LANGUAGES


def languages(
    has: Annotated[
        str, typer.Option(help="only languages that it has: treebank, wikiann, xnli, flores or ntrex")
    ] = "",
) -> None:
    """Print the table of languages, tab-separated: code, name, family, script, and each resource's name."""
    if has and has not in FIELDS:
        raise typer.BadParameter(f"no column {has!r}; use one of: {', '.join(FIELDS)}")
    rows = [
        FIELDS,
        *(tuple(getattr(record, field) or "-" for field in FIELDS) for record in LANGUAGES.values()),
    ]
    place = FIELDS.index(has) if has else 0
    sys.stdout.writelines("\t".join(row) + "\n" for row in rows if row[place] != "-")
