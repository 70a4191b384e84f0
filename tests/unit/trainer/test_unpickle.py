"""The gates around the one place that reads a pickle."""

import subprocess
import sys

import pytest

from services.trainer.unpickle import forbid
from tests.conftest import ROOT

ATTEMPTS = {
    "network": "import socket; socket.create_connection(('127.0.0.1', 9))",
    "shell": "import os; os.system('true')",
    "program": "import subprocess; subprocess.run(['true'])",
    "fork": "import os; os.fork()",
}


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS)
def test_behind_the_gates_nothing_leaves_the_process(attempt: str) -> None:
    gates = "import sys; from services.trainer.unpickle import forbid; sys.addaudithook(forbid)"
    done = subprocess.run(
        [sys.executable, "-c", f"{gates}\n{attempt}"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert "is forbidden while a pickle is read" in done.stderr


def test_reading_files_is_allowed() -> None:
    forbid("open", ("weights", "r", 0))
