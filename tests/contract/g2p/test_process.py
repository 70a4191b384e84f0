"""The process: what it loads, and how soon it serves."""

import json
import subprocess
import sys
import time

from isogloss.clients.g2p import G2PClient
from tests.conftest import ROOT
from tests.contract.g2p.running_service import running_service, seconds

_HEAVY = [
    "torch",
    "transformers",
    "pandas",
    "numpy",
    "pyarrow",
    "epitran",
    "panphon",
    "segments",
    "rdflib",
    "num2words2",
    "babel",
]
_LOADED = f"""
import json, sys
from tests.paper_languages import PAPER_LANGUAGES
from services.g2p import __main__
from isogloss.g2p.engine.converter import load
from isogloss.g2p.engine.options import Options
for code in PAPER_LANGUAGES:
    load(code, Options("none")).sequence("a")
print(json.dumps([name for name in {_HEAVY} if name in sys.modules]))
"""


def test_nothing_heavy_is_loaded_to_serve_twelve_languages() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", _LOADED], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert json.loads(answer.stdout) == []


def test_answers_soon_after_its_start() -> None:
    """Half a second of work; the bound leaves room for a busy machine."""
    start = time.monotonic()
    with running_service() as address, G2PClient(address) as g2p:
        assert g2p.convert("Bonjour", "fra").ipa == "bɔ̃ʒuʀ"
        assert seconds(start) < 10
