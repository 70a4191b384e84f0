"""Say clearly, before anything is installed, that Python is too old."""

import sys

if sys.version_info < (3, 11):
    version = ".".join(map(str, sys.version_info[:3]))
    sys.exit(f"Isogloss needs Python 3.11 or newer, this is {version}: run `make PYTHON=python3.11 ...`")
