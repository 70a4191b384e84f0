"""The G2P service from an asyncio program; the same calls as `isogloss.clients.g2p`.

from isogloss import AsyncG2PClient

async with AsyncG2PClient() as g2p:
    print((await g2p.convert("Bonjour le monde", "fra")).ipa)
    async for line in g2p.sequences(lines, "fra"): ...
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from types import TracebackType
from typing import Any

import grpc

from isogloss import client
from isogloss.clients import g2p_types as wire
from isogloss.clients.g2p import PATIENCE_S, STANDARD, bounds, no_string, whole
from isogloss.clients.g2p_types import Conversion, Language, Options, Quality
from isogloss.errors import InvalidInput
from isogloss.g2p.v1 import g2p_pb2 as pb
from isogloss.g2p.v1.g2p_pb2_grpc import G2PServiceStub
from isogloss.settings import settings
from isogloss.status import from_rpc_error


class AsyncG2PClient:
    """A connection to the service, made and used in one event loop; arguments as of `G2PClient`."""

    def __init__(
        self, target: str | None = None, *, timeout_s: float | None = None, patience_s: float = PATIENCE_S
    ) -> None:
        self._channel = client.connect_async(target or settings().g2p_target)
        self._stub = G2PServiceStub(self._channel)
        self._timeout_s, self._patience_s = timeout_s, patience_s

    async def convert(
        self,
        text: str,
        language: str,
        options: Options = STANDARD,
        *,
        words: bool = False,
        explain: bool = False,
        align: bool = False,
    ) -> Conversion:
        """One text; see `G2PClient.convert`."""
        return await anext(
            self.convert_all([text], language, options, words=words, explain=explain, align=align)
        )

    async def convert_all(
        self,
        texts: Iterable[str],
        language: str,
        options: Options = STANDARD,
        *,
        words: bool = False,
        explain: bool = False,
        align: bool = False,
        partial: bool = False,
    ) -> AsyncIterator[Conversion]:
        """Any number of texts, in order, batch by batch."""
        answers = self._batches(
            texts,
            lambda b: wire.convert_request(
                language, b, options, words=words, explain=explain, align=align, partial=partial
            ),
        )
        async for batch, answer in answers:
            for message in whole(batch, answer.conversions):
                yield wire.conversion(message)

    async def sequences(
        self, texts: Iterable[str], language: str, options: Options = STANDARD
    ) -> AsyncIterator[str]:
        """Only the sequences, which is the fastest."""
        answers = self._batches(texts, lambda b: wire.sequences_request(language, b, options))
        async for batch, answer in answers:
            for sequence in whole(batch, wire.sequences(answer)):
                yield sequence

    async def quality(
        self,
        texts: Iterable[str],
        language: str,
        options: Options = STANDARD,
        *,
        vocabulary: Iterable[str] = (),
    ) -> Quality:
        """What the conversion of these texts leaves over; see `G2PClient.quality`."""
        requests = wire.QualityRequests(language, no_string(texts), options, vocabulary)
        timeout_s = self._timeout_s or settings().work_timeout_s
        under_way = self._stub.MeasureQuality(iter(requests), timeout=timeout_s)
        try:
            answer = await under_way
        except asyncio.CancelledError:  # what grpc.aio makes of an exception of the requests, too
            if requests.problem is None:
                raise
            raise requests.problem from None
        except grpc.RpcError as error:
            raise requests.problem or from_rpc_error(error) from None
        finally:
            under_way.cancel()  # see client.call_async
        return wire.quality(answer.quality)

    async def languages(self) -> list[Language]:
        """Every language that the service converts."""
        found: list[Language] = []
        token = ""
        while True:
            answer = await self._call(self._stub.ListLanguages, pb.ListLanguagesRequest(page_token=token))
            found += map(wire.language, answer.languages)
            token = answer.next_page_token
            if not token:
                return found

    async def language(self, code: str) -> Language:
        """One language; `InvalidInput` when there is none of that code."""
        answer = await self._call(self._stub.GetLanguage, pb.GetLanguageRequest(language=code))
        return wire.language(answer.language)

    async def close(self) -> None:
        """Close the connection."""
        await self._channel.close()

    async def __aenter__(self) -> "AsyncG2PClient":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _batches(
        self, texts: Iterable[str], request: Callable[[list[str]], pb.ConvertRequest]
    ) -> AsyncIterator[tuple[list[str], pb.ConvertResponse]]:
        """Each batch with its answer, while the next ones are under way."""

        async def ask(batch: list[str], offset: int) -> tuple[list[str], pb.ConvertResponse]:
            try:
                return batch, await self._call(self._stub.Convert, request(batch))
            except InvalidInput as error:
                raise wire.renumbered(error, offset) from None

        sent = 0
        coming: deque[asyncio.Task[tuple[list[str], pb.ConvertResponse]]] = deque()
        try:
            for batch in wire.batches(no_string(texts)):
                coming.append(asyncio.create_task(ask(batch, sent)))
                sent += len(batch)
                if len(coming) > wire.BATCHES_AHEAD:
                    yield await coming.popleft()
            while coming:
                yield await coming.popleft()
        finally:
            for task in coming:
                task.cancel()

    async def _call(self, method: Callable[..., Any], request: Any) -> Any:
        return await client.call_async(method, request, **bounds(self._timeout_s, self._patience_s))
