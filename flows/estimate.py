"""What a run costs, before it runs: tokens × operations a token ÷ what a GPU is assumed to do.

An estimate, and no GPU was measured for it: every assumption is in `docs/decisions.md`, and printed by
`isogloss plan`. Where the store holds results of the same encoder, their measured speed is used instead.
"""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flows.cells import Cell
from flows.profile import Profile, Scratch, Snapshot
from flows.requests import hyperparameters, readings_of
from isogloss.inputs import INPUTS, Units
from isogloss.manifests import Manifest
from sources.expected import CHARACTERS

# Units a character of text: mBERT's subwords are guessed at 1.6 a word; Epitran's phonemes are those of the
# paper's languages.
UNITS: Mapping[Units, float] = {"subword": 0.28, "character": 1.0, "symbol": 0.97}
FILL = 0.9  # part of the computed positions that are no padding: bench/training.py
WEIGHTS = "model.safetensors"
BACKWARD = 2.0  # operations of the backward pass, in forward passes


@dataclass(frozen=True)
class Shape:
    """What counts of an encoder: its layers, and how wide it is."""

    architecture: str
    layers: int
    hidden: int
    feed_forward: int

    def operations(self, length: float) -> float:
        """Of the forward pass, a unit in a sequence of this length: two for each weight that it meets, and
        attention's two products.
        """
        layer = 2 * (4 * self.hidden**2 + 2 * self.hidden * self.feed_forward)
        if self.architecture != "canine":
            return self.layers * (layer + 4 * length * self.hidden)
        # CANINE (Clark et al., 2022, section 3): one layer and its last one see every character, in blocks of
        # 128; the others one position in four, made by a convolution four wide and widened by another.
        local = 2 * (layer + 4 * min(length, 128) * self.hidden)
        deep = self.layers * (layer + 4 * length / 4 * self.hidden) / 4
        convolutions = 2 * (self.hidden**2 + 4 * 2 * self.hidden**2)
        return local + deep + convolutions


_BASE = {"layers": 12, "hidden": 768, "feed_forward": 3072}
_KNOWN = {
    "google-bert/bert-base-multilingual-cased": Shape("bert", **_BASE),
    "google/canine-s": Shape("canine", **_BASE),
    "google/canine-c": Shape("canine", **_BASE),
    "vinai/xphonebert-base": Shape("roberta", **_BASE),
}


def shape_of(choice: Scratch | Snapshot) -> tuple[Shape, bool]:
    """The encoder's shape, and whether it is known; another snapshot is taken for one of BERT's base size."""
    if isinstance(choice, Scratch):
        return Shape(choice.architecture, choice.layers, choice.hidden_size, choice.feed_forward_size), True
    return _KNOWN.get(choice.id, Shape("bert", **_BASE)), choice.id in _KNOWN


@dataclass(frozen=True)
class Machine:
    """The assumed GPU: its dense bf16 peak in TFLOP/s, and the part of it that is reached. With
    `unless_measured` speeds that the store's results have measured come first.
    """

    tflops: float
    mfu: float
    unless_measured: bool = True

    @property
    def per_second(self) -> float:
        """Operations a second."""
        return self.tflops * 1e12 * self.mfu


@dataclass(frozen=True)
class Speed:
    """What earlier results reached: real units/s of training, how many results, and on what."""

    units_per_s: float
    results: int
    device: str


Rows = Mapping[tuple[str, str], Mapping[str, int]]
"""Sentences by (corpus, language) and split."""


