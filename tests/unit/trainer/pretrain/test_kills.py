"""kill -9 in the midst of a pre-training, again and again: what comes out is the same, to the bit."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from services.trainer.pretrain import corpus as corpora
from services.trainer.pretrain import plan
from tests.unit.trainer.pretrain import invented, victim

STEPS = 60


@pytest.mark.parametrize("kills", [2, pytest.param(10, marks=pytest.mark.slow)])
def test_killed_runs_end_with_the_same_bytes(tmp_path: Path, kills: int) -> None:
    texts, whole, killed = (tmp_path / name for name in ("texts", "whole", "killed"))
    for folder in (texts, whole, killed):
        folder.mkdir()
    paths = invented.corpora(texts)
    path = tmp_path / "plan.safetensors"
    plan.make(corpora.read(paths, ["phoneme"]), plan.Settings(STEPS, 4, 64)).save(path)
    victim.main(texts, path, whole)

    command = [sys.executable, "-m", victim.__name__, str(texts), str(path), str(killed)]
    for kill in range(kills):
        at = len(list(killed.glob("checkpoint-*"))) + 1
        with subprocess.Popen(command) as process:
            while len(list(killed.glob("checkpoint-*"))) < at and process.poll() is None:
                time.sleep(0.005)
            assert process.poll() is None, f"it had ended before kill {kill}"
            process.kill()
        shutil.rmtree(killed / "draft", ignore_errors=True)
        assert not (killed / "out").exists()
    subprocess.run(command, check=True)
    files = [{item.name: item.read_bytes() for item in (run / "out").iterdir()} for run in (whole, killed)]
    assert files[0] == files[1]
