"""ImportModel: pickled weights become a snapshot that can be trained, and nothing else gets through."""

import json
import pickle
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import load
from transformers import RobertaConfig, RobertaModel

from isogloss.artifact.v1.artifact_pb2 import Bundle
from isogloss.artifacts import Artifact
from isogloss.errors import InvalidInput
from isogloss.inputs import INPUTS
from isogloss.store import Store
from isogloss.tasks import TASKS
from isogloss.trainer.v1 import trainer_pb2 as pb
from isogloss.trainer.v1 import trainer_pb2_grpc
from services.encoders.vocabulary import build_word_level
from services.trainer.snapshot import bare_environment
from tests.conftest import S3Server
from tests.contract.encoders import hub_snapshots
from tests.contract.encoders.served import Served, work
from tests.contract.trainer.requests import corpora, train_request


@pytest.fixture(scope="module")
def stub(s3: S3Server) -> Iterator[trainer_pb2_grpc.TrainerServiceStub]:
    service = Served("services.trainer", s3).start()
    yield trainer_pb2_grpc.TrainerServiceStub(service.channel)
    service.close()


def xphonebert(directory: Path) -> RobertaModel:
    """A tiny snapshot with XPhoneBERT's files: config.json, pytorch_model.bin, tokenizer.json."""
    sounds = [*"bdgklmnprstaeou", "aː", "ʊ", "iː"]
    tokenizer = build_word_level(sounds, INPUTS["phoneme"], 100)
    tokenizer.save(str(directory / "tokenizer.json"))
    config = RobertaConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=514,
        type_vocab_size=1,
    )
    model = RobertaModel(config)
    config.to_json_file(str(directory / "config.json"))
    torch.save(model.state_dict(), directory / "pytorch_model.bin")
    return model


def upload(store: Store, directory: Path) -> Bundle:
    key = uuid.uuid4().hex
    files = {
        path.name: store.put_file("test", key, "a", path.name, path, "application/octet-stream").to_proto()
        for path in directory.iterdir()
    }
    return Bundle(files=files)


def test_pickled_weights_are_converted_and_the_snapshot_trains(
    stub: trainer_pb2_grpc.TrainerServiceStub, store: Store, tmp_path: Path
) -> None:
    folder = tmp_path / "snapshot"
    folder.mkdir()
    original = xphonebert(folder).state_dict()
    bundle = upload(store, folder)
    result = work(stub.ImportModel, pb.ImportModelRequest(snapshot=bundle))
    assert set(result.snapshot.files) == {"config.json", "tokenizer.json", "model.safetensors"}
    weights = load(store.get(Artifact.from_proto(result.snapshot.files["model.safetensors"], "weights")))
    assert all(torch.equal(weights[name], tensor) for name, tensor in original.items())
    assert work(stub.ImportModel, pb.ImportModelRequest(snapshot=bundle)).record.reused

    request = train_request(corpora(store, tmp_path, TASKS["pos"]), TASKS["pos"], "phoneme", epochs=1)
    request.encoder.snapshot.CopyFrom(result.snapshot)
    assert work(stub.Train, request).best_epoch == 1

    request.encoder.snapshot.CopyFrom(bundle)
    with pytest.raises(InvalidInput, match="ImportModel"):
        work(stub.Train, request)


def test_a_canine_refuses_what_is_longer_than_its_hash_table(
    stub: trainer_pb2_grpc.TrainerServiceStub, store: Store, tmp_path: Path
) -> None:
    """transformers gives CANINE as many positions as hash buckets, whatever its configuration says."""
    folder = tmp_path / "snapshot"
    folder.mkdir()
    hub_snapshots.write_canine(folder, **hub_snapshots.TINY, num_hash_buckets=256)
    imported = work(stub.ImportModel, pb.ImportModelRequest(snapshot=upload(store, folder)))
    request = train_request(corpora(store, tmp_path, TASKS["pos"]), TASKS["pos"], "character", epochs=1)
    request.encoder.snapshot.CopyFrom(imported.snapshot)
    request.hyperparameters.max_length = 256
    with pytest.raises(InvalidInput, match="256 does not fit this encoder") as caught:
        work(stub.Train, request)
    assert caught.value.field == "hyperparameters.max_length"
    assert caught.value.fix == "Use 8 to 247."
    request.hyperparameters.max_length = 247
    assert work(stub.Train, request).best_epoch == 1


class Malicious:
    """Runs a command when it is unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return __import__("os").system, (f"touch {self.target}",)


def test_a_pickle_that_runs_code_is_refused_and_does_not_run(
    stub: trainer_pb2_grpc.TrainerServiceStub, store: Store, tmp_path: Path
) -> None:
    folder, mark = tmp_path / "snapshot", tmp_path / "was-run"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"model_type": "roberta"}))
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps({"weight": Malicious(mark)}))
    with pytest.raises(InvalidInput, match="not a plain dictionary of tensors"):
        work(stub.ImportModel, pb.ImportModelRequest(snapshot=upload(store, folder)))
    assert not mark.exists()


@pytest.mark.parametrize("files", [[], ["config.json"], ["config.json", "model.safetensors"]])
def test_what_needs_no_import_is_refused(
    stub: trainer_pb2_grpc.TrainerServiceStub, store: Store, tmp_path: Path, files: list[str]
) -> None:
    for name in files:
        (tmp_path / name).write_text("{}")
    with pytest.raises(InvalidInput) as caught:
        work(stub.ImportModel, pb.ImportModelRequest(snapshot=upload(store, tmp_path)))
    assert caught.value.field == "snapshot"


def test_the_converting_process_gets_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ISOGLOSS_S3_SECRET_KEY", "hidden")
    monkeypatch.setenv("HF_TOKEN", "hidden")
    assert "hidden" not in bare_environment().values()
