"""Commands that are in a checkout and not in the wheel: those of the local stack.

The package knows none of them by import: where it was installed from a checkout (`pip install -e`), or is
called inside of one, that checkout's root goes on the path, and `stack/cli` adds its commands.
"""

import importlib
import sys
from functools import cache
from pathlib import Path


@cache
def checkout_root() -> Path | None:
    """The checkout that this package was installed from, else the one around the current directory."""
    here = Path.cwd()
    for folder in (Path(__file__).resolve().parents[2], here, *here.parents):
        if (folder / "prefect.yaml").is_file() and (folder / "stack" / "cli").is_dir():
            return folder
    return None


def checkout_commands() -> dict[str, tuple[str, str]]:
    """The commands that need a checkout, by name; none outside of one."""
    root = checkout_root()
    if root is None:
        return {}
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
    commands: dict[str, tuple[str, str]] = importlib.import_module("stack.cli").COMMANDS
    return commands


def use_running_stack() -> None:
    """Add the settings of the checkout's running stack to this process's environment; what is set stays."""
    if checkout_commands():
        importlib.import_module("stack").use_running_stack()
