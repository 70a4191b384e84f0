"""The steps of a run: each function is one call of one service (or one per split), without Prefect.

`flows/replicate.py` makes Prefect tasks of them. They take and give references; numbers come with their
manifest.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flows import profile
from flows.cells import Cell
from flows.intake import Corpus
from flows.run import Run
from isogloss import client
from isogloss.artifact.v1 import artifact_pb2
from isogloss.artifacts import Artifact
from isogloss.embedder.v1 import embedder_pb2
from isogloss.g2p.v1 import g2p_pb2
from isogloss.trainer.v1 import trainer_pb2

_KINDS = {"pos": "TOKENS", "ner": "TOKENS", "xnli": "PAIRS", "flores": "TEXT"}


@dataclass(frozen=True)
class Phonemes:
    """A corpus with phonemes beside its text, and what G2P said of each split."""

    corpus: Corpus
    results: Mapping[str, g2p_pb2.ConvertCorpusResult]


@dataclass(frozen=True)
class Trained:
    """A trained cell."""

    cell: Cell
    result: trainer_pb2.TrainResult
    history: tuple[Mapping[str, Any], ...]

    def evaluation(self, name: str) -> trainer_pb2.EvaluationResult:
        """The scores and predictions of one set."""
        return next(item for item in self.result.evaluations if item.name == name)


@dataclass(frozen=True)
class Vectors:
    """Sentence vectors of a cell's language, by its model."""

    cell: Cell
    result: embedder_pb2.EmbedResult


def to_phonemes(run: Run, corpus: Corpus) -> Phonemes:
    """Convert every split of a corpus: one ConvertCorpus each."""
    results: dict[str, g2p_pb2.ConvertCorpusResult] = {}
    normalization = g2p_pb2.Normalization.Value(f"NORMALIZATION_{run.profile.normalization.upper()}")
    for split, artifact in corpus.splits.items():
        request = g2p_pb2.ConvertCorpusRequest(
            corpus=artifact.to_proto(),
            language=corpus.language,
            kind=g2p_pb2.CorpusKind.Value(f"CORPUS_KIND_{_KINDS[corpus.task]}"),
            options=g2p_pb2.ConvertOptions(normalization=normalization),
        )
        results[split] = client.work(
            run.g2p.ConvertCorpus, request, _show(run, f"phonemes {corpus.task}/{corpus.language}")
        )
    converted = {split: Artifact.from_proto(item.corpus, "corpus") for split, item in results.items()}
    return Phonemes(corpus.with_splits(converted), results)


def encoder_for(
    run: Run, name: str, vocabulary: list[Corpus], models: Mapping[str, artifact_pb2.Bundle]
) -> trainer_pb2.Encoder:
    """The encoder of an input: a snapshot that was fetched, or one from scratch over the given corpora's
    train sets.
    """
    choice = run.profile.models[name]  # type: ignore[index]  # the keys are the inputs
    if isinstance(choice, profile.Snapshot):
        return trainer_pb2.Encoder(snapshot=models[name])
    corpora = [] if choice.architecture == "canine" else vocabulary
    return trainer_pb2.Encoder(
        scratch=trainer_pb2.ScratchEncoder(
            architecture=trainer_pb2.Architecture.Value(f"ARCHITECTURE_{choice.architecture.upper()}"),
            layers=choice.layers,
            hidden_size=choice.hidden_size,
            attention_heads=choice.attention_heads,
            feed_forward_size=choice.feed_forward_size,
            vocabulary_size=choice.vocabulary_size,
            dropout=choice.dropout,
            vocabulary_corpora=[corpus.splits["train"].to_proto() for corpus in corpora],
        )
    )


def train(run: Run, cell: Cell, corpus: Corpus, encoder: trainer_pb2.Encoder) -> Trained:
    """Train one cell and predict every split that has labels."""
    chosen = run.profile.hyperparameters[cell.task][cell.input]  # type: ignore[index]  # literals
    values = chosen.to_proto(cell.language, 0.0 if cell.train_fraction == 1 else cell.train_fraction)
    if cell.epochs is not None:
        values.epochs = cell.epochs
    evaluations = [
        trainer_pb2.Evaluation(name=split, corpus=corpus.splits[split].to_proto())
        for split in ("dev", "test")
        if split in corpus.splits
    ]
    request = trainer_pb2.TrainRequest(
        task=trainer_pb2.Task.Value(f"TASK_{cell.task.upper()}"),
        input=trainer_pb2.Input.Value(f"INPUT_{cell.input.upper()}"),
        language=cell.language,
        encoder=encoder,
        hyperparameters=values,
        seed=cell.seed,
        train=corpus.splits["train"].to_proto(),
        dev=corpus.splits["dev"].to_proto(),
        evaluations=evaluations,
    )
    show = _show(run, f"train {cell.label}")
    with run.trainers:
        result: trainer_pb2.TrainResult = client.work(run.trainer.Train, request, show)
    lines = run.store.get(Artifact.from_proto(result.history, "history")).decode().splitlines()
    return Trained(cell, result, tuple(json.loads(line) for line in lines))


def embed(run: Run, trained: Trained, corpus: Corpus, layer: str) -> Vectors:
    """Vectors of the parallel sentences in the cell's language, at `layer` ("embeddings" or "last")."""
    request = embedder_pb2.EmbedRequest(
        model=trained.result.model,
        language=trained.cell.language,
        corpus=corpus.splits["devtest"].to_proto(),
        layer=embedder_pb2.Layer.Value(f"LAYER_{layer.upper()}"),
        content=embedder_pb2.CONTENT_ALL,
    )
    with run.embedders:
        result = client.work(run.embedder.Embed, request, _show(run, f"embed {trained.cell.label}"))
    return Vectors(trained.cell, result)


def _show(run: Run, step: str) -> Callable[[artifact_pb2.Progress], None]:
    """Progress of a long call, as the ledger shows it; `step` is the name that the flow gives the step."""

    def show(event: artifact_pb2.Progress) -> None:
        share = f" {event.done / event.total:.0%}" if event.total else ""
        run.ledger.working(step, f"{event.phase}{share}")

    return show
