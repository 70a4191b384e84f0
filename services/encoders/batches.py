"""Batches: sequences of like length together, so that the compute goes into units and not into padding."""

# ruff: noqa: N803, N806, N815  # shape suffixes are upper case

import random
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from services.encoders.families import FAMILIES
from services.encoders.targets import Places
from services.encoders.units import Encoded, Frame

Identity = tuple[bytes, bytes, bytes, int]

_SORTED_TOGETHER = 64  # batches whose sentences are sorted by length before they are cut apart


@dataclass(frozen=True)
class Batch:
    """Tensors of B sequences padded to L positions."""

    ids_BL: Tensor
    mask_BL: Tensor
    types_BL: Tensor
    units: int  # real ones

    def to(self, device: torch.device) -> "Batch":
        """The same on a device."""
        return Batch(self.ids_BL.to(device), self.mask_BL.to(device), self.types_BL.to(device), self.units)


@dataclass(frozen=True)
class Readings:
    """Where a batch is read: U places in N groups, each group one word (or unit, or pair)."""

    rows_U: Tensor
    positions_U: Tensor
    groups_U: Tensor | None  # None: each place is a group of its own
    count: int  # N

    def mean(self, states_UD: Tensor) -> Tensor:
        """The mean over each group, [N, D]."""
        if self.groups_U is None:
            return states_UD
        summed_ND = states_UD.new_zeros(self.count, states_UD.shape[1]).index_add(0, self.groups_U, states_UD)
        sizes_N = torch.bincount(self.groups_U, minlength=self.count)
        return summed_ND / sizes_N[:, None]


def readings(places: Sequence[Places], device: torch.device) -> Readings:
    """The places of each row of a batch, flattened."""
    rows = [row for row, item in enumerate(places) for _ in item.positions]
    positions = [position for item in places for position in item.positions]
    groups: list[int] = []
    count = 0
    for item in places:
        groups.extend(count + group for group in item.groups)
        count += item.count
    shared = torch.tensor(groups, device=device) if count < len(positions) else None
    return Readings(torch.tensor(rows, device=device), torch.tensor(positions, device=device), shared, count)


def collate(sequences: Sequence[Encoded], frame: Frame, architecture: str) -> Batch:
    """Pad sequences to one length, chosen so that no logit depends on it."""
    length = FAMILIES[architecture].padded_length(len(sequence.ids) for sequence in sequences)
    ids_BL = torch.full((len(sequences), length), frame.pad, dtype=torch.long)
    mask_BL = torch.zeros_like(ids_BL)
    types_BL = torch.zeros_like(ids_BL)
    for row, sequence in enumerate(sequences):
        end = len(sequence.ids)
        ids_BL[row, :end] = torch.tensor(sequence.ids)
        mask_BL[row, :end] = 1
        if frame.two_types:
            types_BL[row, sequence.second : end] = 1
    return Batch(ids_BL, mask_BL, types_BL, sum(len(sequence.ids) for sequence in sequences))


def shuffled_buckets(lengths: Sequence[int], batch_size: int, random_state: random.Random) -> list[list[int]]:
    """All indices once, in batches of like length and random order.

    Sentences are shuffled, 64 batches' worth of them are sorted by length and cut into batches, and the
    batches are shuffled: fill above 0.9 on real sentences, and another composition each epoch.
    """
    order = list(range(len(lengths)))
    random_state.shuffle(order)
    batches: list[list[int]] = []
    window = batch_size * _SORTED_TOGETHER
    for start in range(0, len(order), window):
        by_length = sorted(order[start : start + window], key=lengths.__getitem__)
        batches.extend(by_length[at : at + batch_size] for at in range(0, len(by_length), batch_size))
    random_state.shuffle(batches)
    return batches


def within_budget(
    indices: Sequence[int], lengths: Sequence[int], budget: int, architecture: str
) -> list[list[int]]:
    """Cut indices into runs of which none has more than `budget` positions, padding included.

    A single sequence longer than the budget is a run of its own. Order is kept.
    """
    runs: list[list[int]] = []
    run: list[int] = []
    padded = 0
    for index in indices:
        own = FAMILIES[architecture].padded_length([lengths[index]])
        if run and (len(run) + 1) * max(padded, own) > budget:
            runs.append(run)
            run, padded = [], 0
        run.append(index)
        padded = max(padded, own)
    return [*runs, run] if run else runs


def by_length(sequences: Sequence[Encoded], budget: int, architecture: str) -> list[list[int]]:
    """Batches of like length under a budget of positions, for a model that only looks: of equal sequences the
    first one stands for all (`firsts_of_equal`).

    Which row of which batch a sequence gets depends on what the sequences are and not on their order, so that
    a corpus in another order gives the same bits. The longest come first: running out of memory then happens
    at the start.
    """

    def place(index: int) -> tuple[int, Identity]:
        return -len(sequences[index].ids), _identity(sequences[index])

    order = sorted(set(firsts_of_equal(sequences)), key=place)
    return within_budget(order, [len(sequence.ids) for sequence in sequences], budget, architecture)


def firsts_of_equal(sequences: Sequence[Encoded]) -> list[int]:
    """For each sequence the index of the first one that equals it, often its own."""
    firsts: dict[Identity, int] = {}
    return [firsts.setdefault(_identity(sequence), index) for index, sequence in enumerate(sequences)]


def _identity(sequence: Encoded) -> Identity:
    """All that a model's answer can depend on: the units, the words they belong to, the second segment."""
    return (
        sequence.ids.tobytes(),
        sequence.owners.tobytes(),
        sequence.content.tobytes(),
        sequence.second,
    )
