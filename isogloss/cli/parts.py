"""Parts of the checkout that a command runs in its own process.

They are loaded by name: the command is installed, the parts are not, and this package imports neither
services nor flows.
"""

import importlib
import sys
from typing import Any

from isogloss.errors import NotFound
from isogloss.local.checkout import Checkout
from isogloss.local.errors import StackError


def part(module: str, what: str) -> Any:
    """A module of the checkout around the current directory; `what` names the command in the error."""
    try:
        sys.path.insert(0, str(Checkout.find().root))
        return importlib.import_module(module)
    except StackError as error:
        raise NotFound(f"{what} needs a checkout: {error.problem}") from error
    except ModuleNotFoundError as error:
        fix = "run it in a checkout of Isogloss, after `make install`"
        raise NotFound(f"{what} needs {module}, and {error.name} is not here: {fix}") from error
