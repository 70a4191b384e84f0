"""`isogloss gc`: give back the space of attempts that were killed and of runs that were given up, and look
whether results are as they were stored.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from isogloss import garbage
from isogloss.settings import settings
from isogloss.store import Store


def gc(
    older_than_h: Annotated[
        float, typer.Option(min=0, help="Leave alone every key that was written to in the last H hours.")
    ] = 168,
    remove: Annotated[bool, typer.Option("--remove", help="Remove it, instead of only listing it.")] = False,
    check: Annotated[
        bool,
        typer.Option(
            "--check", help="Read every result instead, and list the damaged; with --remove, forget them."
        ),
    ] = False,
) -> None:
    """Sweep what no manifest names: files of killed attempts, and checkpoints of runs nobody took up again.

    Results are never touched, whatever a report links to is named by a manifest; nor is what a call under way
    reads or writes. A damaged result that is forgotten is made again by the next run that needs it.
    """
    store = Store.from_settings(settings())
    if check:
        _check(store, remove)
        return
    before = datetime.now(UTC) - timedelta(hours=older_than_h)
    first_look = garbage.find(store, before)
    for item in first_look.objects:
        typer.echo(f"{item.size:>12}  {item.modified:%Y-%m-%d %H:%M}  {store.uri(item.name)}")
    for problem in first_look.damaged:
        typer.secho(f"damaged, its files stay: {problem}", fg="yellow", err=True)
    count = garbage.sweep(store, first_look, before) if remove else len(first_look.objects)
    verb = "removed" if remove else "could be removed (isogloss gc --remove)"
    typer.echo(
        f"{count} objects, {first_look.bytes / 2**20:.1f} MiB {verb};"
        f" {first_look.kept_objects} objects, {first_look.kept_bytes / 2**20:.1f} MiB stay"
    )


def _check(store: Store, forget: bool) -> None:
    count = 0
    for damage in garbage.check(store):
        count += 1
        typer.echo(f"{damage.kind}/{damage.key}: {damage.problem}")
        if forget:
            store.forget(damage.kind, damage.key)
    verb = "forgotten" if forget else "to be made again (isogloss gc --check --remove forgets them)"
    typer.echo(f"{count} damaged results {verb}" if count else "every result is as it was stored")
    if count and not forget:
        raise typer.Exit(1)
