"""The experiment as Prefect runs it."""

import sys
from pathlib import Path

# Prefect loads `replicate.py` with this folder first on the path, and leaves it there: libraries that import
# `requests`, `numbers` or `profile` would find ours.
sys.path[:] = [entry for entry in sys.path if entry != str(Path(__file__).resolve().parent)]
