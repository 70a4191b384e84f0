"""`isogloss show`: print an artifact, normally the manifest behind a number."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from isogloss.errors import Denied, InvalidInput
from isogloss.settings import settings
from isogloss.store import Store

# JSON of this size still is for eyes; larger or other content is for files.
_PRINTABLE_BYTES = 2**22


def show(
    uri: Annotated[
        str, typer.Argument(help="s3://… of a manifest, as the report prints it, or of one of its files")
    ],
    out: Annotated[Path | None, typer.Option(help="write the bytes to this file instead")] = None,
) -> None:
    """Print a manifest or another artifact of the running stack, or write it to a file."""
    store = _store()
    name = uri.removeprefix(f"s3://{store.bucket}/")
    if name == uri:
        raise InvalidInput(
            "uri", f"not in our bucket: {uri!r}", f"Use s3://{store.bucket}/… as the report prints it."
        )
    data = store.read(name)
    if out is not None:
        out.write_bytes(data)
        typer.echo(f"{len(data)} bytes in {out}")
        return
    try:
        text = (
            json.dumps(json.loads(data), indent=2, ensure_ascii=False)
            if len(data) <= _PRINTABLE_BYTES
            else ""
        )
    except ValueError:
        text = ""
    if not text:
        raise InvalidInput(
            "out", f"{uri} is {len(data)} bytes of something else than JSON", "Use --out FILE."
        )
    sys.stdout.write(text + "\n")


def _store() -> Store:
    """The store of the running stack, or the one that the environment names."""
    try:
        return Store.from_settings(settings())
    except Denied as error:
        message = (
            f"{error.message}. Where the stack runs here, `isogloss up` starts it and this command finds its "
            "store; for another store, set these and ISOGLOSS_S3_ENDPOINT."
        )
        raise Denied(message) from None
