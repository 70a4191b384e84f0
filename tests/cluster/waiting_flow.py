"""A stand-in for the flow: it submits a cell, waits as its parameter says, and ends as it says."""

import json
import os
import time
from pathlib import Path

from prefect import flow, runtime, task


@task(persist_result=False)
def train(seconds: float) -> None:
    """A cell."""
    time.sleep(seconds)


@flow(name="replicate", persist_result=False)
def replicate(seconds: float = 0.0, exit_code: int | None = None, deaf: bool = False) -> None:
    """Wait for so long in one cell; `deaf` does not hear SIGTERM."""
    if deaf:
        import signal

        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    folder = Path(os.environ["ISOGLOSS_STATE_DIR"], "runs", str(runtime.flow_run.id))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "engine.pid").write_text(str(os.getpid()))
    train.with_options(name="train pos eng")(seconds)
    if exit_code is not None:
        (folder / "outcome.json").write_text(json.dumps({"exit_code": exit_code}))
    if exit_code == 1:
        raise ValueError("nothing was measured")
