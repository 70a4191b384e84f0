"""Embed and Predict through a real server, on models that the trainer made."""

import io
from collections.abc import Iterator
from pathlib import Path

import grpc
import pyarrow.parquet as pq
import pytest
import torch
from safetensors.torch import load

from isogloss import client
from isogloss.artifact.v1.artifact_pb2 import Bundle
from isogloss.artifacts import Artifact
from isogloss.embedder.v1 import embedder_pb2 as pb
from isogloss.embedder.v1 import embedder_pb2_grpc
from isogloss.errors import Busy, InvalidInput
from isogloss.status import from_rpc_error
from isogloss.store import Store
from isogloss.tasks import TASKS
from isogloss.trainer.v1 import trainer_pb2, trainer_pb2_grpc
from tests.conftest import S3Server
from tests.contract.encoders import families, toy_language
from tests.contract.encoders.served import Served, put, work
from tests.contract.trainer.requests import corpora, train_request

Models = dict[str, Bundle]
ARCHITECTURES = {
    "subword": trainer_pb2.ARCHITECTURE_BERT,
    "character": trainer_pb2.ARCHITECTURE_CANINE,
    "phoneme": trainer_pb2.ARCHITECTURE_ROBERTA,
}


@pytest.fixture(scope="module")
def models(s3: S3Server, tmp_path_factory: pytest.TempPathFactory) -> Models:
    """One NLI model per input."""
    service = Served("services.trainer", s3).start()
    stub = trainer_pb2_grpc.TrainerServiceStub(service.channel)
    store, directory = Store.from_settings(s3.settings), tmp_path_factory.mktemp("models")
    splits = corpora(store, directory, TASKS["xnli"])
    trained = {}
    for input_name, architecture in ARCHITECTURES.items():
        request = train_request(splits, TASKS["xnli"], input_name, architecture, epochs=1)
        trained[input_name] = work(stub.Train, request).model
    service.close()
    return trained


@pytest.fixture(scope="module")
def embedder(s3: S3Server) -> Iterator[Served]:
    service = Served("services.embedder", s3).start()
    yield service
    service.close()


@pytest.fixture
def stub(embedder: Served) -> embedder_pb2_grpc.EmbedderServiceStub:
    return embedder_pb2_grpc.EmbedderServiceStub(embedder.channel)


def tensors(store: Store, result: pb.EmbedResult) -> dict[str, torch.Tensor]:
    return load(store.get(Artifact.from_proto(result.vectors, "vectors")))


@pytest.mark.parametrize("layer", [pb.LAYER_EMBEDDINGS, pb.LAYER_LAST])
@pytest.mark.parametrize("input_name", ARCHITECTURES)
def test_each_sentence_has_one_vector_and_its_lengths(
    stub: embedder_pb2_grpc.EmbedderServiceStub,
    models: Models,
    store: Store,
    tmp_path: Path,
    input_name: str,
    layer: int,
) -> None:
    corpus = put(store, toy_language.write_text(tmp_path / "text.parquet", 20, seed=7))
    result = work(
        stub.Embed, pb.EmbedRequest(model=models[input_name], language="eng", corpus=corpus, layer=layer)
    )
    found = tensors(store, result)
    assert found["vectors"].shape == (20, 32) == (result.sentences, result.dimensions)
    assert found["vectors"].dtype == torch.float32
    assert (found["lengths"] >= found["words"]).all()
    assert result.truncated == 0


@pytest.mark.parametrize(
    ("layer", "number"), [(pb.LAYER_EMBEDDINGS, 0), (pb.LAYER_HIDDEN, 1), (pb.LAYER_LAST, 0)]
)
@pytest.mark.parametrize("input_name", ARCHITECTURES)
def test_texts_of_a_call_have_the_vectors_of_a_corpus(
    stub: embedder_pb2_grpc.EmbedderServiceStub,
    models: Models,
    store: Store,
    tmp_path: Path,
    input_name: str,
    layer: int,
    number: int,
) -> None:
    """Bit for bit, and with the same lengths."""
    path = toy_language.write_text(tmp_path / "text.parquet", 20, seed=11)
    column = "text_phonemes" if input_name == "phoneme" else "text"
    texts = pq.read_table(path).column(column).to_pylist()
    model = models[input_name]
    whole = tensors(
        store,
        work(
            stub.Embed,
            pb.EmbedRequest(
                model=model, language="eng", corpus=put(store, path), layer=layer, hidden_layer=number
            ),
        ),
    )
    request = pb.EmbedTextsRequest(model=model, texts=texts, layer=layer, hidden_layer=number)
    found = client.call(stub.EmbedTexts, request).vectors
    assert torch.equal(torch.tensor([list(item.values) for item in found]), whole["vectors"])
    assert [item.units for item in found] == whole["lengths"].tolist()
    assert [item.words for item in found] == whole["words"].tolist()
    assert [item.characters for item in found] == whole["characters"].tolist()


