"""One pre-training from files to files: read, check, train, export. Knows neither S3 nor protobuf."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from services.trainer.pretrain import corpus as corpora
from services.trainer.pretrain import export, leftovers, loop
from services.trainer.pretrain import plan as plans
from services.trainer.pretrain.batches import Drawing
from services.trainer.pretrain.corpus import Corpus
from services.trainer.pretrain.loop import Hooks, Hyperparameters, State
from services.trainer.pretrain.model import MaskedModel, Shape
from services.trainer.pretrain.plan import Plan
from services.trainer.pretrain.vocabulary import Vocabulary, build


@dataclass(frozen=True)
class Request:
    """What to pre-train. `corpora` are Parquet files by language, in the plan's order."""

    input: str
    corpora: Mapping[str, Path]
    plan: Path
    shape: Shape
    hyperparameters: Hyperparameters
    seed: int
    about: Mapping[str, Any] = field(default_factory=dict)  # for the card: renderer, leaks


@dataclass(frozen=True)
class Outcome:
    """What a snapshot's `pretraining.json` says, and the run's own measures."""

    record: dict[str, Any]
    state: State


def run(
    request: Request,
    directory: Path,
    device: torch.device,
    hooks: Hooks,
    checkpoint: Mapping[str, bytes] | None = None,
) -> Outcome:
    """Pre-train and write the snapshot to `directory`.

    Raises `InvalidInput` naming the request's field, `Failed`, or whatever a hook raises to stop.
    """
    plan = plans.load(request.plan)
    corpus = corpora.read(request.corpora, [request.input])
    plans.check(plan, corpus)
    leftovers.check(corpus)
    model, vocabulary, drawing = prepare(request, plan, corpus, device)
    state = loop.train(model, drawing, plan, request.hyperparameters, request.seed, device, hooks, checkpoint)
    record = describe(request, plan, corpus, vocabulary, state, plans.file_hash(request.plan))
    export.save(directory, model, request.shape, vocabulary, record)
    return Outcome(record, state)


def prepare(
    request: Request, plan: Plan, corpus: Corpus, device: torch.device
) -> tuple[MaskedModel, Vocabulary, Drawing]:
    """The model from random weights, its vocabulary, and its side of the plan."""
    request.shape.check(plan.settings.length)
    reading = corpus.readings[request.input]
    vocabulary = build(reading, plan, request.hyperparameters.least_occurrences)
    attention = "eager" if device.type == "cpu" else "sdpa"  # by hand it takes half the time on a CPU
    model = MaskedModel(request.shape, len(vocabulary.names), request.seed, attention).to(device)
    if request.hyperparameters.compiled:
        model.encoder.compile(dynamic=True)
    return model, vocabulary, Drawing(plan, reading, vocabulary)


def describe(
    request: Request, plan: Plan, corpus: Corpus, vocabulary: Vocabulary, state: State, plan_sha256: str
) -> dict[str, Any]:
    """What a reader of the model must know."""
    counts = corpus.bounds[1:] - corpus.bounds[:-1]
    return {
        "input": request.input,
        "seed": request.seed,
        "languages": list(corpus.languages),
        "words": {name: int(count) for name, count in zip(corpus.languages, counts, strict=True)},
        "words_sha256": dict(corpus.words_sha256),
        "plan_sha256": plan_sha256,
        "plan": asdict(plan.settings),
        "shape": asdict(request.shape),
        "hyperparameters": asdict(request.hyperparameters),
        "vocabulary": len(vocabulary.names),
        "unknown_share": vocabulary.unknown_share,
        "steps": state.step,
        "units": state.units,
        "fill": state.units / max(1, state.positions),
        "history": [
            {name: value for name, value in entry.items() if name != "units_per_s"} for entry in state.history
        ],
        **request.about,
    }
