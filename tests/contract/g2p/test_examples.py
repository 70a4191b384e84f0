"""The examples run as their first lines say, against a running service."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

EXAMPLES = ROOT / "examples" / "g2p"


def output(*command: str, cwd: Path = ROOT) -> str:
    environment_of_checkout = (
        [sys.executable, "-c", _RUN, *command] if command[0].endswith(".py") else command
    )
    done = subprocess.run(
        environment_of_checkout, cwd=cwd, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


# As with the package installed: the checkout is on the path.
_RUN = "import runpy, sys; sys.path.insert(0, '.'); sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0])"


def test_python(g2p_address: str) -> None:
    printed = output(str(EXAMPLES / "convert.py"), g2p_address)
    assert "bɔ̃ʒuʀ lə mɔ̃d" in printed
    assert " ▁ " in printed


def test_reflection(g2p_address: str) -> None:
    printed = output(str(EXAMPLES / "reflection.py"), g2p_address)
    assert "ConvertCorpus(ConvertCorpusRequest) -> ConvertCorpusResponse" in printed
    assert "bɔ̃ʒuʀ" in printed


@pytest.mark.skipif(shutil.which("npm") is None, reason="no npm: install Node.js")
def test_node(g2p_address: str, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES / "node", tmp_path / "examples" / "g2p" / "node")
    shutil.copytree(ROOT / "protos", tmp_path / "protos")
    folder = tmp_path / "examples" / "g2p" / "node"
    install = subprocess.run(
        ["npm", "install", "--silent"], cwd=folder, capture_output=True, timeout=120, check=False
    )
    if install.returncode != 0:
        pytest.skip(f"npm cannot install: {install.stderr.decode()[-200:]}")
    assert "bɔ̃ʒuʀ lə mɔ̃d" in output("node", "convert.js", g2p_address, cwd=folder)
