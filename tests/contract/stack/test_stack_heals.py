"""kill -9 of any part in the middle of a run: the run ends well, and the part is back."""

import os
import signal
import threading

import pytest

from isogloss.settings import Settings
from isogloss.store import Store
from stack import environment
from stack.checkout import Checkout
from stack.processes import of_flow_run
from stack.runs import Outcome, Run
from stack.state import StackStatus
from tests.contract.stack.conftest import logged, part, wait_until


def _start_long_run(checkout: Checkout, running: StackStatus) -> Run:
    run = Run.start(checkout, running, "replicate/full", {"max_gpu_hours": 15})
    wait_until((checkout.run(run.id) / "progress.json").exists)
    return run


def _kill(checkout: Checkout, name: str) -> None:
    pid = part(checkout, name).pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


def _assert_finished(checkout: Checkout, run: Run, outcome: Outcome) -> None:
    assert outcome.exit_code == 0, outcome.error + logged(checkout.run(run.id) / "flow.log")
    assert outcome.console.startswith("Table 1: 15 steps")


@pytest.mark.parametrize("name", ["s3", "worker"])
def test_a_killed_part_comes_back_and_the_run_ends_well(
    checkout: Checkout, running: StackStatus, name: str
) -> None:
    before = part(checkout, name).restarts
    run = _start_long_run(checkout, running)
    notes: list[str] = []
    timer = threading.Timer(1, _kill, (checkout, name))
    timer.start()
    outcome = run.follow(lambda progress: None, notes.append)
    _assert_finished(checkout, run, outcome)
    assert notes == [f"{name} died (killed by SIGKILL) and was started again; the run goes on"]
    wait_until(lambda: part(checkout, name).phase == "ready")
    assert part(checkout, name).restarts == before + 1
    assert part(checkout, name).last_exit == "killed by SIGKILL"


def test_a_run_that_is_killed_with_its_worker_starts_again(checkout: Checkout, running: StackStatus) -> None:
    run = _start_long_run(checkout, running)
    engines = of_flow_run(running.token, run.id)
    assert engines
    _kill(checkout, "worker")
    for engine in engines:
        engine.kill()
    outcome = run.follow(lambda progress: None)
    _assert_finished(checkout, run, outcome)


def test_the_prefect_server_comes_back_under_a_run(checkout: Checkout, running: StackStatus) -> None:
    run = _start_long_run(checkout, running)
    _kill(checkout, "prefect")
    outcome = run.follow(lambda progress: None)
    _assert_finished(checkout, run, outcome)


def test_what_s3_has_acknowledged_survives_its_death(
    checkout: Checkout, running: StackStatus, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment(checkout.root).items():
        monkeypatch.setenv(name, value)
    store = Store.from_settings(Settings())
    written = [
        store.put("test", f"key{n}", "attempt", "file", os.urandom(1000 * n), "text/plain") for n in range(40)
    ]
    _kill(checkout, "s3")
    for artifact in written:
        store.get(artifact)  # checks size and sha256; waits while S3 is away
