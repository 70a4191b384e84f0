"""Train through a real server, its worker process and a real S3: what a flow can rely on."""

import io
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from safetensors import safe_open
from seqeval.metrics import f1_score

from isogloss.artifact.v1.artifact_pb2 import Artifact as ArtifactMessage
from isogloss.artifacts import Artifact
from isogloss.errors import InvalidInput
from isogloss.store import Store
from isogloss.tasks import TASKS, Task
from isogloss.trainer.v1 import trainer_pb2 as pb
from isogloss.trainer.v1 import trainer_pb2_grpc
from services.encoders.evaluation import evaluate
from tests.conftest import S3Server
from tests.contract.encoders.served import Served, work
from tests.contract.trainer.requests import corpora, train_request

CASES = [
    (TASKS["pos"], "character", None),
    (TASKS["pos"], "subword", None),
    (TASKS["ner"], "phoneme", None),
    (TASKS["xnli"], "character", pb.ARCHITECTURE_CANINE),
    (TASKS["xnli"], "phoneme", None),
]


# Tasks that no other file knows: a record is all that it takes.
TOPICS = Task("topics", "Topics", "text", ("things", "deeds", "looks"), "macro_f1")
DATES = Task(
    "dates",
    "Dates and works",
    "tokens",
    ("O", *(f"{prefix}-{kind}" for kind in ("DATE", "WORK") for prefix in "BIES")),
    "span_f1",
    "iobes",
)


@pytest.fixture(scope="module")
def trainer(s3: S3Server) -> Iterator[Served]:
    service = Served("services.trainer", s3).start()
    yield service
    service.close()


@pytest.fixture
def stub(trainer: Served) -> trainer_pb2_grpc.TrainerServiceStub:
    return trainer_pb2_grpc.TrainerServiceStub(trainer.channel)


def read_table(store: Store, message: ArtifactMessage) -> pa.Table:
    return pq.read_table(io.BytesIO(store.get(Artifact.from_proto(message, "predictions"))))


@pytest.mark.parametrize(("task", "input_name", "architecture"), CASES)
def test_each_task_and_input_trains_and_evaluates(
    stub: trainer_pb2_grpc.TrainerServiceStub,
    store: Store,
    tmp_path: Path,
    task: Task,
    input_name: str,
    architecture: int | None,
) -> None:
    request = train_request(corpora(store, tmp_path, task), task, input_name, architecture)
    result = work(stub.Train, request)
    assert [item.name for item in result.evaluations] == ["dev", "test"]
    assert set(result.model.files) >= {"config.json", "model.safetensors", "isogloss.json"}
    for item in result.evaluations:
        assert item.sentences == 40
        assert 0 <= item.score <= 100
        assert {"accuracy", "macro_f1", "micro_f1", "baseline_majority", "baseline_lexicon"} <= set(
            item.scores
        )
        check_scores_come_from_the_table(read_table(store, item.predictions), item)
    again = work(stub.Train, request)
    assert again.record.reused
    assert again.model == result.model


def check_scores_come_from_the_table(table: pa.Table, item: pb.EvaluationResult) -> None:
    """Every score, without the model; baselines come from the corpora."""
    assert table.num_rows == 40
    found = evaluate(table)
    assert found.scores == {name: value for name, value in item.scores.items() if "baseline" not in name}
    assert found.truncated == item.truncated
    assert [cell for row in found.confusion for cell in row] == list(item.confusion)
    assert [pb.ClassScore(**entry) for entry in found.classes] == list(item.classes)


