"""The G2P service as a process: `python -m services.g2p`."""

import os
import sys
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING

from isogloss import logs, processes
from isogloss.code_version import CodeVersion, version_of
from isogloss.g2p.v1 import g2p_pb2, g2p_pb2_grpc
from isogloss.server import Mounted, serve
from isogloss.settings import Settings, settings
from services.g2p.servicer import G2PServicer

if TYPE_CHECKING:
    from services.g2p.corpora import Corpora

PORT = 50051


def build(settings: Settings) -> Mounted:
    """Make the servicer. Without S3 credentials it serves all but ConvertCorpus, which then says so."""
    servicer = G2PServicer(partial(_corpora, settings, version_of("services.g2p.corpora")))
    if settings.g2p_http_port:
        _serve_http(settings)
    add = partial(g2p_pb2_grpc.add_G2PServiceServicer_to_server, servicer)
    # Converting keeps a core busy: more at once would only make all of them late.
    return Mounted(add, drain=servicer.drain, at_once=4 * (os.cpu_count() or 1))


def _serve_http(settings: Settings) -> None:
    """HTTP and JSON on a port of its own, in a thread that ends with the process; several share the port."""
    import uvicorn

    from isogloss.g2p.http import app

    host = (settings.listen or "127.0.0.1:").rpartition(":")[0].strip("[]")
    config = uvicorn.Config(
        app(), host=host, port=settings.g2p_http_port, log_level="warning", log_config=None
    )
    sockets = None if processes.number() is None else [processes.shared_socket(host, settings.g2p_http_port)]
    Thread(target=uvicorn.Server(config).run, args=(sockets,), name="http", daemon=True).start()


def _corpora(settings: Settings, version: CodeVersion) -> "Corpora":
    from services.g2p.corpora import Corpora  # see there

    return Corpora(settings, version)


def main() -> None:
    """One process, or the parent of several."""
    config = settings()
    if config.g2p_processes > 1 and processes.number() is None:
        logs.configure("g2p", config.log_level)
        address = config.listen or f"127.0.0.1:{PORT}"
        sys.exit(processes.run("services.g2p", config.g2p_processes, address, config))
    serve("g2p", g2p_pb2.DESCRIPTOR.services_by_name["G2PService"].full_name, PORT, build)


if __name__ == "__main__":
    main()
