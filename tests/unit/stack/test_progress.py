"""Without a terminal, progress is lines: of each phase its beginning, and then as it moves."""

import io

import pytest
from rich.console import Console

from stack.cli import progress
from stack.runs import Progress


def line(phase: str, done: int) -> Progress:
    return Progress(state="RUNNING", phase=phase, done=done, total=40, reused=0, message="")


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    log = io.StringIO()
    monkeypatch.setattr(progress, "err", Console(file=log, force_terminal=False))
    return log


def test_a_phase_begins_at_once_and_moves_on_with_time(
    log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr(progress.time, "monotonic", lambda: now)
    view = progress.RunView()
    view.show(line("training", 1))
    view.show(line("training", 2))  # too soon
    now += progress.LOG_EVERY_S
    view.show(line("training", 9))
    now += progress.LOG_EVERY_S
    view.show(line("training", 9))  # nothing has moved
    view.show(line("measuring", 9))
    assert log.getvalue().splitlines() == ["training 1/40", "training 9/40", "measuring 9/40"]
