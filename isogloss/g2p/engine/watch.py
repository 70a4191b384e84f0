"""Does the caller still wait? Long conversions look every few thousand characters."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

STEP = 4_000  # characters between two looks

Text = TypeVar("Text", str, bytes)


def no_deadline() -> None:
    """Nobody who could go away."""


def stepwise(function: Callable[[str], str], text: str, check: Callable[[], None]) -> list[str]:
    """The function of every token, with a look at the caller every now and then."""
    tokens = text.split()
    if len(text) <= STEP:
        return list(map(function, tokens))
    return list(map(function, watched(tokens, check)))


def watched(texts: Iterable[Text], check: Callable[[], None]) -> Iterator[Text]:
    """The same, with a look at the caller every `STEP` characters: a look costs as much as ten words."""
    characters = 0
    for text in texts:
        characters += len(text)
        if characters > STEP:
            check()
            characters = 0
        yield text
