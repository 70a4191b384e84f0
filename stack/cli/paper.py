"""`isogloss paper`: the paper's own arithmetic."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from isogloss.errors import InvalidInput
from stack.checkout import Checkout

_PRINTED = "report/paper.json"
_SHORT = 20  # characters of a remark that fit into the table

paper = typer.Typer(help="The paper's printed figures.", no_args_is_help=True)
paper.callback()(lambda: None)  # with a single command, typer would otherwise drop its name


@paper.command()
def check(
    file: Annotated[Path | None, typer.Argument(help=f"printed figures; default: {_PRINTED}")] = None,
    differing: Annotated[bool, typer.Option("--differing", help="only what does not agree")] = False,
) -> None:
    """Recompute what the paper derives from its printed scores, and list what agrees to the printed digit.

    Std., mean RPD, Table 2's gaps, and Table 3's p-values from n. Needs no service and no network. The exit
    status is 0 whatever the paper says.
    """
    from isogloss.metrics.engine.paper import check_paper

    path = file or Checkout.find().root / _PRINTED
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput("FILE", f"cannot read {path}: {error}", f"Give a file like {_PRINTED}.") from None
    found = check_paper(_parsed(path, text))
    shown = [item for item in found if not (differing and item.agrees)]
    remarks = list(dict.fromkeys(item.note for item in shown if len(item.note) > _SHORT))
    typer.echo(f"{'':42}{'printed':>9}{'recomputed':>12}")
    for item in shown:
        how = f"({remarks.index(item.note) + 1})" if item.note in remarks else item.note
        place = f"{item.table} {item.row} {item.column}"
        mark = "agrees" if item.agrees else "DIFFERS"
        typer.echo(f"{place:42}{item.printed:>9g}{item.recomputed:>12.5g}  {mark:9}{how}".rstrip())
    for number, remark in enumerate(remarks, start=1):
        typer.echo(f"({number}) {remark}")
    agreeing = sum(item.agrees for item in found)
    typer.echo(f"{agreeing} of {len(found)} derived figures agree with the printed ones.")


def _parsed(path: Path, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise InvalidInput("FILE", f"{path} is not JSON: {error}", f"Give a file like {_PRINTED}.") from None