def test_texts_are_refused_while_a_corpus_is_embedded(
    stub: embedder_pb2_grpc.EmbedderServiceStub, models: Models, store: Store, tmp_path: Path
) -> None:
    """Told when to come again; and then answered."""
    model = models["character"]
    corpus = put(store, toy_language.write_text(tmp_path / "text.parquet", 20_000, seed=12))
    long = stub.Embed(pb.EmbedRequest(model=model, language="eng", corpus=corpus, layer=pb.LAYER_LAST))
    next(long)
    request = pb.EmbedTextsRequest(model=model, texts=["daka beku"], layer=pb.LAYER_LAST)
    with pytest.raises(grpc.RpcError) as caught:
        stub.EmbedTexts(request, timeout=20)
    problem = from_rpc_error(caught.value)
    assert isinstance(problem, Busy)
    assert problem.retry_after_s > 0
    long.cancel()
    assert len(client.call(stub.EmbedTexts, request, patience_s=60).vectors) == 1


def test_without_positions_word_order_does_not_matter(
    stub: embedder_pb2_grpc.EmbedderServiceStub, models: Models, store: Store, tmp_path: Path
) -> None:
    """CONTENT_TOKENS is a bag of units; CONTENT_ALL is not, since positions are in it."""
    texts = ["daka beku", "beku daka"]
    corpus = put(store, toy_language.write(tmp_path / "text.parquet", {"text": texts}))

    def distance(content: int) -> float:
        request = pb.EmbedRequest(
            model=models["character"],
            language="eng",
            corpus=corpus,
            layer=pb.LAYER_EMBEDDINGS,
            content=content,
        )
        first, second = tensors(store, work(stub.Embed, request))["vectors"]
        return float((first - second).abs().max())

    assert distance(pb.CONTENT_TOKENS) < 1e-6
    assert distance(pb.CONTENT_ALL) > 1e-4


def test_predictions_carry_probabilities_and_scores(
    stub: embedder_pb2_grpc.EmbedderServiceStub, models: Models, store: Store, tmp_path: Path
) -> None:
    corpus = put(store, toy_language.write_pairs(tmp_path / "pairs.parquet", 30, seed=9))
    request = pb.PredictRequest(model=models["phoneme"], language="swa", corpus=corpus)
    result = work(stub.Predict, request)
    data = store.get(Artifact.from_proto(result.predictions, "predictions"))
    rows = pq.read_table(io.BytesIO(data)).to_pydict()
    assert all(abs(sum(item) - 1) < 1e-5 for item in rows["probabilities"])
    right = sum(a == b for a, b in zip(rows["label"], rows["prediction"], strict=True))
    assert result.scores["accuracy"] == pytest.approx(100 * right / 30)


def test_a_snapshot_is_embedded_as_it_is_once_it_is_said_what_it_reads(
    stub: embedder_pb2_grpc.EmbedderServiceStub, models: Models, store: Store, tmp_path: Path
) -> None:
    """Without any training; its vectors are not its untrained twin's."""
    (tmp_path / "snapshot").mkdir()
    families.write(tmp_path / "snapshot", "bert")
    snapshot = Bundle(files={path.name: put(store, path) for path in (tmp_path / "snapshot").iterdir()})
    corpus = put(store, toy_language.write_text(tmp_path / "text.parquet", 5, seed=3))
    request = pb.EmbedRequest(
        model=snapshot, input="subword", language="uzb-Cyrl", corpus=corpus, layer=pb.LAYER_LAST
    )
    vectors = tensors(store, work(stub.Embed, request))["vectors"]
    assert vectors.shape == (5, 32)
    request.untrained_seed = 3
    assert not torch.allclose(tensors(store, work(stub.Embed, request))["vectors"], vectors, atol=0.1)
    for model, name in ((snapshot, ""), (snapshot, "words"), (models["subword"], "subword")):
        bad = pb.EmbedRequest(model=model, input=name, language="eng", corpus=corpus, layer=pb.LAYER_LAST)
        with pytest.raises(InvalidInput) as caught:
            work(stub.Embed, bad)
        assert caught.value.field == "input"


