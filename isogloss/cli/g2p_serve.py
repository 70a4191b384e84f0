"""`isogloss g2p serve`: G2P over HTTP and JSON, from the package alone."""

from typing import Annotated

import typer

from isogloss.errors import InvalidInput


def serve(
    port: Annotated[int, typer.Option(help="port to listen on")] = 8080,
    host: Annotated[str, typer.Option(help="address to listen on; 0.0.0.0: all")] = "127.0.0.1",
    processes: Annotated[int, typer.Option(min=1, help="processes behind the one port")] = 1,
) -> None:
    """Serve G2P over HTTP and JSON.

    curl -s localhost:8080/v1/convert -d '{"language": "fr", "texts": ["Bonjour le monde"]}'
    """
    try:
        import uvicorn
    except ModuleNotFoundError:
        fix = "pip install 'isogloss[g2p]'"
        raise InvalidInput("serve", "uvicorn is not installed", fix) from None
    typer.echo(f"G2P on http://{host}:{port}/v1/convert, described at /openapi.json", err=True)
    uvicorn.run(
        "isogloss.g2p.http:app", host=host, port=port, workers=processes, factory=True, log_level="warning"
    )
