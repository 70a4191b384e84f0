"""The overview lists every command at once, without importing what they need."""

import subprocess
import sys

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
