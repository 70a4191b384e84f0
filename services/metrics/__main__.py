"""The metrics service as a process: `python -m services.metrics`."""

import grpc

from isogloss.metrics.v1 import metrics_pb2, metrics_pb2_grpc
from isogloss.server import Mounted, serve
from isogloss.settings import Settings
from isogloss.store import Store
from services.metrics.servicer import MetricsServicer

PORT = 50054


def build(settings: Settings) -> Mounted:
    """Make the servicer."""
    servicer = MetricsServicer(Store.from_settings(settings))

    def add(server: grpc.Server) -> None:
        metrics_pb2_grpc.add_MetricsServiceServicer_to_server(servicer, server)

    return Mounted(add, drain=servicer.workplace.drain)


def main() -> None:
    """Serve until SIGTERM."""
    service = metrics_pb2.DESCRIPTOR.services_by_name["MetricsService"].full_name
    serve("metrics", service, PORT, build)


if __name__ == "__main__":
    main()
