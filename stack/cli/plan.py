"""`isogloss plan`: what a run would do, what of it exists, and what the rest costs. Nothing is computed."""

import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from isogloss.errors import Unavailable
from isogloss.settings import settings
from stack.cli.replicate import (
    Data,
    Languages,
    Profile,
    Settings,
    Tables,
    Tasks,
    absolute,
    as_field,
    profile_name,
    split,
)

_PATIENCE_S = 5.0

Tflops = Annotated[
    float | None,
    typer.Option("--gpu-tflops", min=0.001, help="Peak of one GPU, TFLOP/s; ISOGLOSS_GPU_TFLOPS."),
]
Mfu = Annotated[
    float | None,
    typer.Option(min=0.001, max=1, help="Part of the peak that is reached; ISOGLOSS_MFU."),
]


def plan(
    profile: Profile = "sample",
    data: Data = None,
    tasks: Tasks = None,
    languages: Languages = None,
    tables: Tables = None,
    set_: Settings = None,
    gpu_tflops: Tflops = None,
    mfu: Mfu = None,
    json_: Annotated[bool, typer.Option("--json", help="Every cell and artifact, for programs.")] = False,
) -> None:
    """Say what `isogloss replicate` with the same options would do: its cells, the estimated GPU-hours, and
    which artifacts the running stack's store has already. Nothing is computed, stored or downloaded.

    With --gpu-tflops or --mfu, hours are those of such a GPU, whatever earlier results have measured.
    """
    from flows import plan as flows
    from flows.estimate import Machine
    from flows.load import load

    config = settings()
    chosen = load(
        profile_name(profile),
        data=absolute(data),
        tasks=split(tasks),
        languages=split(languages),
        tables=split(tables),
        options=dict(map(as_field, set_ or [])),
    )
    measured = gpu_tflops is None and mfu is None
    machine = Machine(gpu_tflops or config.gpu_tflops, mfu or config.mfu, measured)
    try:
        with _stack(chosen) as run:
            planned = flows.make_plan(chosen, run, machine)
    except Unavailable as error:
        typer.echo(f"note: the stack does not answer ({error.message}); no store is asked", err=True)
        planned = flows.make_plan(chosen, None, machine)
    if json_:
        typer.echo(json.dumps(planned.to_json(), indent=2, ensure_ascii=False))
        return
    typer.echo("\n".join(_lines(planned)))


@contextmanager
def _stack(chosen: Any) -> Iterator[Any]:
    """The running stack as a run sees it; None when no credentials of a store are at hand."""
    config = settings()
    if config.s3_access_key is None:
        yield None
        return
    from flows.ledger import Ledger
    from flows.run import Run

    with tempfile.TemporaryDirectory(dir=config.scratch_dir, prefix="isogloss-plan-") as folder:
        patient = config.model_copy(update={"s3_patience_s": _PATIENCE_S})
        yield Run(chosen, patient, Ledger(Path(folder)))


def _lines(plan: Any) -> Iterator[str]:
    yield (
        f"profile {plan.profile}: {len(plan.cells)} cells,"
        f" regime {plan.regime}, evaluation {plan.evaluation}, sweep {plan.sweep}"
    )
    yield ""
    for cells in _groups(plan.cells):
        first = cells[0]
        seeds = sorted({cell.seed for cell in cells})
        share = f" on {first.train_fraction:.0%} of train" if first.train_fraction < 1 else ""
        yield (
            f"{'+'.join(first.tables):14} {first.task:5} {first.input:10} {first.model}\n{'':15}"
            f"{' '.join(dict.fromkeys(cell.language for cell in cells))};"
            f" seed{'s' if len(seeds) > 1 else ''} {_range(seeds)}{share}: {len(cells)} cells,"
            f" {_states(cell.state for cell in cells)}"
        )
    yield ""
    yield f"artifacts ({_store(plan.store)})"
    for kind in dict.fromkeys(step.kind for step in plan.steps):
        of_kind = [step for step in plan.steps if step.kind == kind]
        hours = sum(step.hours for step in of_kind)
        spent = f", {hours:.3g} GPU-hours in all" if hours else ""
        yield f"  {kind:9} {len(of_kind):4}: {_states(step.state for step in of_kind)}{spent}"
        reasons = Counter(step.until for step in of_kind if step.state == "unknown")
        shown = reasons.most_common(2) if _asked(plan.store) else []
        for reason, count in shown:
            yield f"{'':16} {count} unknown until {reason}"
        if len(shown) < len(reasons) and shown:
            yield f"{'':16} and so on: --json says it of each"
    yield "  the report follows; measures take a CPU seconds, and are not counted in hours"
    yield ""
    yield (
        f"about {plan.hours:.3g} GPU-hours in all,"
        f" {plan.missing_hours:.3g} of them for what does not exist or is not known to"
    )
    yield from (f"  {line}" for line in plan.assumptions)


def _groups(cells: Sequence[Any]) -> list[list[Any]]:
    """Cells that differ in language and seed alone."""
    groups: dict[Any, list[Any]] = {}
    for cell in cells:
        groups.setdefault((cell.tables, cell.task, cell.input, cell.train_fraction), []).append(cell)
    return list(groups.values())


def _states(states: Iterator[str]) -> str:
    counts = Counter(states)
    words = {"exists": "exist", "missing": "missing", "unknown": "unknown"}
    return ", ".join(f"{counts[state]} {word}" for state, word in words.items() if counts[state])


def _range(numbers: Sequence[int]) -> str:
    return str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"


def _store(store: str) -> str:
    return f"in {store}" if _asked(store) else f"{store}: no stack runs, start one with isogloss up"


def _asked(store: str) -> bool:
    return store.startswith("s3://")
