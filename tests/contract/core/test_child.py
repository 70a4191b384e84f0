"""Work in a child process, whatever becomes of the child: an end always comes, and the slot is free again."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from isogloss import parent, scratch
from isogloss.code_version import sources
from isogloss.errors import Stopped, Unavailable
from isogloss.parent import Child
from tests.conftest import ROOT

MODULE = "tests.contract.core.child_jobs"


@pytest.fixture
def child() -> Iterator[Child]:
    started = Child(MODULE)
    yield started
    started.close()


def run(
    child: Child, job: str, stop: Callable[[], bool] = lambda: False, **request: object
) -> dict[str, object]:
    return child.run(job, dict(request), lambda progress: None, stop)


def wait_until(condition: Callable[[], bool], limit_s: float = 30) -> float:
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < limit_s, f"not within {limit_s} s"
        time.sleep(0.02)
    return time.monotonic() - started


def test_what_is_printed_gets_between_no_events(child: Child) -> None:
    assert run(child, "echo", say="ja") == {"said": "ja"}
    assert child.version().sources == sources(MODULE), "the child says what it has loaded"


def test_a_child_that_dies_in_mid_line_is_an_end_and_the_next_job_runs(child: Child) -> None:
    for _ in range(2):
        with pytest.raises(Unavailable, match="the next attempt starts a new one"):
            run(child, "die")
        assert run(child, "echo", say=1) == {"said": 1}


def test_a_child_that_hangs_is_seen_and_replaced(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    run(child, "echo", say=1)
    assert child.healthy()
    with monkeypatch.context() as impatient, ThreadPoolExecutor(1) as pool:
        impatient.setattr(parent, "_PING_EVERY_S", 0.2)
        impatient.setattr(parent, "_SILENT_S", 3.0)
        hanging = pool.submit(run, child, "hang")
        wait_until(lambda: not child.healthy())
        with pytest.raises(Unavailable):
            hanging.result(30)
    wait_until(child.healthy, limit_s=120)
    assert run(child, "echo", say=2) == {"said": 2}


def test_a_cancel_while_the_child_imports_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLOW_IMPORT_S", "600")
    child, stop = Child(MODULE), threading.Event()
    with ThreadPoolExecutor(1) as pool:
        importing = pool.submit(run, child, "echo", stop.is_set, say=1)
        wait_until(lambda: child.pid is not None)
        stop.set()
        with pytest.raises(Stopped):
            importing.result(20)
    wait_until(lambda: child.pid is None, limit_s=5)
    child.close()


def test_a_child_ends_with_its_parent_in_mid_import() -> None:
    script = f"""
import time
from isogloss.parent import Child
child = Child({MODULE!r})
child.warm()
print(child.pid, flush=True)
time.sleep(600)
"""
    environment = os.environ | {"SLOW_IMPORT_S": "600"}
    killed = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, stdout=subprocess.PIPE
    )
    assert killed.stdout is not None
    orphan = psutil.Process(int(killed.stdout.readline()))
    wait_until(lambda: orphan.num_threads() > 1)  # it reads its stdin
    killed.kill()
    killed.wait()
    gone, _ = psutil.wait_procs([orphan], timeout=20)
    assert gone


def test_folders_of_the_dead_are_swept_and_those_of_the_living_stay(child: Child) -> None:
    folders: list[str] = []
    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(
            child.run, "until-stopped", {}, lambda event: folders.append(str(event["folder"])), lambda: False
        )
        wait_until(lambda: bool(folders))
        scratch.sweep()
        assert Path(folders[0]).exists(), "its owner lives"
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        with pytest.raises(Unavailable):
            working.result(30)
        assert Path(folders[0]).exists(), "kill -9 leaves it"
        run(child, "echo", say=1)  # a new child starts, and sweeps
        assert not Path(folders[0]).exists()
    assert tempfile.gettempdir() in folders[0]
