"""What `make images` built: whole, and nothing in an image that its part does not use."""

import subprocess
from pathlib import Path

import pip
import pytest

from isogloss import __version__
from tests.cluster.installation import SERVICES

pytestmark = pytest.mark.slow


def python(part: str, *arguments: str) -> str:
    """Run an image's Python, with this machine's pip lent to it; its stdout."""
    lent = Path(pip.__file__).parent
    command = [
        *("podman", "run", "--rm", "--network=none", "--read-only", "--entrypoint=python"),
        *(
            f"--volume={lent}:/lent/pip:ro",
            "--env=PYTHONPATH=/lent",
            f"localhost/isogloss/{part}:{__version__}",
        ),
        *arguments,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("part", [*SERVICES, "flows"])
def test_pip_finds_nothing_missing_or_in_conflict(part: str) -> None:
    assert "No broken requirements found." in python(part, "-m", "pip", "check")


@pytest.mark.parametrize(
    ("part", "absent"),
    [("g2p", {"torch", "transformers"}), ("metrics", {"torch", "transformers"}), ("trainer", {"epitran"})],
)
def test_an_image_holds_its_own_libraries_only(part: str, absent: set[str]) -> None:
    code = "from importlib.metadata import distributions; print(*(d.name for d in distributions()))"
    held = {name.lower() for name in python(part, "-c", code).split()}
    assert "grpcio" in held
    assert not held & absent
