"""The embedder as a process: `python -m services.embedder`."""

import grpc

from isogloss.embedder.v1 import embedder_pb2, embedder_pb2_grpc
from isogloss.server import Mounted, serve
from isogloss.settings import Settings
from isogloss.store import Store
from services.embedder.servicer import EmbedderServicer

PORT = 50053


def build(settings: Settings) -> Mounted:
    """Make the servicer."""
    servicer = EmbedderServicer(Store.from_settings(settings))

    def add(server: grpc.Server) -> None:
        embedder_pb2_grpc.add_EmbedderServiceServicer_to_server(servicer, server)

    return Mounted(
        add,
        drain=servicer.workplace.drain,
        settle=servicer.workplace.settle,
        close=servicer.child.close,
        healthy=servicer.child.healthy,
    )


def main() -> None:
    """Serve until SIGTERM."""
    service = embedder_pb2.DESCRIPTOR.services_by_name["EmbedderService"].full_name
    serve("embedder", service, PORT, build)


if __name__ == "__main__":
    main()