class Estimate:
    """Hours of one machine for trainings and embeddings.

    `speeds` are measured, by (task, input); others are estimated from the machine.
    """

    def __init__(
        self,
        profile: Profile,
        rows: Rows,
        machine: Machine,
        speeds: Mapping[tuple[str, str], Speed] | None = None,
    ) -> None:
        self._profile = profile
        self._rows = rows
        self._machine = machine
        self._speeds = speeds or {}

    def training_hours(self, training: Cell, evaluated: Sequence[str]) -> float:
        """Every epoch reads the train set forward and back and dev forward; the end evaluates each set.

        `evaluated` are the languages that a model of zero-shot transfer is scored in.
        """
        values = hyperparameters(self._profile, training)
        own = self._rows[training.task, training.language]
        trained = own["train"] * training.train_fraction * values.epochs
        if training.trained_on:
            split = self._profile.reported_split
            scored = sum(self._rows[training.task, code][split] for code in evaluated)
        else:
            scored = own.get("test", 0)
        forward = own["dev"] * (values.epochs + 1) + scored
        return self._hours(training, training.task, (1 + BACKWARD) * trained + forward)

    def pretraining_hours(self, name: str) -> float:
        """Every window of the plan forward and back, taken to be full."""
        choice = self._profile.pretraining
        assert choice is not None
        plan = choice.plan
        shape, _ = shape_of(self._profile.models[name])
        positions = plan.steps * plan.windows * plan.length
        return positions * (1 + BACKWARD) * shape.operations(plan.length) / (self._machine.per_second * 3600)

    def embedding_hours(self, cell: Cell, only_raw: bool) -> float:
        """A pass over the parallel text for each reading of the last layer; looking up embeddings costs next
        to nothing.
        """
        readings = readings_of(self._profile, cell.task, cell.input, only_raw)
        passes = sum(reading.layer != "embeddings" for reading in readings.values())
        parallel = self._profile.parallel
        sentences = self._rows[parallel.corpus, cell.language][parallel.split]
        return self._hours(cell, parallel.corpus, passes * sentences)

    def _units(self, corpus: str, name: str) -> float:
        """Units of an input in a sentence of a corpus."""
        characters = CHARACTERS.get(self._profile.resource(corpus), max(CHARACTERS.values()))
        return characters * UNITS[INPUTS[name].units]

    def _hours(self, cell: Cell, corpus: str, sentences: float) -> float:
        """Hours of so many forward passes of a sentence."""
        units = self._units(corpus, cell.input)
        measured = self._speeds.get((cell.task, cell.input))
        if measured is not None:
            return sentences * units / (1 + BACKWARD) / measured.units_per_s / 3600
        shape, _ = shape_of(self._profile.models[cell.input])
        return sentences * units / FILL * shape.operations(units) / (self._machine.per_second * 3600)

    def assumptions(self) -> list[str]:
        """What the hours rest on, for people."""
        choices = self._profile.models
        used = sorted({name for inputs in self._profile.needed().values() for name in inputs})
        said = [
            "an estimate, no GPU was measured: units × operations a unit ÷"
            f" ({self._machine.tflops:g} TFLOP/s × MFU {self._machine.mfu:g}), fill {FILL:g}, no early stop"
        ]
        for name in used:
            shape, known = shape_of(choices[name])
            guessed = "" if known else "; its shape is not known here, BERT's base size is assumed"
            tasks = [task for task, inputs in self._profile.needed().items() if name in inputs]
            each = ", ".join(f"{task} {self._units(task, name):.0f}" for task in tasks)
            operations = max(shape.operations(self._units(task, name)) for task in tasks) / 1e6
            said.append(f"{name}: {operations:.3g} MFLOP a unit forward; units a sentence: {each}{guessed}")
        said += [
            f"{task}/{name}: {speed.units_per_s:,.0f} units/s of training, used instead: the median of"
            f" {speed.results} earlier results in the store, on {speed.device}"
            for (task, name), speed in sorted(self._speeds.items())
        ]
        return said


def measured_speeds(
    profile: Profile, results: Iterable[Manifest], weights: Mapping[str, str]
) -> dict[tuple[str, str], Speed]:
    """The speed of training by (task, input): medians over earlier results with the profile's own encoders.

    `weights`: by input, the sha256 of the snapshot's weights.
    """
    speeds: dict[tuple[str, str], list[tuple[float, str]]] = {}
    for manifest in results:
        task, name = manifest.request["task"]["name"], manifest.request["input"]
        choice = profile.models.get(name)
        if choice is not None and _same_encoder(choice, manifest.request["encoder"], weights.get(name)):
            device = manifest.hardware.get("device", "an unknown device")
            speeds.setdefault((task, name), []).append((manifest.result["tokens_per_s"], device))
    return {
        pair: Speed(
            statistics.median(speed for speed, _ in measured),
            len(measured),
            " and ".join(sorted({device for _, device in measured})),
        )
        for pair, measured in speeds.items()
    }


def _same_encoder(choice: Scratch | Snapshot, encoder: Mapping[str, Any], weights: str | None) -> bool:
    if isinstance(choice, Snapshot):
        files = encoder.get("snapshot", {}).get("files", {})
        return weights is not None and files.get(WEIGHTS, {}).get("sha256") == weights
    scratch = encoder.get("scratch", {})
    shape = scratch.get("architecture", "").lower().endswith(choice.architecture)
    fields = ("layers", "hidden_size", "feed_forward_size")
    return shape and all(scratch[field] == getattr(choice, field) for field in fields)
