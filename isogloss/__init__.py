"""The shared package of Isogloss: contracts, store, keys, work, server, client, and the command line."""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from isogloss.clients.g2p import G2PClient
    from isogloss.clients.g2p_async import AsyncG2PClient
    from isogloss.g2p.phonemize import phonemize

    __version__: str

__all__ = ["AsyncG2PClient", "G2PClient", "__version__", "phonemize"]

_LAZY = {
    "G2PClient": "isogloss.clients.g2p",
    "AsyncG2PClient": "isogloss.clients.g2p_async",
    "phonemize": "isogloss.g2p.phonemize",
}


def __getattr__(name: str) -> Any:
    """Import a client, or the engine, when it is first asked for: most parts of Isogloss need neither.

    `__version__` is read from the file VERSION, which keys leave out: a release alone makes no result anew.
    """
    if name == "__version__":
        return Path(__file__).with_name("VERSION").read_text(encoding="utf-8").strip()
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
