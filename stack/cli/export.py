"""`isogloss export`: a model of a run as a directory that plain transformers load."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from isogloss.errors import InvalidInput
from isogloss.settings import settings


def export(
    run: Annotated[str, typer.Argument(help="a report's name, folder or run.json; or latest")],
    cell: Annotated[str, typer.Argument(help="task/input/language, and /seed where there are several")],
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="a new directory")],
    push: Annotated[str | None, typer.Option(metavar="REPO", help="upload it to the hub, too")] = None,
) -> None:
    """Write the model of one cell of a run as plain transformers load it, with a model card.

    isogloss export latest pos/phoneme/ita ./pos-ita
    """
    from isogloss.cli.checkout import use_running_stack
    from isogloss.export import export as write
    from isogloss.export import push as upload
    from isogloss.store import Store

    trained = chosen(_cells(run), cell)
    use_running_stack()
    interval = trained.interval
    behind = f"[{interval.low:.2f}, {interval.high:.2f}]" if interval is not None else ""
    # The report's score is of the set that the run reports: the one in the manifest that has the same value.
    store = Store.from_settings(settings())
    key = key_of(trained.manifest)
    manifest = store.manifest("train", key)
    evaluations = manifest.result["evaluations"] if manifest is not None else []
    reported = {item["name"]: behind for item in evaluations if item["score"] == trained.score and behind}
    typer.echo(write(store, key, directory, reported))
    if push is not None:
        typer.echo(upload(directory, push))


def chosen(cells: Sequence[Any], name: str) -> Any:
    """The cell of this name; `InvalidInput` lists the others."""
    fitting = [item for item in cells if name in (_short(item), f"{_short(item)}/{item.seed}")]
    whole = [item for item in fitting if item.train_fraction == 1] or fitting
    trained = [item for item in whole if item.manifest]
    if len(trained) == 1:
        return trained[0]
    if not fitting:
        known = ", ".join(dict.fromkeys(_short(item) for item in cells)) or "none"
        raise InvalidInput("CELL", f"the run has no {name!r}", f"It has: {known}.")
    if not trained:
        raise InvalidInput("CELL", f"{name!r} was not trained: {whole[0].reason}", "Choose another one.")
    seeds = ", ".join(f"{_short(item)}/{item.seed}" for item in trained)
    raise InvalidInput("CELL", f"{name!r} has several seeds", f"Name one of: {seeds}.")


def key_of(uri: str) -> str:
    """The key in a manifest's address, `s3://bucket/train/KEY/manifest.json`."""
    return uri.rpartition("/")[0].rpartition("/")[2]


def _short(cell: Any) -> str:
    return f"{cell.task}/{cell.input}/{cell.language}"


def _cells(run: str) -> Sequence[Any]:
    import report
    from stack.cli.report import record_of

    try:
        return tuple(report.RunRecord.from_json(record_of(run).read_bytes()).cells)
    except ValueError as error:
        raise InvalidInput("RUN", f"its record cannot be read ({error})", "Run it again.") from error
