"""Which segments PanPhon knows: its table read as a data file, since the package itself pulls in pandas."""

import unicodedata
from functools import cache
from importlib import util
from pathlib import Path


@cache
def known_segments() -> frozenset[str]:
    """Every segment with features in PanPhon's table, NFD; `RuntimeError` when it is not installed."""
    spec = util.find_spec("panphon")
    if spec is None or spec.origin is None:
        raise RuntimeError("the package panphon is not installed: pip install 'isogloss[g2p]'")
    table = Path(spec.origin).parent / "data" / "ipa_all.csv"
    lines = table.read_text(encoding="utf-8").splitlines()[1:]
    return frozenset(unicodedata.normalize("NFD", line.partition(",")[0]) for line in lines)
