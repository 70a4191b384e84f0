"""G2PService: hands requests to the engine and answers. See g2p.proto."""

import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import grpc

from isogloss.errors import DeadlineExceeded, InvalidInput
from isogloss.g2p import convert
from isogloss.g2p.engine import catalog
from isogloss.g2p.engine.converter import load
from isogloss.g2p.engine.options import Options
from isogloss.g2p.v1 import g2p_pb2 as pb
from isogloss.g2p.v1 import g2p_pb2_grpc

if TYPE_CHECKING:
    from services.g2p.corpora import Corpora


class G2PServicer(g2p_pb2_grpc.G2PServiceServicer):
    """Stateless but for the word caches of the engine. `connect` is called when a corpus is first sent."""

    def __init__(self, connect: "Callable[[], Corpora]") -> None:
        self._connect = connect
        self._connecting = threading.Lock()
        self._corpora: Corpora | None = None

    def drain(self) -> None:
        """Take no new corpora, and stop those under way at their next safe point."""
        if self._corpora is not None:
            self._corpora.drain()

    def Convert(self, request: pb.ConvertRequest, context: grpc.ServicerContext) -> pb.ConvertResponse:
        """See g2p.proto."""
        return convert.respond(request, lambda: _check(context))

    def ConvertStream(
        self, request_iterator: Iterator[pb.ConvertStreamRequest], context: grpc.ServicerContext
    ) -> Iterator[pb.ConvertStreamResponse]:
        """See g2p.proto."""
        for request in request_iterator:
            yield pb.ConvertStreamResponse(response=self.Convert(request.request, context))

    def ConvertCorpus(
        self, request: pb.ConvertCorpusRequest, context: grpc.ServicerContext
    ) -> Iterator[pb.ConvertCorpusResponse]:
        """See g2p.proto."""
        yield from self._connected().convert(request, context)

    def MeasureQuality(
        self, request_iterator: Iterator[pb.MeasureQualityRequest], context: grpc.ServicerContext
    ) -> pb.MeasureQualityResponse:
        """See g2p.proto."""
        return convert.measure(request_iterator, lambda: _check(context))

    def ListLanguages(
        self, request: pb.ListLanguagesRequest, context: grpc.ServicerContext
    ) -> pb.ListLanguagesResponse:
        """See g2p.proto."""
        if request.page_size < 0:
            raise InvalidInput("page_size", "negative", "Use 0 for all.")
        after = [entry for code, entry in catalog.entries().items() if code > request.page_token]
        page = after[: request.page_size or len(after)]
        more = page[-1].code if len(page) < len(after) else ""
        return pb.ListLanguagesResponse(languages=map(convert.language, page), next_page_token=more)

    def GetLanguage(
        self, request: pb.GetLanguageRequest, context: grpc.ServicerContext
    ) -> pb.GetLanguageResponse:
        """See g2p.proto."""
        entry = catalog.resolve(request.language)
        found = convert.language(entry)
        converter = load(entry.code, Options(normalization="none"))
        found.backend, found.version = converter.backend, converter.version
        return pb.GetLanguageResponse(language=found)

    def _connected(self) -> "Corpora":
        with self._connecting:
            if self._corpora is None:
                self._corpora = self._connect()
            return self._corpora


def _check(context: grpc.ServicerContext) -> None:
    """Stop when nobody waits for the answer any more: the deadline passed, or the caller went away."""
    if not context.is_active():
        raise DeadlineExceeded("the caller is gone, or its deadline has passed")
