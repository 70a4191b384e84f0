"""Which rows: seeded samples and splits that depend on nothing but row numbers and a seed.

A hash of (seed, row number) orders the rows, not a random generator: the same everywhere, in every version of
every library, and row i is chosen in Swahili if it is chosen in English, so parallel data stay parallel.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Hashable, Sequence
from itertools import accumulate


def _rank(seed: int, row: int) -> int:
    """A number below 2^64, uniform over rows."""
    return int.from_bytes(hashlib.blake2b(f"{seed}/{row}".encode(), digest_size=8).digest())


def sample(rows: int, count: int, seed: int) -> list[int]:
    """`count` of `rows` row numbers, ascending, or all. A smaller sample is a subset of a larger one."""
    if count >= rows:
        return list(range(rows))
    return sorted(sorted(range(rows), key=lambda row: _rank(seed, row))[:count])


def split_in_parts(groups: Sequence[Hashable], shares: Sequence[float], seed: int) -> list[list[int]]:
    """Row numbers of a part for each share (of about that share of the rows) and of the rest, each ascending.

    Rows of the same group stay in one part. A group goes by its first row, on its own: what the other groups
    are does not matter, so the same rows are split alike in two languages even where one has merged two
    groups.
    """
    first_row: dict[Hashable, int] = {}
    parts: list[list[int]] = [[] for _ in (*shares, "rest")]
    thresholds = [int(share * 2**64) for share in accumulate(shares)]
    for row, group in enumerate(groups):
        leader = first_row.setdefault(group, row)
        parts[bisect_right(thresholds, _rank(seed, leader))].append(row)
    return parts
