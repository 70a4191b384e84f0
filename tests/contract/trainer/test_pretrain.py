"""Pretrain through a real server, its worker process and a real S3; what it makes is a snapshot for Train."""

import io
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from isogloss import client
from isogloss.artifact.v1.artifact_pb2 import Progress
from isogloss.artifacts import Artifact
from isogloss.checkpoints import Checkpoints
from isogloss.embedder.v1 import embedder_pb2, embedder_pb2_grpc
from isogloss.errors import InvalidInput
from isogloss.store import Store
from isogloss.tasks import TASKS
from isogloss.trainer.v1 import trainer_pb2 as pb
from isogloss.trainer.v1 import trainer_pb2_grpc
from services.trainer.pretrain import plan
from tests.conftest import S3Server
from tests.contract.encoders.served import Served, put, work
from tests.contract.trainer.requests import corpora, hyperparameters, train_request
from tests.unit.trainer.pretrain import invented


@pytest.fixture(scope="module")
def trainer(s3: S3Server) -> Iterator[Served]:
    service = Served("services.trainer", s3).start()
    yield service
    service.close()


@pytest.fixture
def stub(trainer: Served) -> trainer_pb2_grpc.TrainerServiceStub:
    return trainer_pb2_grpc.TrainerServiceStub(trainer.channel)


@pytest.fixture
def request_(store: Store, tmp_path: Path) -> pb.PretrainRequest:
    """A letters encoder of two invented languages, by a plan that also fits phonemes."""
    return pb.PretrainRequest(
        input="letters",
        corpora=[
            pb.PretrainingCorpus(language=language, corpus=put(store, path))
            for language, path in invented.corpora(tmp_path).items()
        ],
        plan=pb.PretrainingPlan(
            settings=pb.PlanSettings(
                steps=20,
                windows=8,
                length=64,
                temperature=2,
                masked=0.15,
                whole=0.5,
                inputs=["letters", "phoneme"],
            )
        ),
        shape=pb.PretrainingShape(
            layers=1, hidden_size=32, attention_heads=2, feed_forward_size=64, positions=128
        ),
        hyperparameters=pb.PretrainingHyperparameters(
            learning_rate=5e-3,
            weight_decay=0.01,
            warmup_ratio=0.1,
            max_grad_norm=1,
            least_occurrences=1,
            ids_per_micro_batch=512,
            log_every=5,
        ),
        seed=1,
        renderer="invented",
    )


def test_what_pretrain_makes_is_a_snapshot_for_train(
    stub: trainer_pb2_grpc.TrainerServiceStub, store: Store, tmp_path: Path, request_: pb.PretrainRequest
) -> None:
    result = work(stub.Pretrain, request_)
    history = [json.loads(line) for line in store.get(Artifact.from_proto(result.history, "")).splitlines()]
    assert [entry["step"] for entry in history] == [5, 10, 15, 20]
    assert history[-1]["loss"] < history[0]["loss"]
    assert [(item.language, item.words) for item in result.languages] == [("aaa", 1603), ("bbb", 1604)]
    assert 0 < result.fill <= 1
    assert result.units > 0
    assert {"config.json", "tokenizer.json", "model.safetensors", "pretraining.json"} <= set(
        result.snapshot.files
    )

    again = work(stub.Pretrain, request_)
    assert again.record.reused
    assert again.snapshot == result.snapshot

    # The same plan for another input: sent as the artifact that the first call made.
    other = pb.PretrainRequest()
    other.CopyFrom(request_)
    other.input = "phoneme"
    other.plan.CopyFrom(pb.PretrainingPlan(plan=result.plan))
    assert work(stub.Pretrain, other).plan.sha256 == result.plan.sha256
    path = tmp_path / "plan"
    path.write_bytes(io.BytesIO(store.get(Artifact.from_proto(result.plan, ""))).read())
    assert plan.load(path).inputs == ("letters", "phoneme")

    training = train_request(corpora(store, tmp_path, TASKS["pos"]), TASKS["pos"], "character", epochs=1)
    training.encoder.CopyFrom(pb.Encoder(snapshot=result.snapshot))
    training.hyperparameters.CopyFrom(hyperparameters(1))
    with pytest.raises(InvalidInput, match="pre-trained to read letters, not character"):
        work(stub.Train, training)


def test_train_and_embed_take_its_bundle(
    stub: trainer_pb2_grpc.TrainerServiceStub,
    s3: S3Server,
    store: Store,
    tmp_path: Path,
    request_: pb.PretrainRequest,
) -> None:
    request_.input = "character"
    request_.plan.settings.inputs[:] = ["character"]
    snapshot = work(stub.Pretrain, request_).snapshot
    training = train_request(corpora(store, tmp_path, TASKS["pos"]), TASKS["pos"], "character", epochs=1)
    training.encoder.CopyFrom(pb.Encoder(snapshot=snapshot))
    tuned = work(stub.Train, training)
    assert {item.name for item in tuned.evaluations} == {"dev", "test"}

    table = pa.table({"text": ["Badega tamo", "No siba de"]})
    pq.write_table(table, tmp_path / "text.parquet")
    asked = embedder_pb2.EmbedRequest(
        model=snapshot,
        input="character",
        language="eng",
        corpus=put(store, tmp_path / "text.parquet"),
        layer=embedder_pb2.LAYER_LAST,
        content=embedder_pb2.CONTENT_ALL,
    )
    with Served("services.embedder", s3).start() as embedder:
        result = work(embedder_pb2_grpc.EmbedderServiceStub(embedder.channel).Embed, asked)
    assert (result.sentences, result.dimensions) == (2, 32)