@pytest.mark.parametrize("task", [TASKS["ner"], TASKS["pos"]])
@pytest.mark.parametrize("scheme", [pb.LABEL_SCHEME_FIRST_UNIT, pb.LABEL_SCHEME_EVERY_UNIT])
def test_what_is_cut_off_is_counted_and_is_wrong(
    stub: trainer_pb2_grpc.TrainerServiceStub, store: Store, tmp_path: Path, task: Task, scheme: int
) -> None:
    """A short maximum length, in both label schemes."""
    request = train_request(corpora(store, tmp_path, task), task, "character", epochs=1)
    request.hyperparameters.max_length = 16
    request.hyperparameters.label_scheme = scheme
    item = work(stub.Train, request).evaluations[0]
    table = read_table(store, item.predictions)
    check_scores_come_from_the_table(table, item)
    rows = zip(table["labels"].to_pylist(), table["predictions"].to_pylist(), strict=True)
    words = [word for labels, predictions in rows for word in zip(labels, predictions, strict=True)]
    assert item.truncated == sum(prediction is None for _, prediction in words) > 40
    right = sum(label == prediction for label, prediction in words)
    assert item.scores["accuracy"] == pytest.approx(100 * right / len(words))
    assert "unit_macro_f1" in item.scores
    assert len(table["unit_labels"][0]) <= 16


def test_a_model_learns_more_than_the_majority_class(
    stub: trainer_pb2_grpc.TrainerServiceStub, store: Store, tmp_path: Path
) -> None:
    splits = corpora(store, tmp_path, TASKS["pos"], rows=300)
    result = work(stub.Train, train_request(splits, TASKS["pos"], "phoneme", epochs=4))
    test = result.evaluations[1]
    assert test.score > test.scores["baseline_majority"] + 30


@pytest.mark.parametrize("input_name", ["character", "phoneme"])
@pytest.mark.parametrize(("task", "above"), [(TOPICS, 10), (DATES, 20)], ids=["one text", "own tags"])
def test_a_task_of_ones_own_trains_from_its_record_alone(
    stub: trainer_pb2_grpc.TrainerServiceStub,
    store: Store,
    tmp_path: Path,
    task: Task,
    above: float,
    input_name: str,
) -> None:
    """A text with one label, and words with tags in IOBES; in a language that no list knows."""
    request = train_request(corpora(store, tmp_path, task, rows=300), task, input_name, epochs=8)
    request.language = "uzb-Cyrl"
    request.hyperparameters.label_scheme = pb.LABEL_SCHEME_WORD_MEAN
    test = work(stub.Train, request).evaluations[1]
    assert test.score == test.scores[task.score] > test.scores["baseline_majority"] + above
    assert [item.name for item in test.classes] == list(task.labels)
    table = read_table(store, test.predictions)
    check_scores_come_from_the_table(table, test)
    if task is DATES:
        f1 = f1_score(table["labels"].to_pylist(), table["predictions"].to_pylist())
        assert test.scores["span_f1"] == pytest.approx(100 * f1), "as seqeval says"
        assert {"span_f1_DATE", "span_f1_WORK"} <= set(test.scores)


def test_the_same_request_twice_gives_bit_equal_weights_and_scores(
    s3: S3Server, store: Store, tmp_path: Path
) -> None:
    """Also with another number of workers on the text; those of the tokenizer are the only ones there are."""
    splits = corpora(store, tmp_path, TASKS["ner"])
    request = train_request(splits, TASKS["ner"], "subword", epochs=2)
    found = []
    for workers in ("1", "3"):
        settings = {"TOKENIZERS_PARALLELISM": "true", "RAYON_NUM_THREADS": workers}
        with Served("services.trainer", s3, **settings).start() as service:
            result = work(trainer_pb2_grpc.TrainerServiceStub(service.channel).Train, request)
        assert not result.record.reused
        weights = result.model.files["model.safetensors"].sha256
        found.append((weights, [(dict(item.scores), item.predictions.sha256) for item in result.evaluations]))
        store.remove([item.name for item in store.objects(f"train/{result.record.key}/")])
    assert found[0] == found[1]


def test_the_model_is_safetensors_with_names_of_its_weights(
    stub: trainer_pb2_grpc.TrainerServiceStub, store: Store, tmp_path: Path
) -> None:
    result = work(
        stub.Train, train_request(corpora(store, tmp_path, TASKS["ner"]), TASKS["ner"], "character")
    )
    weights = Artifact.from_proto(result.model.files["model.safetensors"], "model")
    path = store.fetch(weights, tmp_path / "model.safetensors")
    with safe_open(path, "pt") as file:
        assert "classifier.weight" in file.keys()  # noqa: SIM118  # it is not a dictionary


