"""What an input reads at one step of the plan: ids, and where they are hidden. No torch."""

# ruff: noqa: N803, N815  # shape suffixes are upper case

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.trainer.pretrain.corpus import Ints, Reading
from services.trainer.pretrain.plan import FRACTIONS, MASK, RANDOM, Plan
from services.trainer.pretrain.vocabulary import END, PAD, SEPARATOR, SPECIALS, START, Vocabulary
from services.trainer.pretrain.vocabulary import MASK as MASK_ID


@dataclass(frozen=True)
class Batch:
    """B windows padded to L ids, of which M are hidden. All arrays are int64."""

    ids_BL: Ints  # as the model sees them
    lengths_B: Ints  # real ids of each row
    rows_M: Ints  # where the hidden units are
    positions_M: Ints
    targets_M: Ints  # what they are
    languages_M: Ints  # of whose words


class Drawing:
    """One input's side of a plan."""

    def __init__(self, plan: Plan, reading: Reading, vocabulary: Vocabulary) -> None:
        self._plan = plan
        self._vocabulary = vocabulary
        # All words as one run of ids, each with a separator before it: word w is ids[ends[w] + 1 : ends[w +
        # 1]].
        lengths = reading.lengths
        self._ends = np.concatenate([[0], np.cumsum(lengths + 1)])
        ids = np.full(int(self._ends[-1]), SEPARATOR, dtype=np.int32)
        inside = np.ones(len(ids), dtype=bool)
        inside[self._ends[:-1]] = False
        sources = np.repeat(reading.starts[reading.types] - self._ends[:-1] - 1, lengths + 1) + np.arange(
            len(ids)
        )
        ids[inside] = vocabulary.ids[reading.units[sources[inside]]]
        self._ids = ids

    @property
    def steps(self) -> int:
        """Of the plan."""
        return self._plan.settings.steps

    def lengths(self, step: int) -> Ints:
        """Ids of each window of a step, specials included: [B]."""
        windows = self._plan.windows[self._plan.rows[step]]
        return np.asarray(self._ends[windows[:, 1]] - self._ends[windows[:, 0]] + 1)

    def batch(self, step: int, multiple: int = 1) -> Batch:
        """The windows of a step, in the plan's order, padded to the longest (rounded up to a multiple)."""
        plan = self._plan
        rows = plan.rows[step]
        windows, lengths = plan.windows[rows], self.lengths(step)
        width = -(-int(lengths.max()) // multiple) * multiple
        columns = np.arange(width)
        # A window's run begins with the separator before its first word, whose place the start takes.
        places = np.minimum(self._ends[windows[:, :1]] + columns, len(self._ids) - 1)
        ids = np.where(columns < lengths[:, None] - 1, self._ids[places], PAD).astype(np.int64)
        ids[:, 0] = START
        ids[np.arange(len(rows)), lengths - 1] = END
        at_row, positions, shown, targets = self._hidden(step, ids)
        draws = _draws(plan.settings.seed, step, len(targets))
        units = len(self._vocabulary.names) - len(SPECIALS)
        ids[at_row, positions] = np.select(
            [shown == MASK, shown == RANDOM],
            [MASK_ID, len(SPECIALS) + (draws * units).astype(np.int64)],
            targets,
        )
        languages = plan.window_language[rows].astype(np.int64)[at_row]
        return Batch(ids, lengths, at_row, positions, targets, languages)

    def _hidden(self, step: int, ids_BL: Ints) -> tuple[Ints, Ints, NDArray[np.uint8], Ints]:
        """Rows, positions, what is shown and the true ids of all hidden units of a step."""
        plan, count = self._plan, self._plan.settings.windows
        first, last = plan.offsets[step * count], plan.offsets[(step + 1) * count]
        per_row = np.diff(plan.offsets[step * count : (step + 1) * count + 1])
        row = np.repeat(np.arange(count), per_row)
        base = plan.windows[plan.rows[step], 0][row]
        word = base + plan.words[first:last]
        start = self._ends[word] + 1
        sizes = self._ends[word + 1] - start
        begin, end = span(sizes, plan.spans[first:last])
        begin, end = begin + start - self._ends[base], end + start - self._ends[base]
        spread = np.repeat(np.arange(len(word)), end - begin)
        inside = np.arange(len(spread)) - np.repeat(np.cumsum(end - begin) - (end - begin), end - begin)
        positions = begin[spread] + inside
        return row[spread], positions, plan.shown[first:last][spread], ids_BL[row[spread], positions]


def span(sizes: Ints, spans: NDArray[np.uint8]) -> tuple[Ints, Ints]:
    """The units [begin, end) of words of `sizes` units that relative spans [·, 2] cover: one at least."""
    begin = np.minimum(sizes * spans[:, 0] // FRACTIONS, sizes - 1)
    end = np.maximum(-(-(sizes * spans[:, 1].astype(np.int64)) // FRACTIONS), begin + 1)
    return begin, end


def micro_batches(batch: Batch, budget: int, multiple: int = 1) -> list[Batch]:
    """A batch cut into runs of rows of like length, none with more than `budget` ids, padding included.

    A row that is longer than the budget goes alone.
    """
    order = np.argsort(-batch.lengths_B, kind="stable")
    runs: list[Sequence[int]] = []
    start = 0
    while start < len(order):
        width = _rounded(int(batch.lengths_B[order[start]]), multiple)
        count = max(1, budget // width)
        runs.append(order[start : start + count].tolist())
        start += count
    if len(runs) == 1:
        return [batch]
    return [_take(batch, np.array(run), multiple) for run in runs]


def _take(batch: Batch, rows: Ints, multiple: int) -> Batch:
    width = _rounded(int(batch.lengths_B[rows].max()), multiple)
    place = np.full(len(batch.lengths_B), -1)
    place[rows] = np.arange(len(rows))
    kept = place[batch.rows_M] >= 0
    return Batch(
        batch.ids_BL[rows, :width], batch.lengths_B[rows], place[batch.rows_M[kept]], batch.positions_M[kept],
        batch.targets_M[kept], batch.languages_M[kept],
    )  # fmt: skip


def _rounded(width: int, multiple: int) -> int:
    return -(-width // multiple) * multiple


def _draws(seed: int, step: int, count: int) -> NDArray[np.float64]:
    return np.random.Generator(np.random.Philox(key=[seed, 2**40 + step])).random(count)
