"""The local stack: every part as a process of this machine, on loopback, with its state under `.isogloss/`.

    isogloss up ─▶ supervisor ─▶ prefect  s3  worker  g2p  embedder  metrics  trainer-0 …
                                              └▶ flow runs

`stack` starts and stops it, `supervisor` owns it, `parts` says what it consists of, `runs` starts a flow on
it.
"""

import os
from pathlib import Path


def environment(start: Path | None = None) -> dict[str, str]:
    """Settings (`ISOGLOSS_…`, `PREFECT_API_URL`) that reach the running stack of the checkout around `start`.

    Empty outside of a checkout and when no stack runs. Cheap: reads one file.
    """
    from stack.checkout import Checkout
    from stack.errors import StackError
    from stack.state import is_running

    try:
        checkout = Checkout.find(start)
        if not is_running(checkout):
            return {}
        lines = checkout.environment.read_text().splitlines()
    except (StackError, FileNotFoundError):
        return {}
    return dict(line.split("=", 1) for line in lines)


def use_running_stack() -> None:
    """Add the running stack's settings to this process's environment; what is set already stays."""
    for name, value in environment().items():
        os.environ.setdefault(name, value)
