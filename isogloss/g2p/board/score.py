"""Phone error rate and words right, each with an interval."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from isogloss.g2p.board.folding import fold
from isogloss.g2p.board.gold import Gold

_Z = 1.96


@dataclass(frozen=True)
class Share:
    """A share in per cent and half the width of its 95 % interval: the linearized error of a ratio, with
    word types as the units that were sampled (all tokens of a type are right or wrong together).
    """

    value: float
    half_width: float


@dataclass(frozen=True)
class Score:
    """How one tool did on some words. `per` is edit distance over the phones of gold, best variant of each
    word; `words` counts types.
    """

    per: Share
    right: Share
    words: int
    costliest: tuple[tuple[str, str, str], ...]  # word, given, gold: by errors times how often


def score(
    convert: Callable[[str], str], gold: Gold, language: str, weights: Mapping[str, int], shown: int = 0
) -> Score:
    """`weights` says which words count how often: those of a text, or 1 for each of gold's."""
    rows: list[tuple[int, int, int, int]] = []  # weight, errors, phones, right
    costs: list[tuple[int, str, str, str]] = []
    for word, weight in weights.items():
        given = fold(convert(word), language)
        errors, best = min(
            ((distance(given, variant), variant) for variant in sorted(gold.words[word])),
            key=lambda pair: (pair[0] / len(pair[1]), pair[0]),
        )
        rows.append((weight, errors, len(best), int(errors == 0)))
        if errors and shown:
            costs.append((errors * weight, word, " ".join(given), " ".join(best)))
    costs.sort(reverse=True)
    return Score(
        per=_ratio([(w * e, w * n) for w, e, n, _ in rows]),
        right=_ratio([(w * r, w) for w, _, _, r in rows]),
        words=len(rows),
        costliest=tuple((word, given, best) for _, word, given, best in costs[:shown]),
    )


def distance(given: Sequence[str], gold: Sequence[str]) -> int:
    """Levenshtein's: insertions, deletions and substitutions."""
    if given == gold:
        return 0
    above = list(range(len(gold) + 1))
    for row, phone in enumerate(given, start=1):
        diagonal, above[0] = above[0], row
        for column, wanted in enumerate(gold, start=1):
            cost = diagonal if phone == wanted else 1 + min(diagonal, above[column], above[column - 1])
            diagonal, above[column] = above[column], cost
    return above[-1]


def _ratio(pairs: Sequence[tuple[int, int]]) -> Share:
    part, whole = (sum(column) for column in zip(*pairs, strict=True)) if pairs else (0, 0)
    if not whole:
        return Share(math.nan, math.nan)
    ratio = part / whole
    squares = sum((a - ratio * b) ** 2 for a, b in pairs)
    count = len(pairs)
    error = math.sqrt(squares * count / max(1, count - 1)) / whole
    return Share(100 * ratio, 100 * _Z * error)
