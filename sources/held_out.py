"""Whether text to pre-train on holds sentences that models will be judged by."""

import unicodedata
from collections.abc import Iterable, Sequence

_RUN = 13  # words in a row that are no coincidence
_SHORT_RUN = 9  # the same for sentences of 9 to 12 words
_LEAST = 4  # shorter sentences are everybody's


class HeldOut:
    """Sentences of one language that must not be met in pre-training.

    Compared in lower case, letters and digits only. A line holds a sentence when they share 13 words in a
    row; 9 for a sentence of 9 to 12 words; one of 4 to 8 words must be the whole line.
    """

    def __init__(self) -> None:
        self._runs: dict[int, set[tuple[str, ...]]] = {_RUN: set(), _SHORT_RUN: set()}
        self._lines: set[tuple[str, ...]] = set()

    def add(self, sentences: Iterable[Sequence[str]]) -> None:
        """Hold these out, too."""
        for sentence in sentences:
            words = _normalized(sentence)
            if len(words) >= _SHORT_RUN:
                size = _RUN if len(words) >= _RUN else _SHORT_RUN
                self._runs[size].update(_runs(words, size))
            elif len(words) >= _LEAST:
                self._lines.add(words)

    def holds(self, line: Sequence[str]) -> bool:
        """Whether a line of the text holds one of them."""
        words = _normalized(line)
        if words in self._lines:
            return True
        return any(run in known for size, known in self._runs.items() for run in _runs(words, size))


def _normalized(words: Sequence[str]) -> tuple[str, ...]:
    text = unicodedata.normalize("NFKC", " ".join(words)).lower()
    return tuple(
        "".join(c if c.isalnum() or unicodedata.category(c)[0] == "M" else " " for c in text).split()
    )


def _runs(words: tuple[str, ...], size: int) -> Iterable[tuple[str, ...]]:
    return (words[at : at + size] for at in range(len(words) - size + 1))
