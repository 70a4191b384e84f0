"""What a server sees of a client: a long call is read to its end."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc

from isogloss import client
from isogloss.embedder.v1 import embedder_pb2 as pb
from isogloss.embedder.v1 import embedder_pb2_grpc


class Answers(embedder_pb2_grpc.EmbedderServiceServicer):
    """Gives a result, and notes whether the caller was there until the stream's end."""

    ended = False

    def Embed(self, request: pb.EmbedRequest, context: grpc.ServicerContext) -> Iterator[pb.EmbedResponse]:  # noqa: N802
        yield pb.EmbedResponse(result=pb.EmbedResult(sentences=3))
        self.ended = context.is_active()


def test_the_caller_stays_until_the_stream_has_ended() -> None:
    server, servicer = grpc.server(ThreadPoolExecutor(1)), Answers()
    embedder_pb2_grpc.add_EmbedderServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with client.connect(f"127.0.0.1:{port}") as channel:
        stub = embedder_pb2_grpc.EmbedderServiceStub(channel)
        assert client.work(stub.Embed, pb.EmbedRequest(), patience_s=5).sentences == 3
    server.stop(None).wait()
    assert servicer.ended, "the server would count the call as canceled"
