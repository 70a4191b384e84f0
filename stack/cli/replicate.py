"""`isogloss replicate`: run the pipeline on the local stack, show how far it is, print the tables."""

import contextlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from isogloss.errors import InvalidInput
from stack import stack
from stack.checkout import Checkout
from stack.cli.console import err, out, print_error, stack_errors
from stack.cli.progress import RunView, StartView
from stack.errors import StackError
from stack.runs import Outcome, Run, active_runs
from stack.state import StackStatus

DEPLOYMENT = "replicate/full"
_LOOK_S = 1.0
_READ = ("data", "tasks", "languages", "tables", "options")  # what makes the profile, of a run's parameters

Profile = Annotated[
    str, typer.Option(help="What is run: sample, small or paper (see flows/profiles), or a file of your own.")
]
Data = Annotated[str | None, typer.Option(help="Directory or s3:// prefix with real data.")]
Tasks = Annotated[
    str | None, typer.Option(metavar="A,B", help="Only these of the profile's tasks, such as pos,ner.")
]
Languages = Annotated[str | None, typer.Option(metavar="A,B", help="These languages, ISO 639-3.")]
Tables = Annotated[str | None, typer.Option(metavar="A,B", help="Only these of its tables, such as table1.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="FIELD=VALUE", help="Replace a field of the profile: table3.seeds=5."),
]
Trainers = Annotated[int | None, typer.Option(min=1, max=stack.MAX_TRAINERS, help="Trainers to start.")]
MaxHours = Annotated[
    float | None,
    typer.Option("--max-gpu-hours", min=0, help="Refuse a run that is estimated to need more; see plan."),
]
KeepUp = Annotated[bool, typer.Option("--keep-up", help="Leave the stack running afterwards.")]


def replicate(
    profile: Profile = "sample",
    data: Data = None,
    tasks: Tasks = None,
    languages: Languages = None,
    tables: Tables = None,
    set_: Settings = None,
    max_gpu_hours: MaxHours = None,
    trainers: Trainers = None,
    keep_up: KeepUp = False,
) -> None:
    """Run the pipeline and print its tables. Starts the local stack if it is not up, and stops it at the end.

    A second run computes only what is missing: whatever is finished is found by its key and reused. A cell
    that fails takes only what needs it with it. Exit code: 0 for a whole run, 4 for one with failed cells, 1
    for none.
    """
    parameters: dict[str, Any] = {
        "profile": profile_name(profile),
        "data": absolute(data),
        "tasks": split(tasks),
        "languages": split(languages),
        "tables": split(tables),
        "options": dict(map(as_field, set_ or [])),
        "max_gpu_hours": max_gpu_hours,
    }
    with stack_errors():
        check(parameters)
        checkout = Checkout.find()
        started = time.monotonic()
        with _running_stack(checkout, trainers, keep_up) as status:
            run = Run.start(checkout, status, DEPLOYMENT, parameters)
            err.print(f"run {run.name}: {status.ui}/runs/flow-run/{run.id}", soft_wrap=True)
            outcome = _follow(run)
            _print_outcome(outcome, checkout.run(run.id) / "flow.log")
    if outcome.exit_code:
        raise typer.Exit(outcome.exit_code)
    out.print(f"done in {time.monotonic() - started:.0f} s")


def check(parameters: dict[str, Any]) -> None:
    """Read the profile as the run will: what is mistyped is said before anything is started for it."""
    from flows.load import load

    load(parameters["profile"], **{name: parameters[name] for name in _READ})


@contextlib.contextmanager
def _running_stack(checkout: Checkout, trainers: int | None, keep_up: bool) -> Iterator[StackStatus]:
    """The running stack, or one that is started here and, unless it is to stay, stopped in the end."""
    count = trainers or stack.default_trainers()
    view = StartView()
    found = stack.status(checkout)
    running = found is not None and found.phase != "stopping"  # such a one would end under the run
    if keep_up or running:
        with view:
            status = stack.up(checkout, count, view.show)
        yield status if running else _with_notes(status)
        return
    with view:
        attached = stack.up_attached(checkout, count, view.show)
    try:
        yield _with_notes(attached.status)
        _await_others(checkout, attached.status)
    finally:
        attached.stop()


def _await_others(checkout: Checkout, status: StackStatus) -> None:
    """A run that others have meanwhile started here must not end with the stack."""
    told = False
    while others := active_runs(checkout, status):
        if not told:
            names = ", ".join(others)
            err.print(f"note: the stack goes on for {names}; Ctrl-C stops them, too", soft_wrap=True)
            told = True
        time.sleep(_LOOK_S)


def _with_notes(status: StackStatus) -> StackStatus:
    for note in status.notes:
        err.print(f"note: {note}", soft_wrap=True)
    return status


def _follow(run: Run) -> Outcome:
    view = RunView()
    try:
        with view:
            return run.follow(view.show, lambda note: err.print(f"note: {note}", soft_wrap=True))
    except KeyboardInterrupt:
        err.print("stopping the run")
        with contextlib.suppress(StackError):
            run.cancel("stopped by Ctrl-C")
        raise


def _print_outcome(outcome: Outcome, log: Path) -> None:
    if outcome.console:
        out.print(Text.from_ansi(outcome.console.rstrip("\n")), soft_wrap=True)  # colors for a terminal only
    if outcome.report:
        out.print(f"report: {outcome.report}", markup=False, soft_wrap=True)
    if outcome.exit_code:
        print_error(StackError(outcome.error, f"The run's log: {log}", outcome.tail))


def absolute(data: str | None) -> str | None:
    """The flow runs in the checkout's root; a path is meant from where the user is."""
    return data if data is None or "://" in data else str(Path(data).expanduser().resolve())


def profile_name(profile: str) -> str:
    """The name of a profile, or the absolute path of a file."""
    by_path = profile.endswith((".yaml", ".yml")) or "/" in profile
    return str(Path(profile).expanduser().resolve()) if by_path else profile


def as_field(setting: str) -> tuple[str, Any]:
    """`table3.seeds=5` as a name and a value: JSON where it can be read as that, text where not."""
    name, equals, text = setting.partition("=")
    if not equals or not name:
        fix = "Write FIELD=VALUE, for example --set table3.seeds=5."
        raise InvalidInput("--set", f"{setting!r} has no value", fix)
    try:
        return name, json.loads(text)
    except ValueError:
        return name, text


def split(names: str | None) -> list[str] | None:
    """`a,b` as a list; None stays None, which means all."""
    return None if names is None else [name.strip() for name in names.split(",") if name.strip()]
