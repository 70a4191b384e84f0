"""The trainer as a process: `python -m services.trainer`."""

import grpc

from isogloss.server import Mounted, serve
from isogloss.settings import Settings
from isogloss.store import Store
from isogloss.trainer.v1 import trainer_pb2, trainer_pb2_grpc
from services.trainer.servicer import TrainerServicer

PORT = 50052


def build(settings: Settings) -> Mounted:
    """Make the servicer."""
    servicer = TrainerServicer(Store.from_settings(settings))

    def add(server: grpc.Server) -> None:
        trainer_pb2_grpc.add_TrainerServiceServicer_to_server(servicer, server)

    return Mounted(
        add,
        drain=servicer.drain,
        settle=servicer.workplace.settle,
        close=servicer.child.close,
        healthy=servicer.child.healthy,
    )


def main() -> None:
    """Serve until SIGTERM."""
    service = trainer_pb2.DESCRIPTOR.services_by_name["TrainerService"].full_name
    serve("trainer", service, PORT, build)


if __name__ == "__main__":
    main()
