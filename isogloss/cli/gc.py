"""`isogloss gc`: give back the space of attempts that were killed and of runs that were given up."""

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
) -> None:
    """Sweep what no manifest names: files of killed attempts, and checkpoints of runs nobody took up again.

    Results are never touched: whatever a report links to is named by a manifest.
    """
    store = Store.from_settings(settings())
    found = garbage.find(store, datetime.now(UTC) - timedelta(hours=older_than_h))
    for item in found.objects:
        typer.echo(f"{item.size:>12}  {item.modified:%Y-%m-%d %H:%M}  {store.uri(item.name)}")
    if remove:
        store.remove([item.name for item in found.objects])
    verb = "removed" if remove else "could be removed (isogloss gc --remove)"
    typer.echo(
        f"{len(found.objects)} objects, {found.bytes / 2**20:.1f} MiB {verb};"
        f" {found.kept_objects} objects, {found.kept_bytes / 2**20:.1f} MiB stay"
    )
