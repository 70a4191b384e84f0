"""Processes end with their parent, and are found by the stack's token whatever has become of it."""

import os
import subprocess
import sys
import time
import uuid
from pathlib import Path

import psutil
import pytest

from stack import launch
from stack.parts import TOKEN
from stack.processes import describe_exit, of_stack, sweep, tail

SLEEP = "import time; time.sleep(60)"
IGNORE_TERM = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('x', flush=True);"


def _wait_for(gone: psutil.Process) -> bool:
    _, alive = psutil.wait_procs([gone], timeout=5)
    return not alive


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
def test_a_part_ends_when_its_parent_is_killed() -> None:
    start = (
        "import os, subprocess, sys, time; launch, *command = sys.argv[1:];"
        "launched = [sys.executable, launch, str(os.getpid()), '5', *command];"
        "part = subprocess.Popen(launched, start_new_session=True); print(part.pid, flush=True);"
        "time.sleep(60)"
    )
    command = [sys.executable, "-c", start, launch.__file__, sys.executable, "-c", SLEEP]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        part = psutil.Process(int(parent.stdout.readline()))
        time.sleep(0.3)  # let it become the program
        assert part.is_running()
        assert part.nice() == psutil.Process().nice() + 5
        parent.kill()
    assert _wait_for(part)


def test_a_part_whose_parent_is_gone_already_does_not_start() -> None:
    command = [sys.executable, launch.__file__, "1", "0", sys.executable, "-c", "print('started')"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "supervisor is gone" in done.stderr
    assert "started" not in done.stdout


def test_what_carries_the_token_is_swept_and_nothing_else() -> None:
    token = uuid.uuid4().hex
    ours = os.environ | {TOKEN: token}
    command = [sys.executable, "-c", IGNORE_TERM + SLEEP]
    stubborn = subprocess.Popen(command, env=ours, stdout=subprocess.PIPE)
    mild = subprocess.Popen([sys.executable, "-c", SLEEP], env=ours, start_new_session=True)
    other = subprocess.Popen([sys.executable, "-c", SLEEP], env=os.environ | {TOKEN: "another"})
    try:
        assert stubborn.stdout is not None
        assert stubborn.stdout.read(1) == b"x"
        assert {process.pid for process in of_stack(token)} == {stubborn.pid, mild.pid}
        assert sweep(token, grace_s=0.5) == 2
        # Until somebody waits for it, a killed child is still listed.
        for swept in (stubborn, mild):
            swept.wait(timeout=10)
            assert not psutil.pid_exists(swept.pid)
        assert other.poll() is None
    finally:
        for process in (stubborn, mild, other):
            process.kill()
            process.wait()


def test_exits_are_told_in_words() -> None:
    assert describe_exit(-9) == "killed by SIGKILL"
    assert describe_exit(3) == "exit code 3"


def test_the_tail_of_a_log_is_bounded(tmp_path: Path) -> None:
    log = tmp_path / "part.log"
    log.write_text("".join(f"line {n}\n" for n in range(100_000)))
    assert tail(log, 2) == "line 99998\nline 99999"
    assert tail(tmp_path / "none.log") == ""
