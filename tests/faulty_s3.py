"""A proxy before a real S3 server that does to requests and answers what networks and servers do: drops,
flips, cuts, refuses.
"""

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from isogloss.settings import Settings


@dataclass(frozen=True)
class Answer:
    """What the proxy answers by itself, without asking the server."""

    status: int = 200
    code: str = ""  # of S3's error document
    body: bytes = b""


@dataclass(frozen=True)
class Fault:
    """What happens to one request: `sent` and `received` change the bodies, `answer` stands in for all."""

    answer: Answer | None = None
    sent: Callable[[bytes], bytes] = bytes
    received: Callable[[bytes], bytes] = bytes


Rule = Callable[[str, str], Fault | None]
"""From method and path to what happens."""


class FaultyS3:
    """The proxy; set `rule`."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.rule: Rule = lambda method, path: None
        self.requests: list[tuple[str, str]] = []


@contextmanager
def before(upstream: Settings) -> Iterator[tuple[FaultyS3, Settings]]:
    """A proxy before the server that these settings reach, and settings that reach the proxy."""
    host, _, port = upstream.s3_endpoint.partition(":")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            proxy.requests.append((self.command, self.path))
            fault = proxy.rule(self.command, self.path) or Fault()
            if fault.answer is not None:
                document = f"<Error><Code>{fault.answer.code}</Code><Message>no</Message></Error>".encode()
                headers = {"ETag": '"0"', "Content-Type": "application/xml"}
                content = document if fault.answer.code else fault.answer.body
                self._answer(fault.answer.status, headers, content)
                return
            connection = http.client.HTTPConnection(host, int(port), timeout=60)
            sent = fault.sent(body)
            headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
            connection.request(self.command, self.path, sent, headers)
            response = connection.getresponse()
            content = fault.received(response.read())
            self._answer(response.status, dict(response.getheaders()), content)
            connection.close()

        def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
            self.send_response_only(status)
            length = headers.get("Content-Length") if self.command == "HEAD" else str(len(content))
            for name, value in headers.items():
                if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                    self.send_header(name, value)
            self.send_header("Content-Length", length or "0")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = _serve  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    proxy = FaultyS3(server.server_address[1])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield proxy, upstream.model_copy(update={"s3_endpoint": f"127.0.0.1:{proxy.port}"})
    finally:
        server.shutdown()
        server.server_close()
