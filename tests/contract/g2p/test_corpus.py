"""ConvertCorpus: a dataset in S3 gains phonemes row for row, once."""

import io
import json
from collections.abc import Iterator

import grpc
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from isogloss import client
from isogloss.artifacts import JSON, PARQUET, Artifact
from isogloss.errors import Denied, InvalidInput
from isogloss.g2p.v1 import g2p_pb2 as pb
from isogloss.g2p.v1.g2p_pb2_grpc import G2PServiceStub
from isogloss.store import Store, new_attempt
from tests.conftest import S3Server
from tests.contract.g2p.running_service import running_service


@pytest.fixture(scope="module")
def g2p(s3: S3Server) -> Iterator[G2PServiceStub]:
    """A service with S3."""
    settings = {name: value for name, value in s3.environment.items() if name.startswith("ISOGLOSS_")}
    with running_service(**settings) as address, grpc.insecure_channel(address) as channel:
        yield G2PServiceStub(channel)


def _request(store: Store, table: pa.Table, kind: str, vocabulary: object = None) -> pb.ConvertCorpusRequest:
    out = io.BytesIO()
    pq.write_table(table, out)
    corpus = store.put("test", "0" * 64, new_attempt(), "corpus.parquet", out.getvalue(), PARQUET)
    request = pb.ConvertCorpusRequest(
        corpus=corpus.to_proto(),
        language="urd",
        kind=pb.CorpusKind.Value(f"CORPUS_KIND_{kind}"),
        options=pb.ConvertOptions(normalization=pb.NORMALIZATION_NONE),
    )
    if vocabulary is not None:
        data = json.dumps(vocabulary).encode()
        stored = store.put("test", "0" * 64, new_attempt(), "vocabulary.json", data, JSON)
        request.vocabulary.CopyFrom(stored.to_proto())
    return request


def test_tokens_stay_parallel_and_an_equal_request_is_answered_at_once(
    g2p: G2PServiceStub, store: Store
) -> None:
    table = pa.table({"tokens": [["کل", "سب"], [], ["ـ"]], "labels": [["X", "X"], [], ["X"]]})
    request = _request(store, table, "TOKENS", ["s", "b"])
    result = client.work(g2p.ConvertCorpus, request)
    converted = pq.read_table(io.BytesIO(store.get(_artifact(result.corpus))))
    assert converted["tokens"].to_pylist() == table["tokens"].to_pylist()
    assert [len(row) for row in converted["phonemes"].to_pylist()] == [2, 0, 1]
    assert converted["phonemes"].to_pylist()[0][1] == "s b"
    assert (result.quality.tokens, result.quality.leaked_tokens) == (3, 1)
    assert result.quality.vocabulary_segments - result.quality.vocabulary_unknown == 2
    assert result.provenance.backend == "epitran-rules"
    assert result.provenance.normalization == pb.NORMALIZATION_NONE
    again = client.work(g2p.ConvertCorpus, request)
    assert again.record.reused
    assert again.corpus == result.corpus


def test_pairs_and_text(g2p: G2PServiceStub, store: Store) -> None:
    pairs = pa.table({"premise": ["سب سب"], "hypothesis": [""], "label": ["neutral"]})
    result = client.work(g2p.ConvertCorpus, _request(store, pairs, "PAIRS"))
    row = pq.read_table(io.BytesIO(store.get(_artifact(result.corpus)))).to_pylist()[0]
    assert (row["premise_phonemes"], row["hypothesis_phonemes"]) == ("s b ▁ s b", "")
    text = client.work(g2p.ConvertCorpus, _request(store, pa.table({"text": ["سب"]}), "TEXT"))
    assert text.quality.phonemes == 2


def test_progress_rises_and_the_result_is_last(g2p: G2PServiceStub, store: Store) -> None:
    words = pa.table({"text": [f"سب{number} کل{number}" for number in range(20_000)]})
    events = list(g2p.ConvertCorpus(_request(store, words, "TEXT"), timeout=120))
    *progress, last = [event.WhichOneof("event") for event in events]
    assert (set(progress), last) == ({"progress"}, "result")
    shares = [event.progress.done / event.progress.total for event in events[:-1]]
    assert shares == sorted(shares)
    assert any(0 < share < 1 for share in shares)


def test_what_is_missing_is_named(g2p: G2PServiceStub, store: Store) -> None:
    request = _request(store, pa.table({"words": [["سب"]]}), "TOKENS")
    with pytest.raises(InvalidInput, match="no column 'tokens'"):
        client.work(g2p.ConvertCorpus, request)


def test_without_s3_everything_else_works(g2p_address: str) -> None:
    """App developers start the service with no setting at all."""
    with grpc.insecure_channel(g2p_address) as channel:
        stub = G2PServiceStub(channel)
        assert (
            client.call(stub.Convert, pb.ConvertRequest(language="urd", texts=["سب"])).conversions[0].ipa
            == "səb"
        )
        artifact = {"uri": "s3://isogloss/a/b", "sha256": "0" * 64, "size": 1, "media_type": PARQUET}
        request = pb.ConvertCorpusRequest(language="urd", kind=pb.CORPUS_KIND_TEXT, corpus=artifact)
        with pytest.raises(Denied, match="ISOGLOSS_S3_ACCESS_KEY"):
            client.work(stub.ConvertCorpus, request)


def _artifact(message: object) -> Artifact:
    return Artifact.from_proto(message, "corpus")  # type: ignore[arg-type]


def test_renderings_are_columns_with_the_same_words(g2p: G2PServiceStub, store: Store) -> None:
    texts = ["यह घर है ।", "\u200c नमस्ते"]
    request = _request(store, pa.table({"text": texts}), "TEXT")
    request.language = "hin"
    request.renderings.extend(["phonemes", "letters", "romanized", "phonemes_by_script"])
    result = client.work(g2p.ConvertCorpus, request)
    table = pq.read_table(io.BytesIO(store.get(_artifact(result.corpus))))
    assert table.column_names == [
        "text", "text_phonemes", "text_letters", "text_romanized", "text_phonemes_by_script"
    ]  # fmt: skip
    row = {name: values[0] for name, values in table.to_pydict().items()}
    assert row["text_romanized"] == "yah ghar hai ."
    for name, values in table.to_pydict().items():
        separator = " ▁ " if "phonemes" in name else " "
        assert [len(value.split(separator)) for value in values] == [len(text.split()) for text in texts]


def test_a_rendering_that_does_not_exist_is_named(g2p: G2PServiceStub, store: Store) -> None:
    request = _request(store, pa.table({"text": ["a"]}), "TEXT")
    request.renderings.append("latin")
    with pytest.raises(InvalidInput, match=r"renderings\[0\]"):
        client.work(g2p.ConvertCorpus, request)
