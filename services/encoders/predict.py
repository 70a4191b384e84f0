"""Running a classifier forward over a corpus, in float32 and in batches of like length.

Mixed precision is for training only: predictions must not depend on which sentences share a batch.
"""

# ruff: noqa: N803, N806  # shape suffixes are upper case

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from isogloss.tasks import Task
from services.encoders.batches import by_length, collate, firsts_of_equal, readings
from services.encoders.classifier import Classifier
from services.encoders.memory import in_halves
from services.encoders.targets import WORD_MEAN, Places, single, text_places, word_places
from services.encoders.units import NO_WORD, Encoded, Frame

# Called after each batch with the number of sequences done so far; may raise to stop.
OnBatch = Callable[[int], None]


@dataclass(frozen=True)
class Output:
    """What the model says of one sequence."""

    probabilities: list[list[float] | None]  # per word (or one for the text or pair); None for a word cut off
    units: list[int]  # per position the most probable class; empty where units are not classified


@torch.no_grad()
def predict(
    model: Classifier,
    sequences: Sequence[Encoded],
    frame: Frame,
    task: Task,
    label_scheme: str,
    device: torch.device,
    budget: int,
    on_batch: OnBatch = lambda done: None,
) -> list[Output]:
    """Outputs in the order of `sequences`, from batches of at most `budget` positions; equal sequences are
    computed once.
    """
    model.eval()
    outputs: dict[int, Output] = {}
    firsts = firsts_of_equal(sequences)
    times = Counter(firsts)
    done = 0

    def compute(indices: Sequence[int]) -> None:
        chosen = [sequences[index] for index in indices]
        batch = collate(chosen, frame, model.architecture).to(device)
        places = [_places(sequence, task, label_scheme) for sequence in chosen]
        probabilities_NC = model(batch, readings(places, device)).float().softmax(-1).cpu()
        parts = probabilities_NC.split([item.count for item in places])
        for index, sequence, part_NC in zip(indices, chosen, parts, strict=True):
            outputs[index] = _output(sequence, task, label_scheme, part_NC)

    for indices in by_length(sequences, budget, model.architecture):
        in_halves(indices, compute)
        done += sum(times[index] for index in indices)
        on_batch(done)
    return [outputs[first] for first in firsts]


def _places(sequence: Encoded, task: Task, label_scheme: str) -> Places:
    """All positions where single units are classified, words where only words are."""
    if not task.per_word:
        return text_places(sequence, label_scheme)
    return (
        word_places(sequence, WORD_MEAN)
        if label_scheme == WORD_MEAN
        else single(list(range(len(sequence.ids))))
    )


def _output(sequence: Encoded, task: Task, label_scheme: str, part_NC: torch.Tensor) -> Output:
    if not task.per_word:
        return Output([part_NC[0].tolist()], [])
    rows: list[list[float]] = part_NC.tolist()
    if label_scheme == WORD_MEAN:
        kept = iter(rows)
        return Output([next(kept) if first != NO_WORD else None for first in sequence.firsts], [])
    words = [rows[first] if first != NO_WORD else None for first in sequence.firsts]
    return Output(words, part_NC.argmax(-1).tolist())
