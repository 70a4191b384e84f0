"""Keys: equal for the same request on the same content by the same code, different otherwise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isogloss import keys
from isogloss.artifact.v1.artifact_pb2 import Artifact
from isogloss.embedder.v1 import embedder_pb2 as pb

SHA = st.text("0123456789abcdef", min_size=64, max_size=64)


def embed(sha256: str, uri: str = "s3://isogloss/a/b", language: str = "eng") -> pb.EmbedRequest:
    corpus = Artifact(uri=uri, sha256=sha256, size=1, media_type="x")
    return pb.EmbedRequest(language=language, corpus=corpus, layer=pb.LAYER_LAST)


def key(request: pb.EmbedRequest, code: str = "1") -> str:
    return keys.make_key("embed", keys.canonical_request(request), code)


@given(sha256=SHA, place=st.text(min_size=1))
def test_where_an_input_lies_does_not_matter(sha256: str, place: str) -> None:
    assert key(embed(sha256)) == key(embed(sha256, uri=place))


@given(one=SHA, other=SHA)
def test_what_an_input_holds_does(one: str, other: str) -> None:
    assert (key(embed(one)) == key(embed(other))) == (one == other)


def test_every_field_and_the_code_matter() -> None:
    base = embed("0" * 64)
    assert key(base) != key(embed("0" * 64, language="kor"))
    assert key(base) != key(base, code="2")
    assert keys.make_key("other", keys.canonical_request(base), "1") != key(base)


def test_a_default_left_out_and_one_written_out_are_the_same_request() -> None:
    left_out, written = embed("0" * 64), embed("0" * 64)
    written.content = pb.CONTENT_UNSPECIFIED
    assert key(left_out) == key(written)


def test_inputs_are_named_by_their_path_in_the_request() -> None:
    request = keys.canonical_request(embed("ab" * 32))
    inputs = keys.inputs_of(request)
    assert list(inputs) == ["corpus"]
    assert inputs["corpus"].sha256 == "ab" * 32


def test_nan_has_no_key() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        keys.canonical_json({"x": float("nan")})