def test_a_run_that_is_canceled_and_killed_goes_on_and_ends_bit_equal(
    trainer: Served,
    stub: trainer_pb2_grpc.TrainerServiceStub,
    store: Store,
    request_: pb.PretrainRequest,
) -> None:
    request_.plan.settings.steps = 400
    whole = work(stub.Pretrain, request_)
    store.remove([item.name for item in store.objects(f"pretrain/{whole.record.key}/")])

    call = stub.Pretrain(request_)
    next(event for event in call if event.progress.phase == "pre-training")
    call.cancel()
    saved = Checkpoints(store, "pretrain", whole.record.key)
    while saved.load() is None:  # until then the next call would join the first, which nobody told to save
        time.sleep(0.1)
    killed: list[float] = []

    def kill(progress: Progress) -> None:
        if progress.phase == "pre-training" and not killed:
            killed.append(progress.done)
            trainer.kill_worker()

    again = client.work(stub.Pretrain, request_, kill, patience_s=60)
    assert killed
    assert not again.record.reused
    assert (
        again.snapshot.files["model.safetensors"].sha256 == whole.snapshot.files["model.safetensors"].sha256
    )
    manifest = store.manifest("pretrain", again.record.key)
    assert manifest is not None
    assert manifest.result["resumed_at"], "it did not begin anew"


def few_words(folder: Path, request: pb.PretrainRequest) -> dict[str, Path]:
    return {"aaa": invented.write(folder / "a.parquet", "Latn", invented.lines_of("Latn", 900))}


def unconverted(folder: Path, request: pb.PretrainRequest) -> dict[str, Path]:
    """Every twelfth word is in Cyrillic letters."""
    lines = invented.lines_of("Latn")
    latin = pq.read_table(invented.write(folder / "b.parquet", "Latn", lines)).to_pydict()
    latin["phonemes"] = [
        ["б д г" if n % 12 == 0 else w for n, w in enumerate(row)] for row in latin["phonemes"]
    ]
    invented.save(folder / "a.parquet", latin)
    request.input = "phoneme"
    return {"aaa": folder / "a.parquet"}


def long_word(folder: Path, request: pb.PretrainRequest) -> dict[str, Path]:
    lines = [*invented.lines_of("Latn"), ["ba" * 40]]
    return {"aaa": invented.write(folder / "a.parquet", "Latn", lines)}


def one_unit(folder: Path, request: pb.PretrainRequest) -> dict[str, Path]:
    request.hyperparameters.least_occurrences = 1_000_000
    return invented.corpora(folder)


@pytest.mark.parametrize(
    ("make", "field", "said"),
    [
        (few_words, "corpora[aaa]", "1000 are the least"),
        (unconverted, "corpora[aaa]", "left unconverted as phoneme"),
        (long_word, "corpora[aaa]", "too many for a window of 64"),
        (one_unit, "least_occurrences", "0 units occur"),
    ],
)
def test_text_that_teaches_nothing_is_refused_with_field_and_fix(
    stub: trainer_pb2_grpc.TrainerServiceStub,
    store: Store,
    tmp_path: Path,
    request_: pb.PretrainRequest,
    make: Callable[[Path, pb.PretrainRequest], dict[str, Path]],
    field: str,
    said: str,
) -> None:
    (tmp_path / "own").mkdir()
    made = make(tmp_path / "own", request_)
    del request_.corpora[:]
    for language, path in made.items():
        request_.corpora.add(language=language, corpus=put(store, path))
    with pytest.raises(InvalidInput, match=said) as raised:
        work(stub.Pretrain, request_)
    assert raised.value.field == field
    assert raised.value.fix


def test_a_plan_of_other_words_is_refused(
    stub: trainer_pb2_grpc.TrainerServiceStub, store: Store, tmp_path: Path, request_: pb.PretrainRequest
) -> None:
    request_.plan.CopyFrom(pb.PretrainingPlan(plan=work(stub.Pretrain, request_).plan))
    lines = invented.lines_of("Latn")
    lines[7] = lines[8]
    request_.corpora[0].corpus.CopyFrom(put(store, invented.write(tmp_path / "other.parquet", "Latn", lines)))
    with pytest.raises(InvalidInput, match="the words of aaa are not those") as raised:
        work(stub.Pretrain, request_)
    assert raised.value.field == "plan"


def test_bad_requests_are_refused(
    stub: trainer_pb2_grpc.TrainerServiceStub, request_: pb.PretrainRequest
) -> None:
    def refused(field: str, **changes: object) -> None:
        bad = pb.PretrainRequest()
        bad.CopyFrom(request_)
        for path, value in changes.items():
            place = bad
            *parents, last = path.split("__")
            for name in parents:
                place = getattr(place, name)
            setattr(place, last, value)
        with pytest.raises(InvalidInput) as raised:
            work(stub.Pretrain, bad)
        assert raised.value.field == field

    refused("input", input="subword")
    refused("plan.settings.inputs", input="character")
    refused("plan.steps", plan__settings__steps=0)
    refused("shape.attention_heads", shape__attention_heads=3)
    refused("hyperparameters.learning_rate", hyperparameters__learning_rate=0.0)
    refused("hyperparameters.log_every", hyperparameters__log_every=0)
