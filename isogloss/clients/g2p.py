"""The G2P service from a program.

    from isogloss import G2PClient

    with G2PClient() as g2p:
        g2p.convert("Bonjour le monde", "fra").ipa                   # 'bɔ̃ʒuʀ lə mɔ̃d'
        for line in g2p.sequences(open("corpus.txt"), "fra"): ...    # batched, constant memory

Calls are batched, have a deadline, and are tried again while the service is away or busy: converting is safe
to repeat. Errors are those of `isogloss.errors`; `InvalidInput` names the field and the fix.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any

import grpc

from isogloss import client
from isogloss.clients import g2p_types as wire
from isogloss.clients.g2p_types import Conversion, Language, Options, Quality
from isogloss.errors import InvalidInput
from isogloss.g2p.v1 import g2p_pb2 as pb
from isogloss.g2p.v1.g2p_pb2_grpc import G2PServiceStub
from isogloss.settings import settings
from isogloss.status import from_rpc_error

STANDARD = Options()
PATIENCE_S = 10.0  # a person waits at the other end, not a flow that runs for days


class G2PClient:
    """A connection to the service; thread-safe, and to be shared.

    `target` is a gRPC name such as `127.0.0.1:50051` (default: ISOGLOSS_G2P_TARGET), `timeout_s` the
    deadline of each try, `patience_s` how long a service that is away is waited for. `stub` stands in for
    the connection.
    """

    def __init__(
        self,
        target: str | None = None,
        *,
        timeout_s: float | None = None,
        patience_s: float = PATIENCE_S,
        stub: Any = None,
    ) -> None:
        self._channel = client.connect(target or settings().g2p_target)  # connects when it is first used
        self._stub = stub or G2PServiceStub(self._channel)
        self._timeout_s, self._patience_s = timeout_s, patience_s

    def convert(
        self,
        text: str,
        language: str,
        options: Options = STANDARD,
        *,
        words: bool = False,
        explain: bool = False,
        align: bool = False,
    ) -> Conversion:
        """One text. `language` is ISO 639-3 (`fra`) or an Epitran code (`fra-Latn-p`).

        With `words`, also word by word with offsets; with `explain`, also by which entry or rules; with
        `align`, also which letters made which phonemes.
        For many texts use `convert_all`: it is far faster per text.
        """
        request = wire.convert_request(language, [text], options, words=words, explain=explain, align=align)
        return wire.conversion(self._call(self._stub.Convert, request).conversions[0])

    def convert_all(
        self,
        texts: Iterable[str],
        language: str,
        options: Options = STANDARD,
        *,
        words: bool = False,
        explain: bool = False,
        align: bool = False,
        partial: bool = False,
    ) -> Iterator[Conversion]:
        """Any number of texts, in order, batch by batch."""
        for batch, answer in self._batches(
            texts,
            lambda b: wire.convert_request(
                language, b, options, words=words, explain=explain, align=align, partial=partial
            ),
        ):
            yield from map(wire.conversion, whole(batch, answer.conversions))

    def sequences(self, texts: Iterable[str], language: str, options: Options = STANDARD) -> Iterator[str]:
        """Only the sequences (phonemes by spaces, words by ` ▁ `), which is the fastest."""
        for batch, answer in self._batches(texts, lambda b: wire.sequences_request(language, b, options)):
            yield from whole(batch, wire.sequences(answer))

    def quality(
        self,
        texts: Iterable[str],
        language: str,
        options: Options = STANDARD,
        *,
        vocabulary: Iterable[str] = (),
    ) -> Quality:
        """What the conversion of these texts leaves over; with `vocabulary`, also how many phonemes that
        lacks.

        Texts are sent once, so a service that goes away in the middle is an error.
        """
        requests = wire.QualityRequests(language, no_string(texts), options, vocabulary)
        timeout_s = self._timeout_s or settings().work_timeout_s
        try:
            answer = self._stub.MeasureQuality(iter(requests), timeout=timeout_s)
        except grpc.RpcError as error:
            raise requests.problem or from_rpc_error(error) from None
        return wire.quality(answer.quality)

    def languages(self) -> list[Language]:
        """Every language that the service converts."""
        found: list[Language] = []
        token = ""
        while True:
            request = pb.ListLanguagesRequest(page_token=token)
            answer = self._call(self._stub.ListLanguages, request)
            found += map(wire.language, answer.languages)
            token = answer.next_page_token
            if not token:
                return found

    def language(self, code: str) -> Language:
        """One language; `InvalidInput` when there is none of that code."""
        return wire.language(
            self._call(self._stub.GetLanguage, pb.GetLanguageRequest(language=code)).language
        )

    def close(self) -> None:
        """Close the connection."""
        self._channel.close()

    def __enter__(self) -> "G2PClient":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _batches(
        self, texts: Iterable[str], request: Callable[[list[str]], pb.ConvertRequest]
    ) -> Iterator[tuple[list[str], pb.ConvertResponse]]:
        """Each batch with its answer, while the next ones are under way: the service need not wait for the
        caller, nor the caller for the service.
        """

        def ask(batch: list[str], offset: int) -> tuple[list[str], pb.ConvertResponse]:
            try:
                return batch, self._call(self._stub.Convert, request(batch))
            except InvalidInput as error:
                raise wire.renumbered(error, offset) from None

        sent = 0
        coming: deque[Future[tuple[list[str], pb.ConvertResponse]]] = deque()
        with ThreadPoolExecutor(wire.BATCHES_AHEAD) as ahead:
            for batch in wire.batches(no_string(texts)):
                coming.append(ahead.submit(ask, batch, sent))
                sent += len(batch)
                if len(coming) > wire.BATCHES_AHEAD:
                    yield coming.popleft().result()
            while coming:
                yield coming.popleft().result()

    def _call(self, method: Callable[..., Any], request: Any) -> Any:
        return client.call(method, request, **bounds(self._timeout_s, self._patience_s))


def bounds(timeout_s: float | None, patience_s: float) -> dict[str, float]:
    """Of one call of either client: whatever happens, it ends after `timeout_s` and `patience_s` together."""
    each = timeout_s if timeout_s is not None else settings().call_timeout_s
    return {"timeout_s": each, "patience_s": patience_s, "total_s": each + patience_s}


def no_string(texts: Iterable[str]) -> Iterable[str]:
    if isinstance(texts, str):
        raise InvalidInput(
            "texts", "one string, which would be read letter by letter", "Send a list, or use convert."
        )
    return texts


def whole(batch: list[str], answers: Iterable[Any]) -> Iterator[Any]:
    """One answer a text; a server that answers otherwise is broken, and must not shift the caller's lines."""
    return (answer for _, answer in zip(batch, answers, strict=True))
