"""kill -9 of the parts of a running stack, all at once and one at a time, in the middle of a run: the tables
come out the same.

The reference run is undisturbed. Before each later run everything in the store but the reports is removed, so
that it has to compute all of it again, and the part is killed while cells are being trained.
"""

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.local_stack import LocalStack

# Small enough to take seconds a run, long enough to be caught in the middle.
EPOCHS = [f"--set=hyperparameters.pos.{name}.epochs=2" for name in ("character", "phoneme")]
RUN = ["--tasks", "pos", "--languages", "eng,kor", *EPOCHS]
PARTS = ["trainer-0", "embedder", "g2p", "metrics", "s3", "worker"]


@pytest.fixture(scope="module")
def undisturbed(local_stack: LocalStack) -> list[tuple[Any, ...]]:
    """The numbers of a run in which nothing was killed."""
    local_stack.finish(local_stack.command("replicate", *RUN))
    return local_stack.numbers()


def test_the_tables_survive_the_kill_of_all_services_and_s3_at_once(
    local_stack: LocalStack, undisturbed: list[tuple[Any, ...]]
) -> None:
    killed_in_training(local_stack, [part for part in PARTS if part != "worker"])
    assert local_stack.numbers() == undisturbed


@pytest.mark.slow  # six runs; CI kills them at once, the worker in contract/stack/test_stack_heals.py
@pytest.mark.parametrize("part", PARTS)
def test_the_tables_survive_the_kill_of(
    part: str, local_stack: LocalStack, undisturbed: list[tuple[Any, ...]]
) -> None:
    killed_in_training(local_stack, [part])
    assert local_stack.numbers() == undisturbed


def killed_in_training(local: LocalStack, parts: list[str]) -> None:
    """A run that has to compute all, and is done although these parts were killed in its middle."""
    local.forget_results()
    earlier = local.runs()
    restarts = {part: local.restarts(part) for part in parts}
    run = local.command("replicate", *RUN)
    wait_for_training(local, run, earlier)
    for part in parts:
        local.kill(part)
    output = local.finish(run)
    assert all(local.restarts(part) == 1 + before for part, before in restarts.items())
    assert local.progress()["computed"] == 4, output


def wait_for_training(local: LocalStack, run: "subprocess.Popen[str]", earlier: set[Path]) -> None:
    """Return when the run that is not one of `earlier` is training; fail when it ends before."""
    while run.poll() is None:
        for path in local.runs() - earlier:
            if json.loads(path.read_text())["phase"] == "training":
                return
        time.sleep(0.05)
    pytest.fail(f"the run ended before it could be disturbed: {run.communicate()[0]}")
