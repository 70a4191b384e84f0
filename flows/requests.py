"""What the services are asked, made of the profile and of what came before. Calls nothing.

`flows/graph.py` puts these requests into nodes; the run sends them, and the plan asks which of them have been
answered already.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flows.cells import Cell
from flows.profile import Profile, Scratch, Snapshot
from isogloss.artifact.v1 import artifact_pb2
from isogloss.embedder.v1 import embedder_pb2
from isogloss.g2p.v1 import g2p_pb2
from isogloss.languages import LANGUAGES
from isogloss.tasks import Kind
from isogloss.trainer.v1 import trainer_pb2
from isogloss.wire import task_to_proto
from report.record import layer_name

Splits = Mapping[str, artifact_pb2.Artifact]
"""A corpus as a model reads it: the artifact of each split."""

PHONEMES = "phonemes"
"""The rendering that G2P's quality is measured of."""

_CORPUS_KINDS = {"tokens": "TOKENS", "pair": "PAIRS", "text": "TEXT"}


def rendering_request(
    profile: Profile,
    kind: Kind,
    code: str,
    rendering: str,
    corpus: artifact_pb2.Artifact,
    vocabulary: artifact_pb2.Artifact | None = None,
) -> g2p_pb2.ConvertCorpusRequest:
    """One rendering of one split of a corpus; with a vocabulary, the phonemes that it lacks are counted."""
    normalization = g2p_pb2.Normalization.Value(f"NORMALIZATION_{profile.normalization.upper()}")
    return g2p_pb2.ConvertCorpusRequest(
        corpus=corpus,
        # A record of the experiment's own names a converter by G2P's code.
        language=code if code in LANGUAGES else profile.language(code).epitran or code,
        kind=g2p_pb2.CorpusKind.Value(f"CORPUS_KIND_{_CORPUS_KINDS[kind]}"),
        options=g2p_pb2.ConvertOptions(normalization=normalization),
        vocabulary=vocabulary,
        renderings=[] if rendering in ("", PHONEMES) else [rendering],  # phonemes are what G2P makes unasked
    )


def train_request(
    profile: Profile,
    training: Cell,
    own: Splits,
    evaluated: Mapping[str, Splits],
    shared: Sequence[Splits],
    model: artifact_pb2.Bundle | None,
) -> trainer_pb2.TrainRequest:
    """Train on the training's language, `own`.

    It predicts its dev and test or, in zero-shot transfer, the reported split of every language in
    `evaluated`. A model from scratch reads its vocabulary off the train sets of the `shared` corpora.
    """
    if training.trained_on:
        split = profile.reported_split
        sets = {"dev": own["dev"]} | {code: splits[split] for code, splits in evaluated.items()}
    else:
        sets = {name: own[name] for name in ("dev", "test") if name in own}
    return trainer_pb2.TrainRequest(
        task=task_to_proto(profile.task(training.task)),
        input=training.input,
        language=training.language,
        encoder=_encoder(profile, training, shared, model),
        hyperparameters=hyperparameters(profile, training),
        seed=training.seed,
        train=own["train"],
        dev=own["dev"],
        evaluations=[trainer_pb2.Evaluation(name=name, corpus=artifact) for name, artifact in sets.items()],
    )


def hyperparameters(profile: Profile, training: Cell) -> trainer_pb2.Hyperparameters:
    """The profile's values for the training's language, or those of its point in a sweep."""
    chosen = profile.hyperparameters[training.task][training.input]
    fraction = 0.0 if training.train_fraction == 1 else training.train_fraction
    values = chosen.to_proto(training.language, fraction)
    if training.values is not None:
        values.learning_rate = training.values.learning_rate
        values.weight_decay = training.values.weight_decay
        values.schedule = trainer_pb2.Schedule.Value(f"SCHEDULE_{training.values.schedule.upper()}")
    if training.epochs is not None:
        values.epochs = training.epochs
    return values


def reads_vocabulary(profile: Profile, name: str) -> bool:
    """Whether an input's model makes its vocabulary of the corpora; CANINE hashes what it reads."""
    choice = profile.models[name]
    return not isinstance(choice, Snapshot) and choice.architecture != "canine"