def test_bad_fields_are_named(
    stub: embedder_pb2_grpc.EmbedderServiceStub, models: Models, store: Store, tmp_path: Path
) -> None:
    corpus = put(store, toy_language.write_text(tmp_path / "text.parquet", 5, seed=3))
    model = models["subword"]
    good = pb.EmbedRequest(model=model, language="eng", corpus=corpus, layer=pb.LAYER_LAST)
    bad = {
        "layer": pb.EmbedRequest(model=model, language="eng", corpus=corpus),
        "language": pb.EmbedRequest(model=model, language="english", corpus=corpus, layer=pb.LAYER_LAST),
        "model": pb.EmbedRequest(language="eng", corpus=corpus, layer=pb.LAYER_LAST),
        "content": pb.EmbedRequest(
            model=model, language="eng", corpus=corpus, layer=pb.LAYER_LAST, content=pb.CONTENT_TOKENS
        ),
        "hidden_layer": pb.EmbedRequest(
            model=model, language="eng", corpus=corpus, layer=pb.LAYER_HIDDEN, hidden_layer=3
        ),
    }
    for field, request in bad.items():
        with pytest.raises(InvalidInput) as caught:
            work(stub.Embed, request)
        assert caught.value.field == field
    bad_texts = {
        "texts": pb.EmbedTextsRequest(model=model, layer=pb.LAYER_LAST),
        "texts[1]": pb.EmbedTextsRequest(model=model, layer=pb.LAYER_LAST, texts=["daka", " "]),
        "texts[0]": pb.EmbedTextsRequest(model=model, layer=pb.LAYER_LAST, texts=["a" * 10_001]),
        "hidden_layer": pb.EmbedTextsRequest(model=model, layer=pb.LAYER_LAST, texts=["a"], hidden_layer=1),
    }
    for field, texts_request in bad_texts.items():
        with pytest.raises(InvalidInput) as caught:
            client.call(stub.EmbedTexts, texts_request)
        assert caught.value.field == field
    assert work(stub.Embed, good).sentences == 5


@pytest.mark.parametrize("input_name", ARCHITECTURES)
def test_an_encoder_that_nobody_trained_is_drawn_from_its_seed(
    stub: embedder_pb2_grpc.EmbedderServiceStub, store: Store, tmp_path: Path, input_name: str
) -> None:
    """Equal for every corpus that it reads, another with another seed; and what it needs is asked for."""
    corpus = put(store, toy_language.write_text(tmp_path / "text.parquet", 5, seed=3))
    more = put(store, toy_language.write_text(tmp_path / "more.parquet", 9, seed=4))
    scratch = trainer_pb2.ScratchEncoder(
        architecture=ARCHITECTURES[input_name],
        layers=1,
        hidden_size=32,
        attention_heads=2,
        feed_forward_size=64,
        vocabulary_size=300,
        vocabulary_corpora=[corpus, more],
    )
    request = pb.EmbedRequest(
        scratch=scratch,
        input=input_name,
        untrained_seed=3,
        language="eng",
        corpus=corpus,
        layer=pb.LAYER_EMBEDDINGS,
        content=pb.CONTENT_LETTERS,
    )
    first = tensors(store, work(stub.Embed, request))["vectors"]
    assert first.shape == (5, 32)
    other = pb.EmbedRequest()
    other.CopyFrom(request)
    other.corpus.CopyFrom(more)
    assert tensors(store, work(stub.Embed, other))["vectors"].shape == (9, 32)
    request.language = "fin"  # another key, the same weights
    assert torch.equal(tensors(store, work(stub.Embed, request))["vectors"], first)
    request.untrained_seed = 4
    assert not torch.allclose(tensors(store, work(stub.Embed, request))["vectors"], first, atol=0.01)
    for field, spoil in {
        "untrained_seed": lambda bad: bad.ClearField("untrained_seed"),
        "input": lambda bad: bad.ClearField("input"),
        "model": lambda bad: bad.model.files["config.json"].CopyFrom(corpus),
        "scratch.layers": lambda bad: bad.scratch.ClearField("layers"),
    }.items():
        bad = pb.EmbedRequest()
        bad.CopyFrom(request)
        spoil(bad)
        with pytest.raises(InvalidInput) as caught:
            work(stub.Embed, bad)
        assert caught.value.field == field
