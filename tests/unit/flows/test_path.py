"""Loading the flow as Prefect does leaves every library its own modules."""

import subprocess
import sys

from tests.conftest import ROOT

LOOK = """
from pathlib import Path
from prefect.utilities.importtools import load_script_as_module

load_script_as_module("flows/replicate.py")
for name in {path.stem for path in Path("flows").glob("*.py")} - {"replicate"}:
    try:
        found = __import__(name)
    except ModuleNotFoundError:
        continue
    assert Path("flows").resolve() not in Path(found.__file__).resolve().parents, found.__file__
import requests
print(requests.Session.__name__)
"""


def test_our_modules_hide_no_librarys() -> None:
    done = subprocess.run([sys.executable, "-c", LOOK], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout == "Session\n", done.stderr
