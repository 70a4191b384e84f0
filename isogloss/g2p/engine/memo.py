"""A bounded memory of what a function gave, as fast as a dict while it hits."""

from collections.abc import Callable
from typing import TypeVar
from weakref import WeakSet

_LONGEST_KEY = (
    64  # characters; longer words do not come back, and would make the bound in entries one in name only
)

_LOOK = 256  # entries between two looks at the budget

Text = TypeVar("Text", str, bytes)


class Budget:
    """How many entries all memories that share it may hold; each gets the share of one of them."""

    def __init__(self, entries: int) -> None:
        self._entries = entries
        self._sharers: WeakSet[Memo[str] | Memo[bytes]] = WeakSet()

    def join(self, memo: "Memo[str] | Memo[bytes]") -> None:
        """One more to share with."""
        self._sharers.add(memo)

    @property
    def share(self) -> int:
        """Entries that one memory may hold at present."""
        return self._entries // max(1, len(self._sharers))


# Of all words of all languages in a process: about 400 MB when full.
WORDS = Budget(1_500_000)


class Memo(dict[Text, Text]):
    """`memo[key]` is `function(key)`, computed once.

    Two generations stand in for least-recently-used: when `limit` / 2 entries have come since the last turn,
    the older half is forgotten; what is asked for again moves to the younger. Thread-safe, since each step on
    a dict is atomic and a value computed twice is the same value.
    """

    __hash__ = object.__hash__  # type: ignore[assignment]  # one memory is never another

    def __init__(self, function: Callable[[Text], Text], limit: int, budget: Budget = WORDS) -> None:
        super().__init__()
        self._budget = budget
        budget.join(self)  # type: ignore[arg-type]
        self._function: Callable[[Text], Text] = function
        self._half = max(1, limit // 2)
        self._older: dict[Text, Text] = {}

    def __missing__(self, key: Text) -> Text:
        value = self._older.get(key)
        if value is None:
            value = self._function(key)
        if len(key) <= _LONGEST_KEY:
            if len(self) >= self._half or (
                len(self) % _LOOK == 0 and len(self) >= self._budget.share // 2 > 0
            ):
                self._older = dict(self)
                self.clear()
            self[key] = value
        return value