def _encoder(
    profile: Profile, training: Cell, shared: Sequence[Splits], model: artifact_pb2.Bundle | None
) -> trainer_pb2.Encoder:
    """A snapshot, fetched or pre-trained, or one from scratch over the train sets of all languages."""
    choice = profile.models[training.input]
    if isinstance(choice, Snapshot) or training.pretraining is not None:
        return trainer_pb2.Encoder(snapshot=model)
    corpora = [splits["train"] for splits in shared if "train" in splits]
    return trainer_pb2.Encoder(scratch=scratch_encoder(choice, corpora))


def scratch_encoder(choice: Scratch, corpora: Sequence[artifact_pb2.Artifact]) -> trainer_pb2.ScratchEncoder:
    """An encoder from random weights, and the corpora that its vocabulary is read off."""
    return trainer_pb2.ScratchEncoder(
        architecture=trainer_pb2.Architecture.Value(f"ARCHITECTURE_{choice.architecture.upper()}"),
        layers=choice.layers,
        hidden_size=choice.hidden_size,
        attention_heads=choice.attention_heads,
        feed_forward_size=choice.feed_forward_size,
        vocabulary_size=choice.vocabulary_size,
        dropout=choice.dropout,
        vocabulary_corpora=corpora,
    )


# --- Sentence vectors


@dataclass(frozen=True)
class Reading:
    """One way of turning sentences into vectors; see `EmbedRequest`."""

    layer: str
    content: str = "all"
    untrained: bool = False
    hidden: int = 0  # with the layer "hidden"


RAW = "raw"
"""The paper's reading (sections 3.4 and 4.3), and the one that t-SNE and correlations use."""

_OF_WORDS = {
    RAW: Reading("embeddings"),
    "tokens": Reading("embeddings", "tokens"),
    "letters": Reading("embeddings", "letters"),
    "untrained": Reading("embeddings", untrained=True),
    "last": Reading("last"),
}
_OF_TEXTS = {
    RAW: Reading("last"),
    "untrained": Reading("last", untrained=True),
    "embeddings": Reading("embeddings"),
}


def readings_of(profile: Profile, task: str, name: str, only_raw: bool) -> dict[str, Reading]:
    """How the vectors of the model of a task and input are read, by name.

    The paper's reading first, alone where `only_raw`; then those that tell what its similarity is made of:
    length, punctuation, the texts themselves, the layer. The last layer cannot be read without positions.
    """
    readings = dict(_OF_WORDS if profile.task(task).kind == "tokens" else _OF_TEXTS)
    readings |= {layer_name(layer): Reading("hidden", hidden=layer) for layer in profile.layers(name)}
    return {name: reading for name, reading in readings.items() if name == RAW or not only_raw}


def embed_requests(
    cell: Cell, readings: Mapping[str, Reading], model: artifact_pb2.Bundle, corpus: artifact_pb2.Artifact
) -> dict[str, embedder_pb2.EmbedRequest]:
    """What the embedder is asked for a cell, by reading."""
    return {
        name: embedder_pb2.EmbedRequest(
            model=model,
            language=cell.language,
            corpus=corpus,
            layer=embedder_pb2.Layer.Value(f"LAYER_{reading.layer.upper()}"),
            content=embedder_pb2.Content.Value(f"CONTENT_{reading.content.upper()}"),
            untrained_seed=cell.seed if reading.untrained else None,
            hidden_layer=reading.hidden,
        )
        for name, reading in readings.items()
    }


# --- What a training gave


@dataclass(frozen=True)
class Trained:
    """A trained cell; `history` are its losses and dev scores by step, where they have been read."""

    cell: Cell
    result: trainer_pb2.TrainResult
    history: tuple[Mapping[str, Any], ...] = ()

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
class Phonemes:
    """What G2P said of a corpus, by split."""

    language: str
    results: Mapping[str, g2p_pb2.ConvertCorpusResult]


def splits_of(made: Any) -> Splits:
    """A corpus as it was read, or with a rendering beside its text, from what G2P answered for each split."""
    if isinstance(made, Mapping):
        return {split: result.corpus for split, result in made.items()}
    return {split: artifact.to_proto() for split, artifact in made.splits.items()}


def unique(items: Iterable[str]) -> tuple[str, ...]:
    """Each once, in order."""
    return tuple(dict.fromkeys(items))
