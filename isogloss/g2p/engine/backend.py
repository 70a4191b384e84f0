"""What every backend offers."""

from collections.abc import Callable
from typing import Protocol


class Backend(Protocol):
    """Turns text of one language into IPA. Thread-safe."""

    name: str
    version: str  # of data that do not come with Epitran; else ""

    def ipa(self, text: str) -> str:
        """IPA, NFC; what the backend does not know passes."""
        ...

    def ipa_with(self, text: str, unmapped: Callable[[str], str]) -> str:
        """The same, with `unmapped` deciding what becomes of each character that it does not know."""
        ...
