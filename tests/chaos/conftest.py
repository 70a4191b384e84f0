"""How hard it is tried: `make chaos` sets ISOGLOSS_CHAOS to 1; without it each test is a sample of itself.

What each test did is printed at the end, as the rows of docs/faults.md.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

SCALE = float(os.environ.get("ISOGLOSS_CHAOS", "0.02"))
_ROWS: list[str] = []


@pytest.fixture
def times() -> Callable[[int], int]:
    """How often to do what a whole run does so many times."""
    return lambda whole: max(3, round(whole * SCALE))


@pytest.fixture
def say(request: pytest.FixtureRequest) -> Iterator[Callable[[str], None]]:
    """Note what was done, and with which result."""
    return lambda what: _ROWS.append(f"| {request.node.name} | {what} |")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A whole run takes many minutes."""
    here = Path(__file__).parent
    for item in items:
        if SCALE >= 1 and here in item.path.parents:
            item.add_marker(pytest.mark.timeout(3600))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The rows."""
    for row in _ROWS:
        terminalreporter.write_line(row)
