"""The Python clients against a running service: what an app developer sees, errors included."""

import asyncio
import time

import grpc
import pytest

from isogloss.clients.g2p import G2PClient
from isogloss.clients.g2p_async import AsyncG2PClient
from isogloss.clients.g2p_types import Options
from isogloss.errors import DeadlineExceeded, InvalidInput, IsoglossError, Unavailable
from isogloss.g2p.v1 import g2p_pb2 as pb
from isogloss.g2p.v1.g2p_pb2_grpc import G2PServiceStub
from tests.conftest import free_ports
from tests.contract.g2p.running_service import seconds

AS_EPITRAN = Options(normalization="none")


@pytest.fixture
def g2p(g2p_address: str) -> G2PClient:
    return G2PClient(g2p_address)


def test_one_text_word_by_word(g2p: G2PClient) -> None:
    text = "Bonjour  le monde"
    conversion = g2p.convert(text, "fra", words=True)
    assert conversion.ipa == "bɔ̃ʒuʀ lə mɔ̃d"
    assert conversion.sequence == "b ɔ̃ ʒ u ʀ ▁ l ə ▁ m ɔ̃ d"
    assert [text[word.start : word.end] for word in conversion.words] == ["Bonjour", "le", "monde"]
    assert conversion.phonemes == tuple(p for word in conversion.words for p in word.phonemes)


def test_lines_in_are_lines_out(g2p: G2PClient) -> None:
    """More texts than a batch holds, blank ones among them, come back in order and none is lost."""
    texts = ["un", "", "deux", "   "] * 700
    answers = list(g2p.sequences(texts, "fra"))
    assert answers == [g2p.convert("un", "fra").sequence, "", g2p.convert("deux", "fra").sequence, ""] * 700


def test_any_batch_of_lines_is_answered_line_by_line(g2p: G2PClient) -> None:
    """Line feeds within texts, which joined texts cannot carry; blank batches; white space beyond ASCII."""
    un, deux = g2p.convert("un", "fra").sequence, g2p.convert("deux", "fra").sequence
    assert list(g2p.sequences(["un\ndeux", "un"], "fra")) == [f"{un} ▁ {deux}", un]
    assert list(g2p.sequences([""], "fra")) == [""]
    assert list(g2p.sequences(["un"] * 1000 + ["", ""], "fra")) == [un] * 1000 + ["", ""]
    assert [item.ipa for item in g2p.convert_all(["un"] * 1000 + [""], "fra")][-2:] == ["œ̃", ""]
    assert list(g2p.sequences(["un\u3000deux\xa0un"], "fra")) == [f"{un} ▁ {deux} ▁ {un}"]


def test_offsets_count_code_points(g2p: G2PClient) -> None:
    text = "👩‍🚀 привет"
    word = g2p.convert(text, "rus", words=True).words[-1]
    assert text[word.start : word.end] == "привет"


def test_unmapped_letters_are_named(g2p: G2PClient) -> None:
    """Epitran's Urdu map lacks the Urdu yeh; the standard normalization folds it."""
    assert "ی" in g2p.convert("یہ", "urd", AS_EPITRAN, words=True).words[0].unmapped
    assert g2p.convert("یہ", "urd", words=True).words[0].unmapped == ()


def test_quality_counts_what_leaks(g2p: G2PClient) -> None:
    leaky = g2p.quality(["یہ کتاب"], "urd", AS_EPITRAN, vocabulary=["t̪"])
    mended = g2p.quality(["یہ کتاب"], "urd")
    assert (leaky.tokens, leaky.leaked_tokens, mended.leaked_tokens) == (2, 2, 0)
    assert leaky.vocabulary_unknown == leaky.vocabulary_segments - 1
    assert leaky.rates["leak_rate"] == 3 / 8  # ی ہ ک of ی ہ ک t ̪ ɑ ː b
    assert mended.rates["leak_rate"] == 0


def test_languages_are_listed_and_named(g2p: G2PClient) -> None:
    codes = [language.code for language in g2p.languages()]
    assert {"eng-Latn", "fra-Latn", "swa-Latn"} <= set(codes)
    assert codes == sorted(codes)
    assert g2p.language("fra").code == "fra-Latn"


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda g2p: g2p.convert("x", "tlh"), "language"),
        (lambda g2p: g2p.convert("x" * 100_001, "fra"), "texts[0]"),
        (lambda g2p: list(g2p.sequences(["x"] * 1500 + ["x" * 100_001], "fra")), "texts[1500]"),
        (lambda g2p: g2p.convert("x", "fra", Options(unmapped="shout")), "options.unmapped"),  # type: ignore[arg-type]
        (lambda g2p: list(g2p.sequences("one string", "fra")), "texts"),
        (lambda g2p: g2p.convert("\ud800", "fra"), "texts"),
        (lambda g2p: list(g2p.sequences(["\ud800"], "fra")), "texts"),
        (lambda g2p: g2p.quality(["\ud800"], "fra"), "texts"),
        (lambda g2p: g2p.convert("x", "fra", Options(backend="cmudict")), "options.backend"),
    ],
)
def test_bad_input_names_the_field(g2p: G2PClient, call: object, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        call(g2p)  # type: ignore[operator]
    assert caught.value.field == field
    assert caught.value.fix


@pytest.mark.parametrize(
    ("texts", "problem"),
    [
        (b"bon\xffjour", "UTF-8"),
        (b"x\n" * 10_000, "10001 texts"),
        (b"x\n" + b"x" * 100_001, "100001 characters"),
    ],
)
def test_joined_texts_have_the_bounds_of_texts(g2p_address: str, texts: bytes, problem: str) -> None:
    request = pb.ConvertRequest(language="fra", joined_texts=texts)
    with grpc.insecure_channel(g2p_address) as channel, pytest.raises(grpc.RpcError) as caught:
        G2PServiceStub(channel).Convert(request, timeout=30)
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert problem in caught.value.details()


def test_a_short_deadline_is_kept_and_the_service_stays_well(g2p_address: str) -> None:
    long_text = " ".join(f"parole{number}" for number in range(9_000))
    with G2PClient(g2p_address, timeout_s=0.05, patience_s=0) as hurried:
        start = time.monotonic()
        with pytest.raises(DeadlineExceeded):
            list(hurried.convert_all([long_text] * 100, "ita"))
        assert seconds(start) < 1.0  # 0.15 on an idle machine; this one may be busy
    with G2PClient(g2p_address) as patient:
        assert patient.convert("ciao", "ita").ipa


def test_a_service_that_is_away_is_said_in_time() -> None:
    with G2PClient(f"127.0.0.1:{free_ports(1)[0]}", patience_s=0.5) as g2p, pytest.raises(Unavailable):
        g2p.convert("x", "fra")


def test_async_client_does_the_same(g2p_address: str) -> None:
    async def session() -> None:
        async with AsyncG2PClient(g2p_address) as g2p:
            one, two = await asyncio.gather(g2p.convert("Bonjour", "fra"), g2p.convert("Привет", "rus"))
            assert (one.ipa, bool(two.ipa)) == ("bɔ̃ʒuʀ", True)
            assert [line async for line in g2p.sequences(["un"] * 1200, "fra")] == ["œ̃"] * 1200
            assert (await g2p.quality(["یہ"], "urd", AS_EPITRAN)).leaked_tokens == 1
            assert (await g2p.language("fra")).script == "Latn"
            with pytest.raises(InvalidInput, match="surrogates"):
                await g2p.quality(["\ud800"], "fra")
            with pytest.raises(IsoglossError, match="tlh"):
                await g2p.convert("x", "tlh")

    asyncio.run(session())
