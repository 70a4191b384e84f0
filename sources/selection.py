"""Which rows: seeded samples and splits that depend on nothing but row numbers and a seed.

A hash of (seed, row number) orders the rows, not a random generator: the same everywhere, in every version of
every library, and row i is chosen in Swahili if it is chosen in English, so parallel data stay parallel.
"""

import hashlib
from collections.abc import Hashable, Sequence


def _rank(seed: int, row: int) -> int:
    """A number below 2^64, uniform over rows."""
    return int.from_bytes(hashlib.blake2b(f"{seed}/{row}".encode(), digest_size=8).digest())


def sample(rows: int, count: int, seed: int) -> list[int]:
    """`count` of `rows` row numbers, ascending, or all. A smaller sample is a subset of a larger one."""
    if count >= rows:
        return list(range(rows))
    return sorted(sorted(range(rows), key=lambda row: _rank(seed, row))[:count])


def split_in_two(groups: Sequence[Hashable], share: float, seed: int) -> tuple[list[int], list[int]]:
    """Row numbers of the first part (about `share` of the rows) and of the second, ascending.

    Rows of the same group stay on one side. A group goes by its first row, on its own: what the other groups
    are does not matter, so the same rows are split alike in two languages even where one has merged two
    groups.
    """
    first_row: dict[Hashable, int] = {}
    parts: tuple[list[int], list[int]] = ([], [])
    threshold = int(share * 2**64)
    for row, group in enumerate(groups):
        leader = first_row.setdefault(group, row)
        parts[_rank(seed, leader) >= threshold].append(row)
    return parts
