"""A call that a server cancels while it shuts down, before it has begun it, is made again."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from isogloss import client


class CancelsOnce(health_pb2_grpc.HealthServicer):
    """Cancels the first call, answers the second."""

    calls = 0

    def Check(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        self.calls += 1
        if self.calls == 1:
            context.abort(grpc.StatusCode.CANCELLED, "")
        return health_pb2.HealthCheckResponse(status=health_pb2.HealthCheckResponse.SERVING)


def test_a_canceled_call_is_made_again() -> None:
    server, servicer = grpc.server(ThreadPoolExecutor(1)), CancelsOnce()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with client.connect(f"127.0.0.1:{port}") as channel:
        method = health_pb2_grpc.HealthStub(channel).Check
        client.call(method, health_pb2.HealthCheckRequest(), patience_s=10)
    server.stop(None).wait()
    assert servicer.calls == 2
