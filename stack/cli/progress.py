"""Live progress: one line on a terminal; in a log, a line only when something has changed."""

import time
from types import TracebackType

from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from stack.cli.console import err
from stack.runs import Progress
from stack.state import StackStatus

LOG_EVERY_S = 15.0
"""Without a terminal, within a phase: a run of minutes shows that it moves, a run of days fills no disk."""


class _View:
    """A line with a bar that says where something is."""

    def __init__(self, description: str) -> None:
        self._bar = Bar(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[count]}"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[message]}", style="dim"),
            console=err,
            transient=True,
            disable=not err.is_terminal,
        )
        self._task = self._bar.add_task(description, total=None, count="", message="")
        self._logged = ("", "")  # phase and line
        self._logged_at = 0.0

    def __enter__(self) -> None:
        self._bar.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def _show(self, description: str, done: int, total: int, count: str, message: str) -> None:
        message = message if len(message) <= 60 else message[:59] + "…"
        self._bar.update(
            self._task,
            description=description,
            completed=done,
            total=total or None,
            count=count,
            message=message,
        )
        if not err.is_terminal:
            self._log(description, f"{description} {count}".rstrip())

    def _log(self, description: str, line: str) -> None:
        """A line when a phase begins, and within one whenever something has moved, but not too often."""
        now = time.monotonic()
        begins = description != self._logged[0]
        if begins or (line != self._logged[1] and now - self._logged_at >= LOG_EVERY_S):
            err.print(line, markup=False)
            self._logged, self._logged_at = (description, line), now


class StartView(_View):
    """The start of a stack: how many of its parts are ready, and which are awaited."""

    def __init__(self) -> None:
        super().__init__("starting the local stack")

    def show(self, status: StackStatus) -> None:
        """Show a status."""
        awaited = [part.name for part in status.parts if part.phase != "ready"]
        total = len(status.parts)
        count = f"{total - len(awaited)}/{total} parts" if total else ""
        message = f"waiting for {', '.join(awaited)}" if awaited else ""
        self._show("starting the local stack", total - len(awaited), total, count, message)


class RunView(_View):
    """A flow run: its phase, the cells done, and how many of them were reused."""

    def __init__(self) -> None:
        super().__init__("waiting for the worker")

    def show(self, progress: Progress) -> None:
        """Show a progress."""
        count = f"{progress.done}/{progress.total}" if progress.total else ""
        if progress.reused:
            count += f" ({progress.reused} reused)"
        description = progress.phase or progress.state.lower()
        self._show(description, progress.done, progress.total, count, progress.message)
