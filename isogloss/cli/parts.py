"""Parts of the checkout that a command runs in its own process.

They are loaded by name: the command is installed, the parts are not, and this package imports neither
services nor flows.
"""

import importlib
import sys
from pathlib import Path
from typing import Any

from isogloss.errors import NotFound
from isogloss.local.checkout import Checkout
from isogloss.local.errors import StackError


def part(module: str, what: str) -> Any:
    """A module of the checkout around the current directory, or else of the one that this package was
    installed from (`pip install -e`); `what` names the command in the error.
    """
    try:
        sys.path.insert(0, str(_checkout().root))
        return importlib.import_module(module)
    except StackError as error:
        fix = "Clone Isogloss and `pip install -e .` there: the command then works in any folder."
        raise NotFound(f"{what} needs a checkout: {error.problem} {fix}") from error
    except ModuleNotFoundError as error:
        fix = "run it in a checkout of Isogloss, after `make install`"
        raise NotFound(f"{what} needs {module}, and {error.name} is not here: {fix}") from error


def _checkout() -> Checkout:
    try:
        return Checkout.find()
    except StackError as error:
        try:
            return Checkout.find(Path(__file__).parent)
        except StackError:
            raise error from None
