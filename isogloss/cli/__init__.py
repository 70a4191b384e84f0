"""The command `isogloss`.

A command is a line in `_COMMANDS`: its name, where it is (`module:attribute`, a function or a `typer.Typer`
with commands of its own), and its line in the overview. Only the module of the command that was called is
imported, so that `isogloss --help` answers at once; for the same reason these modules import what is heavy
inside their functions. In a checkout there are more: those of `stack/cli`.
"""

import importlib
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

import isogloss
from isogloss.cli.checkout import checkout_commands, use_running_stack
from isogloss.errors import IsoglossError

_COMMANDS = {
    "g2p": ("isogloss.cli.g2p:app", "Convert text to IPA, with the service or without one."),
    "measure": ("isogloss.cli.measure:measure", "Measure how far apart languages lie, on your own files."),
    "languages": (
        "isogloss.cli.languages:languages",
        "List the languages, and what each resource calls them.",
    ),
    "show": ("isogloss.cli.show:show", "Print the manifest behind a number."),
    "gc": ("isogloss.cli.gc:gc", "Sweep what no result names from the store."),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    called = next((argument for argument in arguments if not argument.startswith("-")), None)
    use_running_stack()
    try:
        build(called)(args=arguments, prog_name="isogloss")
    except IsoglossError as error:
        typer.secho(f"error: {error.message}", fg="red", err=True)
        sys.exit(1)


def build(called: str | None) -> typer.Typer:
    """The application, of which only the command `called` can run; the others are listed."""
    app = typer.Typer(
        help="Isogloss: how far apart languages lie as letters, subwords and phonemes, and what that costs.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_show_locals=False,  # locals may hold secrets
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_before_any)
    for name, (place, summary) in {**_COMMANDS, **checkout_commands()}.items():
        if name != called:
            app.command(name, help=summary)(lambda: None)
            continue
        module, _, attribute = place.partition(":")
        target = getattr(importlib.import_module(module), attribute)
        if isinstance(target, typer.Typer):
            app.add_typer(target, name=name, help=summary)
        else:
            app.command(name)(target)
    return app


def _say_version(asked: bool) -> None:
    if asked:
        typer.echo(f"isogloss {isogloss.__version__}")
        raise typer.Exit


def _before_any(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_say_version, help="Print the release and exit."),
    ] = False,
) -> None:
    """What all commands share; with it, typer keeps the name of a single command."""
