"""`isogloss up | status | logs | env | down`: the local stack."""

import contextlib
import shlex
import subprocess
import time
from typing import Annotated

import typer

from stack import environment, stack
from stack.checkout import Checkout
from stack.cli.console import out, parts_table, stack_errors
from stack.cli.progress import StartView
from stack.errors import StackError

Trainers = Annotated[
    int | None, typer.Option(min=1, max=stack.MAX_TRAINERS, help="Trainers; default: up to two.")
]


def up(
    trainers: Trainers = None,
    detach: Annotated[bool, typer.Option(help="Leave it running; --no-detach: stop it with Ctrl-C.")] = True,
) -> None:
    """Start the local stack: S3, Prefect, the four services and a worker, on loopback.

    State, data and logs are below .isogloss/ in the checkout. A port that is taken is replaced by a free one,
    except Prefect's (ISOGLOSS_PREFECT_PORT, 4200).
    """
    with stack_errors():
        checkout = Checkout.find()
        count = trainers or stack.default_trainers()
        started = time.monotonic()
        if not detach:
            _run_in_foreground(checkout, count)
            return
        view = StartView()
        with view:
            status = stack.up(checkout, count, view.show)
        running = sum(part.name.startswith("trainer") for part in status.parts)
        for note in status.notes:
            out.print(f"note: {note}")
        if trainers is not None and trainers != running:
            out.print(f"note: the stack was running already, with {running} trainers; isogloss down stops it")
        out.print(f"The stack is up ({time.monotonic() - started:.1f} s). Prefect's UI: {status.ui}")
        out.print(
            "Next: isogloss replicate, or prefect deployment run replicate/full. To stop it: isogloss down"
        )


def status() -> None:
    """Show the parts of the local stack; exit code 3 when it is not running, 1 when a part is not ready."""
    with stack_errors():
        checkout = Checkout.find()
        current = stack.status(checkout)
    if current is None:
        out.print("The stack is not running. To start it: isogloss up")
        raise typer.Exit(3)
    out.print(parts_table(current))
    for note in current.notes:
        out.print(f"note: {note}")
    out.print(f"Prefect's UI: {current.ui}. It asks for what is in {checkout.prefect_password}")
    if any(part.phase != "ready" for part in current.parts):
        raise typer.Exit(1)


def logs(
    part: Annotated[
        str, typer.Argument(help="A part as in `isogloss status`, supervisor, or flow: the newest flow run.")
    ] = "supervisor",
    follow: Annotated[bool, typer.Option("-f", "--follow", help="Go on as the log grows.")] = False,
    lines: Annotated[int, typer.Option("-n", "--lines", min=1, help="How many of the last lines.")] = 50,
) -> None:
    """Show what a part of the stack has logged; the last stack's logs remain after it was stopped."""
    with stack_errors():
        checkout = Checkout.find()
        available = {path.stem: path for path in sorted(checkout.logs.glob("*.log"))}
        runs = sorted(checkout.run("").glob("*/flow.log"), key=lambda path: path.stat().st_mtime)
        if runs:
            available["flow"] = runs[-1]
        if part not in available:
            raise StackError(
                f"there is no log of {part!r}.", f"There are: {', '.join(available) or 'none yet'}."
            )
    with contextlib.suppress(KeyboardInterrupt):
        subprocess.run(["tail", f"-n{lines}", *(["-F"] if follow else []), str(available[part])], check=False)


def env() -> None:
    """Print `export` lines that point a shell to the running stack: eval "$(isogloss env)"."""
    with stack_errors():
        Checkout.find()
        settings = environment()
        if not settings:
            raise StackError("the stack is not running.", "To start it: isogloss up")
    for name, value in settings.items():
        print(f"export {name}={shlex.quote(value)}")


def down() -> None:
    """Stop the local stack, with the flow runs on it. Data and results stay."""
    with stack_errors():
        started = time.monotonic()
        stopped = stack.down(Checkout.find())
    took = f"The stack is down ({time.monotonic() - started:.1f} s)."
    out.print(took if stopped else "The stack was not running.")


def _run_in_foreground(checkout: Checkout, trainers: int) -> None:
    view = StartView()
    with view:
        attached = stack.up_attached(checkout, trainers, view.show)
    try:
        out.print(parts_table(attached.status))
        out.print(f"Prefect's UI: {attached.status.ui}. Ctrl-C stops the stack.")
        attached.supervisor.wait()
    except KeyboardInterrupt:
        pass
    finally:
        attached.stop()
