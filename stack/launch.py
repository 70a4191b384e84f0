"""Become another program that ends when its parent does: `python -I -S launch.py PARENT_PID NICE COMMAND…`.

On Linux the kernel sends SIGTERM when the parent is gone, even by kill -9. Elsewhere the next `isogloss up`
or `down` finds what is left. A program of its own instead of `preexec_fn`, which is unsafe in a process with
threads; it uses the standard library only and costs about 15 ms.
"""

import ctypes
import os
import signal
import sys
import time

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Ask for the signal, look whether it would come too late, step back, and become the command."""
    parent, nice, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit("the supervisor is gone")
    if nice:
        os.nice(nice)
        _make_group_nice(nice)
    os.execvp(command[0], command)


def _make_group_nice(nice: int) -> None:
    """Linux may schedule each session as one group, within which alone a process's niceness counts.

    Then the group has a niceness of its own; the kernel lets it be set every 0.1 s only, by whomever.
    """
    for _ in range(5):
        try:
            with open("/proc/self/autogroup", "w") as group:
                group.write(str(nice))
            return
        except BlockingIOError:
            time.sleep(0.11)
        except OSError:
            return  # no such groups here


if __name__ == "__main__":
    main()
