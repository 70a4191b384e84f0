"""The examples run as their first lines say."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

EXAMPLES = ROOT / "examples"


def run(*command: str, cwd: Path) -> str:
    """A command's output, with the environment of this checkout, from another folder."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_front_end_for_tts(tmp_path: Path) -> None:
    printed = run(sys.executable, str(EXAMPLES / "tts.py"), cwd=tmp_path)
    assert "b ɔ̃ ʒ u ʀ <short> ▁" in printed
    assert "ɛ s ɛ n s e ɛ f" in printed  # a word of one's own


def test_ids_for_a_voice_of_piper(tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("Bonjour !\n", encoding="utf-8")
    command = [sys.executable, str(EXAMPLES / "piper" / "ids.py"), str(EXAMPLES / "piper" / "voice.json")]
    printed = run(*command, "fra", "text.txt", cwd=tmp_path)
    # ^ b ɔ and its tilde ʒ u ʁ, a space, ! and $; a pad after each
    assert printed == "1 0 15 0 54 0 141 0 108 0 33 0 94 0 3 0 4 0 2\n"


def test_own_vectors(tmp_path: Path) -> None:
    printed = run(sys.executable, str(EXAMPLES / "own_vectors.py"), cwd=tmp_path)
    raw, without_length = (
        float(re.search(rf"{name} ([\d.]+)", printed)[1])  # type: ignore[index]
        for name in ("debiased", "without sentence length")
    )
    assert raw > 0.9  # length is most of what these vectors share
    assert 0.1 < without_length < 0.5


def test_a_language_of_ones_own(tmp_path: Path) -> None:
    run(sys.executable, str(EXAMPLES / "own_language" / "make_data.py"), "data", cwd=tmp_path)
    profile = str(EXAMPLES / "own_language" / "esperanto.yaml")
    printed = run("isogloss", "profile", "check", profile, "--data", "data", cwd=tmp_path)
    assert "nothing is wrong that can be known before a run" in printed


def test_a_claim_of_another_paper(tmp_path: Path) -> None:
    printed = run("isogloss", "paper", "check", str(EXAMPLES / "claims" / "printed.json"), cwd=tmp_path)
    differing = [line for line in printed.splitlines() if "DIFFERS" in line]
    assert len(differing) == 1
    assert "mean_rpd" in differing[0]


@pytest.mark.slow
def test_an_encoder_of_ones_own(tmp_path: Path) -> None:
    assert "32 dimensions" in run(sys.executable, str(EXAMPLES / "own_encoder.py"), "own", cwd=tmp_path)


def test_each_example_is_in_the_list() -> None:
    listed = (EXAMPLES / "README.md").read_text()
    for item in EXAMPLES.iterdir():
        assert item.name == "README.md" or item.name in listed
