"""A trained model leaves as a directory that plain transformers loads: the same probabilities, and a card."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import torch
from transformers import AutoModelForSequenceClassification, AutoModelForTokenClassification, AutoTokenizer

from isogloss.artifacts import Artifact
from isogloss.errors import InvalidInput, NotFound
from isogloss.export import export
from isogloss.store import Store
from isogloss.tasks import TASKS
from isogloss.trainer.v1 import trainer_pb2 as pb
from isogloss.trainer.v1 import trainer_pb2_grpc
from tests.conftest import S3Server
from tests.contract.encoders.served import Served, work
from tests.contract.trainer.requests import corpora, train_request


@pytest.fixture(scope="module")
def stub(s3: S3Server) -> Iterator[trainer_pb2_grpc.TrainerServiceStub]:
    service = Served("services.trainer", s3).start()
    yield trainer_pb2_grpc.TrainerServiceStub(service.channel)
    service.close()


def rows(store: Store, message: Any) -> dict[str, list[Any]]:
    data = store.get(Artifact.from_proto(message, "corpus"))
    columns: dict[str, list[Any]] = pq.read_table(io.BytesIO(data)).to_pydict()
    return columns


def joined(words: list[str], input_name: str) -> str:
    return (" ▁ " if input_name == "phoneme" else " ").join(words)


@torch.no_grad()
@pytest.mark.parametrize(
    ("task", "input_name"),
    [("pos", "phoneme"), ("pos", "character"), ("xnli", "subword"), ("xnli", "phoneme")],
)
def test_it_is_loaded_by_transformers_with_the_same_probabilities(
    stub: trainer_pb2_grpc.TrainerServiceStub, store: Store, tmp_path: Path, task: str, input_name: str
) -> None:
    splits = corpora(store, tmp_path, TASKS[task])
    result = work(stub.Train, train_request(splits, TASKS[task], input_name, epochs=1))
    folder = export(store, result.record.key, tmp_path / "out")
    kind: Any = AutoModelForTokenClassification if task == "pos" else AutoModelForSequenceClassification
    model, tokenizer = kind.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)
    assert tuple(model.config.id2label.values()) == TASKS[task].labels
    corpus = rows(store, splits["dev"])
    ours = rows(store, result.evaluations[0].predictions)["probabilities"]
    suffix = "_phonemes" if input_name == "phoneme" else ""
    for row in range(5):
        if task == "xnli":
            texts = [corpus[f"{side}{suffix}"][row] for side in ("premise", "hypothesis")]
            logits = model(**tokenizer(*texts, return_tensors="pt")).logits
            assert logits.softmax(-1)[0].tolist() == pytest.approx(ours[row], abs=1e-5)
            continue
        words = [word or "<unk>" for word in corpus["phonemes" if suffix else "tokens"][row]]
        logits = model(**tokenizer(joined(words, input_name), return_tensors="pt")).logits[0]
        first = 1  # after <s>
        for word, probabilities in zip(words, ours[row], strict=True):
            assert logits[first].softmax(-1).tolist() == pytest.approx(probabilities, abs=1e-5)
            first += len(word.split()) + 1 if input_name == "phoneme" else len(word) + 1
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert result.record.key in card
    assert f"| dev | 40 | {result.evaluations[0].score:.2f} |" in card
    assert splits["train"].sha256 in card
    assert ("isogloss.g2p" in card) == (input_name == "phoneme")


@torch.no_grad()
def test_adapters_are_merged_into_what_is_exported(
    stub: trainer_pb2_grpc.TrainerServiceStub, store: Store, tmp_path: Path
) -> None:
    """LoRA on a model of our own: the bundle needs nothing new of Embed, of export or of transformers, and
    the rank is part of the key.
    """
    splits = corpora(store, tmp_path, TASKS["pos"])
    base = work(stub.Train, train_request(splits, TASKS["pos"], "character", epochs=1))
    request = train_request(splits, TASKS["pos"], "character", epochs=1)
    request.encoder.snapshot.CopyFrom(base.model)
    keys = []
    for rank in (0, 2):
        request.hyperparameters.lora_rank = rank
        adapted = work(stub.Train, request)
        keys.append(adapted.record.key)
    assert keys[0] != keys[1]
    folder = export(store, adapted.record.key, tmp_path / "out")
    theirs: Any = AutoModelForTokenClassification
    model, report = theirs.from_pretrained(folder, output_loading_info=True)
    assert not report["unexpected_keys"]
    words = rows(store, splits["dev"])["tokens"][0]
    ours = rows(store, adapted.evaluations[0].predictions)["probabilities"][0]
    tokenizer = AutoTokenizer.from_pretrained(folder)
    logits = model.eval()(**tokenizer(" ".join(words), return_tensors="pt")).logits[0]
    assert logits[1].softmax(-1).tolist() == pytest.approx(ours[0], abs=1e-5)
    assert "- lora_rank: 2" in (folder / "README.md").read_text(encoding="utf-8")
    assert store.manifest("train", keys[1]).code_version != store.manifest("train", keys[0]).code_version  # type: ignore[union-attr]


def test_what_cannot_be_exported_says_why(
    stub: trainer_pb2_grpc.TrainerServiceStub, store: Store, tmp_path: Path
) -> None:
    with pytest.raises(NotFound):
        export(store, "0" * 64, tmp_path / "out")
    splits = corpora(store, tmp_path, TASKS["pos"])
    request = train_request(splits, TASKS["pos"], "phoneme", pb.ARCHITECTURE_CANINE, epochs=1)
    key = work(stub.Train, request).record.key
    with pytest.raises(InvalidInput, match="no tokenizer for CANINE on phonemes"):
        export(store, key, tmp_path / "out")
    assert not (tmp_path / "out").exists()
