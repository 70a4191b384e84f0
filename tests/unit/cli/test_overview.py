"""The overview lists every command at once, without importing what they need."""

import subprocess
import sys
import time

import pytest
from typer.testing import CliRunner

from isogloss.cli import _COMMANDS, build

HEAVY = ("grpc", "minio", "prefect", "torch", "numpy", "pyarrow", "psutil")


def test_help_lists_all_commands() -> None:
    result = CliRunner().invoke(build(None), ["--help"])
    assert result.exit_code == 0
    for name, (_, summary) in _COMMANDS.items():
        assert name in result.output
        assert summary.split(".")[0] in " ".join(result.output.split())


@pytest.mark.parametrize("name", _COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    result = CliRunner().invoke(build(name), [name, "--help"])
    assert result.exit_code == 0, result.output
    assert f"isogloss {name}" in result.output or f" {name} " in result.output


def test_an_unknown_command_is_an_error() -> None:
    assert CliRunner().invoke(build("uup"), ["uup"]).exit_code == 2


def test_the_overview_is_light() -> None:
    build_it = "import sys; from isogloss.cli import build; build(None);"
    look = f"{build_it} print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_overview_answers_at_once() -> None:
    def seconds() -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "isogloss.cli", "--help"], capture_output=True, check=True)
        return time.perf_counter() - start

    assert min(seconds() for _ in range(3)) < 0.8  # 0.2 s on an idle machine
