"""Processes of a stack: started in groups of their own, and found by the stack's token whatever happened to
them.
"""

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import psutil

from stack import launch
from stack.parts import TOKEN, Part


def start(part: Part, folder: Path, log: Path, python: str) -> "subprocess.Popen[bytes]":
    """Start a part in a process group of its own, its output appended to its log; it ends with this process.

    Call it from the main thread: the kernel counts the thread that started a process as its parent.
    """
    command = [python, "-I", "-S", launch.__file__, str(os.getpid()), str(part.nice), *part.command]
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            cwd=folder,
            env=part.environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def signal_group(process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    """Send a signal to a process of ours and to what it started. It must not have been waited for yet."""
    with suppress(ProcessLookupError, PermissionError):  # macOS answers EPERM for a group of zombies
        os.killpg(process.pid, number)


def of_stack(token: str) -> list[psutil.Process]:
    """Every living process that carries the stack's token in its environment, this one excepted."""
    return [
        process
        for process in psutil.process_iter()
        if process.pid != os.getpid() and _has(process, TOKEN, token)
    ]


def of_flow_run(token: str, flow_run: str) -> list[psutil.Process]:
    """The living processes of one flow run of a stack."""
    return [process for process in of_stack(token) if _has(process, "PREFECT__FLOW_RUN_ID", flow_run)]


def sweep(token: str, grace_s: float = 2) -> int:
    """End whatever is left of a stack: SIGTERM, and SIGKILL after `grace_s` seconds. Returns how many there
    were.
    """
    members = of_stack(token)
    for number in (signal.SIGTERM, signal.SIGKILL):
        for process in members:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)  # psutil compares start times: a recycled pid is never hit
        _, alive = psutil.wait_procs(members, timeout=grace_s)
        if not alive:
            break
    return len(members)


def describe_exit(code: int) -> str:
    """An exit code in words."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"


def tail(log: Path, lines: int = 25) -> str:
    """The last lines of a log, at most 64 KiB."""
    try:
        with log.open("rb") as stream:
            stream.seek(0, os.SEEK_END)
            stream.seek(max(0, stream.tell() - 2**16))
            text = stream.read().decode(errors="replace")
    except FileNotFoundError:
        return ""
    return "\n".join(text.splitlines()[-lines:])


def _has(process: psutil.Process, name: str, value: str) -> bool:
    try:
        return process.environ().get(name) == value
    except (psutil.Error, OSError):  # someone else's, or gone in between
        return False
