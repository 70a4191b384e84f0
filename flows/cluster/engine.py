"""Prefect's engine, ended with the process that started it: `python -m flows.cluster.engine PARENT_PID`.

Linux tells it, by SIGTERM, that its parent is gone, even by kill -9. A module of its own instead of
`preexec_fn`, which is unsafe in a process with threads.
"""

import ctypes
import os
import runpy
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Ask for the signal, look whether it would come too late, and become the engine."""
    parent = int(sys.argv.pop(1))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit("whoever started this run is gone")
    runpy.run_module("prefect.engine", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
