"""A bounded memory of what a function gave, as fast as a dict while it hits."""

from collections.abc import Callable
from typing import TypeVar

_LONGEST_KEY = (
    64  # characters; longer words do not come back, and would make the bound in entries one in name only
)


Text = TypeVar("Text", str, bytes)


class Memo(dict[Text, Text]):
    """`memo[key]` is `function(key)`, computed once.

    Two generations stand in for least-recently-used: when `limit` / 2 entries have come since the last turn,
    the older half is forgotten; what is asked for again moves to the younger. Thread-safe, since each step on
    a dict is atomic and a value computed twice is the same value.
    """

    def __init__(self, function: Callable[[Text], Text], limit: int) -> None:
        super().__init__()
        self._function: Callable[[Text], Text] = function
        self._half = max(1, limit // 2)
        self._older: dict[Text, Text] = {}

    def __missing__(self, key: Text) -> Text:
        value = self._older.get(key)
        if value is None:
            value = self._function(key)
        if len(key) <= _LONGEST_KEY:
            if len(self) >= self._half:
                self._older = dict(self)
                self.clear()
            self[key] = value
        return value
