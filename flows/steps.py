"""The steps of a run: each function is one call of one service (or one per split), without Prefect.

`flows/replicate.py` makes Prefect tasks of them. They take and give references; numbers come with their
manifest.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flows import progress, requests
from flows.cells import Cell
from flows.intake import Corpus
from flows.requests import Material
from flows.run import Run
from isogloss import client
from isogloss.artifact.v1 import artifact_pb2
from isogloss.artifacts import Artifact
from isogloss.embedder.v1 import embedder_pb2
from isogloss.g2p.v1 import g2p_pb2
from isogloss.trainer.v1 import trainer_pb2


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

    def evaluation(self, split: str) -> trainer_pb2.EvaluationResult:
        """The scores and predictions of the cell's language; zero-shot runs have one set per language."""
        return self._set(self.cell.language if self.cell.trained_on else split)

    @property
    def dev_score(self) -> float:
        """The score on the dev set of the language that was trained on, by which a sweep chooses."""
        return self._set("dev").score

    def _set(self, name: str) -> trainer_pb2.EvaluationResult:
        return next(item for item in self.result.evaluations if item.name == name)


@dataclass(frozen=True)
class Reading:
    """One way of turning sentences into vectors; see `EmbedRequest`."""

    layer: str
    content: str = "all"
    untrained: bool = False


RAW = "raw"
"""The paper's reading (sections 3.4 and 4.3), and the one that t-SNE and Table 3 use."""

READINGS: Mapping[str, Mapping[str, Reading]] = {
    "token tasks": {
        RAW: Reading("embeddings"),
        "tokens": Reading("embeddings", "tokens"),
        "letters": Reading("embeddings", "letters"),
        "untrained": Reading("embeddings", untrained=True),
        "last": Reading("last"),
    },
    "xnli": {
        RAW: Reading("last"),
        "untrained": Reading("last", untrained=True),
        "embeddings": Reading("embeddings"),
    },
}
"""The paper's reading first, then those that tell what its similarity is made of: length, punctuation, the
texts themselves, the layer. The last layer cannot be read without positions."""


@dataclass(frozen=True)
class Vectors:
    """Sentence vectors of a cell's language, by its model, for each reading."""

    cell: Cell
    results: Mapping[str, embedder_pb2.EmbedResult]


def to_phonemes(run: Run, corpus: Corpus) -> Phonemes:
    """Convert every split of a corpus: one ConvertCorpus each."""
    show = _show(run, f"phonemes {corpus.task}/{corpus.language}")
    results = {
        split: client.work(run.g2p.ConvertCorpus, requests.phonemes_request(run.profile, corpus, split), show)
        for split in corpus.splits
    }
    return Phonemes(converted(corpus, results), results)


def converted(corpus: Corpus, results: Mapping[str, g2p_pb2.ConvertCorpusResult]) -> Corpus:
    """The corpus with phonemes beside its text, from what G2P answered for each split."""
    splits = {split: Artifact.from_proto(item.corpus, "corpus") for split, item in results.items()}
    return corpus.with_splits(splits)


def count_unknown(run: Run, trained: Trained, text: Corpus) -> g2p_pb2.Quality:
    """What the vocabulary of a trained phoneme model lacks of the phonemes that it is scored on.

    Counts nothing where the model has no vocabulary. Known only now: a model from scratch makes its own.
    """
    files = trained.result.model.files
    if "tokenizer.json" not in files:
        return g2p_pb2.Quality()
    split = run.profile.reported_split
    request = requests.phonemes_request(run.profile, text, split, files["tokenizer.json"])
    result: g2p_pb2.ConvertCorpusResult = client.work(run.g2p.ConvertCorpus, request)
    return result.quality


def train(run: Run, training: Cell, material: Material) -> Trained:
    """Train one cell and predict every set that has labels."""
    request = requests.train_request(run.profile, training, material)
    show = _show(run, f"train {training.label}")
    with run.trainers:
        result: trainer_pb2.TrainResult = client.work(run.trainer.Train, request, show)
    lines = run.store.get(Artifact.from_proto(result.history, "history")).decode().splitlines()
    return Trained(training, result, tuple(json.loads(line) for line in lines))


def embed(run: Run, trained: Trained, corpus: Corpus, only_raw: bool) -> Vectors:
    """Vectors of the parallel sentences in the cell's language, by the paper's reading alone or by all."""
    cell, results = trained.cell, {}
    for name, request in embed_requests(cell, trained.result.model, corpus, only_raw).items():
        with run.embedders:
            results[name] = client.work(run.embedder.Embed, request, _show(run, f"embed {cell.label}"))
    return Vectors(cell, results)


def readings_of(cell: Cell, only_raw: bool) -> dict[str, Reading]:
    """How a cell's vectors are read, by name: by the paper's reading alone, or by all."""
    readings = READINGS["xnli" if cell.task == "xnli" else "token tasks"]
    return {name: reading for name, reading in readings.items() if name == RAW or not only_raw}


def embed_requests(
    cell: Cell, model: artifact_pb2.Bundle, corpus: Corpus, only_raw: bool
) -> dict[str, embedder_pb2.EmbedRequest]:
    """What the embedder is asked for a cell, by reading."""
    return {
        name: embedder_pb2.EmbedRequest(
            model=model,
            language=cell.language,
            corpus=corpus.splits["devtest"].to_proto(),
            layer=embedder_pb2.Layer.Value(f"LAYER_{reading.layer.upper()}"),
            content=embedder_pb2.Content.Value(f"CONTENT_{reading.content.upper()}"),
            untrained_seed=cell.seed if reading.untrained else None,
        )
        for name, reading in readings_of(cell, only_raw).items()
    }


def _show(run: Run, step: str) -> Callable[[artifact_pb2.Progress], None]:
    """Progress of a long call, in the ledger and the task's log; `step` is the flow's name for the step."""
    return progress.logged(lambda text: run.ledger.working(step, text))