BAD_FIELDS = [
    ("task.name", {"task": None}),
    ("task.name", {"task.name": "NER!"}),
    ("task.kind", {"task.kind": 0}),
    ("task.labels", {"task.scheme": pb.SPAN_SCHEME_BIO}),
    ("task.score", {"task.score": pb.TASK_SCORE_SPAN_F1}),
    ("input", {"input": None}),
    ("input", {"input": "words"}),
    ("language", {"language": "english"}),
    ("language", {"language": "uzb-cyrl"}),
    ("train.uri", {"train": None}),
    ("evaluations", {"evaluations": []}),
    ("encoder", {"encoder": None}),
    ("hyperparameters.learning_rate", {"hyperparameters.learning_rate": 0.0}),
    ("hyperparameters.epochs", {"hyperparameters.epochs": 0}),
    ("hyperparameters.warmup_ratio", {"hyperparameters.warmup_ratio": 2.0}),
    ("hyperparameters.max_length", {"hyperparameters.max_length": 4}),
    ("encoder.scratch.architecture", {"encoder.scratch.architecture": pb.ARCHITECTURE_BERT}),
    ("encoder.scratch.hidden_size", {"encoder.scratch.hidden_size": 33}),
]


@pytest.mark.parametrize(("field", "change"), BAD_FIELDS, ids=[field for field, _ in BAD_FIELDS])
def test_a_bad_field_is_named_before_any_work_starts(
    stub: trainer_pb2_grpc.TrainerServiceStub,
    store: Store,
    tmp_path: Path,
    field: str,
    change: dict[str, object],
) -> None:
    request = train_request(corpora(store, tmp_path, TASKS["pos"]), TASKS["pos"], "character")
    for path, value in change.items():
        *parents, name = path.split(".")
        message = request
        for parent in parents:
            message = getattr(message, parent)
        message.ClearField(name)
        if value:
            setattr(message, name, value)
    with pytest.raises(InvalidInput) as caught:
        work(stub.Train, request)
    assert caught.value.field == field
    assert caught.value.fix


def test_a_corpus_without_phonemes_says_what_to_do(
    stub: trainer_pb2_grpc.TrainerServiceStub, store: Store, tmp_path: Path
) -> None:
    splits = corpora(store, tmp_path, TASKS["pos"])
    pairs = corpora(store, tmp_path, TASKS["xnli"])
    with pytest.raises(InvalidInput, match="column 'tokens' is missing") as caught:
        work(stub.Train, train_request(splits | {"dev": pairs["dev"]}, TASKS["pos"], "phoneme"))
    assert caught.value.field == "dev"


def test_labels_of_another_task_are_named_with_their_row(
    stub: trainer_pb2_grpc.TrainerServiceStub, store: Store, tmp_path: Path
) -> None:
    tags, names = corpora(store, tmp_path, TASKS["pos"]), corpora(store, tmp_path, TASKS["ner"])
    with pytest.raises(InvalidInput, match=r"row 0: label 'O' is not a class of pos") as caught:
        work(stub.Train, train_request(tags | {"dev": names["dev"]}, TASKS["pos"], "character"))
    assert caught.value.field == "dev"
    assert "NOUN" in caught.value.fix


def test_the_call_ends_with_the_caller(trainer: Served, store: Store, tmp_path: Path) -> None:
    """A caller that leaves stops the run, and the next caller resumes it from its checkpoint."""
    stub = trainer_pb2_grpc.TrainerServiceStub(trainer.channel)
    request = train_request(corpora(store, tmp_path, TASKS["pos"]), TASKS["pos"], "character", epochs=30)
    call = stub.Train(request, timeout=60)
    for event in call:
        if event.progress.phase.startswith("epoch") and event.progress.done > 10:
            break
    call.cancel()
    result = work(stub.Train, request)
    assert not result.record.reused
    assert result.best_epoch >= 1
