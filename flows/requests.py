"""What the services are asked: requests made of the profile and of what has been read. Calls nothing.

`flows/steps.py` sends them; `flows/plan.py` asks which of them have been answered already.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flows.cells import Cell
from flows.intake import Corpus
from flows.profile import Profile, Snapshot
from isogloss.artifact.v1 import artifact_pb2
from isogloss.g2p.v1 import g2p_pb2
from isogloss.tasks import TASKS
from isogloss.trainer.v1 import trainer_pb2
from isogloss.wire import task_to_proto

_KINDS = {"pos": "TOKENS", "ner": "TOKENS", "xnli": "PAIRS", "flores": "TEXT"}


@dataclass(frozen=True)
class Material:
    """What cells are made of: corpora by (task, language), as text and as phonemes; models by input."""

    cells: Sequence[Cell]
    texts: Mapping[tuple[str, str], Corpus]
    phonemes: Mapping[tuple[str, str], Corpus]
    models: Mapping[str, artifact_pb2.Bundle]

    def corpus(self, task: str, language: str, name: str) -> Corpus:
        """The corpus as the input `name` reads it."""
        return (self.phonemes if name == "phoneme" else self.texts)[task, language]

    def shared(self, task: str, name: str) -> list[Corpus]:
        """The corpora of all languages that this task and input are compared over."""
        languages = dict.fromkeys(
            cell.language for cell in self.cells if (cell.task, cell.input) == (task, name)
        )
        return [self.corpus(task, language, name) for language in languages]


def phonemes_request(
    profile: Profile, corpus: Corpus, split: str, vocabulary: artifact_pb2.Artifact | None = None
) -> g2p_pb2.ConvertCorpusRequest:
    """One split of a corpus to phonemes; with a vocabulary, those that it lacks are counted."""
    normalization = g2p_pb2.Normalization.Value(f"NORMALIZATION_{profile.normalization.upper()}")
    return g2p_pb2.ConvertCorpusRequest(
        corpus=corpus.splits[split].to_proto(),
        language=corpus.language,
        kind=g2p_pb2.CorpusKind.Value(f"CORPUS_KIND_{_KINDS[corpus.task]}"),
        options=g2p_pb2.ConvertOptions(normalization=normalization),
        vocabulary=vocabulary,
    )


def train_request(profile: Profile, training: Cell, material: Material) -> trainer_pb2.TrainRequest:
    """Train on the training's language; predict its dev and test, or in zero-shot transfer every language."""
    corpus = material.corpus(training.task, training.language, training.input)
    if training.trained_on:
        split = profile.reported_split
        others = material.shared(training.task, training.input)
        sets = {"dev": corpus.splits["dev"]} | {other.language: other.splits[split] for other in others}
    else:
        sets = {name: corpus.splits[name] for name in ("dev", "test") if name in corpus.splits}
    return trainer_pb2.TrainRequest(
        task=task_to_proto(TASKS[training.task]),
        input=training.input,
        language=training.language,
        encoder=_encoder(profile, training, material),
        hyperparameters=hyperparameters(profile, training),
        seed=training.seed,
        train=corpus.splits["train"].to_proto(),
        dev=corpus.splits["dev"].to_proto(),
        evaluations=[
            trainer_pb2.Evaluation(name=name, corpus=artifact.to_proto()) for name, artifact in sets.items()
        ],
    )


def hyperparameters(profile: Profile, training: Cell) -> trainer_pb2.Hyperparameters:
    """The profile's values for the training's language, or those of its point in a sweep."""
    chosen = profile.hyperparameters[training.task][training.input]  # type: ignore[index]  # literals
    fraction = 0.0 if training.train_fraction == 1 else training.train_fraction
    values = chosen.to_proto(training.language, fraction)
    if training.values is not None:
        values.learning_rate = training.values.learning_rate
        values.weight_decay = training.values.weight_decay
        values.schedule = trainer_pb2.Schedule.Value(f"SCHEDULE_{training.values.schedule.upper()}")
    if training.epochs is not None:
        values.epochs = training.epochs
    return values


def _encoder(profile: Profile, training: Cell, material: Material) -> trainer_pb2.Encoder:
    """A snapshot that was fetched, or one from scratch over the train sets of all languages."""
    choice = profile.models[training.input]  # type: ignore[index]  # the keys are the inputs
    if isinstance(choice, Snapshot):
        return trainer_pb2.Encoder(snapshot=material.models[training.input])
    corpora = [] if choice.architecture == "canine" else material.shared(training.task, training.input)
    return trainer_pb2.Encoder(
        scratch=trainer_pb2.ScratchEncoder(
            architecture=trainer_pb2.Architecture.Value(f"ARCHITECTURE_{choice.architecture.upper()}"),
            layers=choice.layers,
            hidden_size=choice.hidden_size,
            attention_heads=choice.attention_heads,
            feed_forward_size=choice.feed_forward_size,
            vocabulary_size=choice.vocabulary_size,
            dropout=choice.dropout,
            vocabulary_corpora=[
                corpus.splits["train"].to_proto() for corpus in corpora if "train" in corpus.splits
            ],
        )
    )
