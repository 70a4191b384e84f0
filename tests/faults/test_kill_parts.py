"""kill -9 of every part of a running stack, one at a time, in the middle of a run: the tables come out the
same.

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
RUN = ["--tasks", "pos", "--languages", "eng,kor", "--set", "hyperparameters.pos.character.epochs=2"]
PARTS = ["trainer-0", "embedder", "g2p", "metrics", "s3", "worker"]


@pytest.fixture(scope="module")
def undisturbed(local_stack: LocalStack) -> list[tuple[Any, ...]]:
    """The numbers of a run in which nothing was killed."""
    local_stack.finish(local_stack.command("replicate", *RUN))
    return local_stack.numbers()


@pytest.mark.parametrize("part", PARTS)
def test_the_tables_survive_the_kill_of(
    part: str, local_stack: LocalStack, undisturbed: list[tuple[Any, ...]]
) -> None:
    local_stack.forget_results()
    earlier = local_stack.runs()
    run = local_stack.command("replicate", *RUN)
    wait_for_training(local_stack, run, earlier)
    local_stack.kill(part)
    output = local_stack.finish(run)
    assert local_stack.numbers() == undisturbed
    assert local_stack.restarts(part) == 1
    assert local_stack.progress()["computed"] == 4, output


def wait_for_training(local: LocalStack, run: "subprocess.Popen[str]", earlier: set[Path]) -> None:
    """Return when the run that is not one of `earlier` is training; fail when it ends before."""
    while run.poll() is None:
        for path in local.runs() - earlier:
            if json.loads(path.read_text())["phase"] == "training":
                return
        time.sleep(0.05)
    pytest.fail(f"the run ended before it could be disturbed: {run.communicate()[0]}")
