"""Requests to a trainer, small enough for tests."""

from pathlib import Path

from isogloss.artifact.v1.artifact_pb2 import Artifact as ArtifactMessage
from isogloss.store import Store
from isogloss.tasks import Task
from isogloss.trainer.v1 import trainer_pb2 as pb
from isogloss.wire import task_to_proto
from tests.contract.encoders import toy_language
from tests.contract.encoders.served import put

_WRITERS = {
    "pos": toy_language.write_pos,
    "ner": toy_language.write_ner,
    "xnli": toy_language.write_pairs,
    "topics": toy_language.write_topics,
    "dates": toy_language.write_own_tags,
}
_ARCHITECTURES = {
    "subword": pb.ARCHITECTURE_BERT,
    "character": pb.ARCHITECTURE_ROBERTA,
    "phoneme": pb.ARCHITECTURE_ROBERTA,
}


def corpora(store: Store, directory: Path, task: Task, rows: int = 120) -> dict[str, ArtifactMessage]:
    """train, dev and test of the toy language."""
    write = _WRITERS[task.name]
    return {
        split: put(
            store, write(directory / f"{task.name}-{split}.parquet", rows if split == "train" else 40, seed)
        )
        for seed, split in enumerate(("train", "dev", "test"))
    }


def hyperparameters(epochs: int = 3, learning_rate: float = 3e-3) -> pb.Hyperparameters:
    """Good enough for the toy language."""
    return pb.Hyperparameters(
        learning_rate=learning_rate,
        weight_decay=0.01,
        epochs=epochs,
        batch_size=8,
        schedule=pb.SCHEDULE_COSINE,
        warmup_ratio=0.1,
        max_grad_norm=1,
        max_length=128,
    )


def train_request(
    splits: dict[str, ArtifactMessage],
    task: Task,
    input_name: str,
    architecture: int | None = None,
    epochs: int = 3,
) -> pb.TrainRequest:
    """A tiny encoder from scratch."""
    scratch = pb.ScratchEncoder(
        architecture=architecture or _ARCHITECTURES[input_name],
        layers=2,
        hidden_size=32,
        attention_heads=2,
        feed_forward_size=64,
        vocabulary_size=300,
        vocabulary_corpora=[splits["train"]],
    )
    return pb.TrainRequest(
        task=task_to_proto(task),
        input=input_name,
        language="eng",
        encoder=pb.Encoder(scratch=scratch),
        hyperparameters=hyperparameters(epochs),
        seed=1,
        train=splits["train"],
        dev=splits["dev"],
        evaluations=[pb.Evaluation(name=name, corpus=splits[name]) for name in ("dev", "test")],
    )
