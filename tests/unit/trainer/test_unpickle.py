"""The gates around the one place that reads a pickle."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from isogloss.child import Reporter
from services.trainer.snapshot import pickled_weights
from services.trainer.unpickle import forbid, unpickle
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


def test_shards_become_one_file_and_no_other_pickle_is_read(tmp_path: Path) -> None:
    parts = [{"a.weight": torch.ones(2)}, {"b.weight": torch.zeros(3)}]
    names = [f"pytorch_model-0000{number}-of-00002.bin" for number in (1, 2)]
    for name, part in zip(names, parts, strict=True):
        torch.save(part, tmp_path / name)
    assert pickled_weights([*names, "training_args.bin", "config.json"]) == names
    assert pickled_weights([*names, "pytorch_model.bin"]) == ["pytorch_model.bin"]
    unpickle({"directory": str(tmp_path)}, Reporter(lambda event: None))
    assert set(load_file(tmp_path / "model.safetensors")) == {"a.weight", "b.weight"}
