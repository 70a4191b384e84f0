"""A local stand-in for the Hugging Face hub and for a host of treebanks: as much of their HTTP as we use.

HEAD, GET /[datasets/]<id>/resolve/<commit>/<file>   with ETag and X-Repo-Commit
GET /api/{models,datasets}/<id>/tree/<commit>[/<dir>]
GET /api/datasets/<id>/revision/<commit or branch>
GET /raw/<anything>                                  a plain file
a gated repository: 401 without a token and 403 with a wrong one, and X-Error-Code: GatedRepo
Range, so that a download that broke off goes on; and downloads that break off, once (`LocalHub.broken`)
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import PurePosixPath
from threading import Thread
from urllib.parse import unquote, urlsplit


@dataclass
class Repository:
    """Files of one commit."""

    commit: str
    files: dict[str, bytes]
    gated_token: str = ""


@dataclass
class LocalHub:
    """What the server serves; `log` has the path of every request.

    The next download of a path in `broken` fails: "cut" closes the connection half-way, "short" says that
    half of the file is the whole.
    """

    models: dict[str, Repository] = field(default_factory=dict)
    datasets: dict[str, Repository] = field(default_factory=dict)
    raw: dict[str, bytes] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    url: str = ""

    @contextmanager
    def serve(self) -> Iterator["LocalHub"]:
        """Serve on loopback."""
        hub = self

        class Handler(_Handler):
            content = hub

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()


class _Handler(BaseHTTPRequestHandler):
    content: LocalHub

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def _answer(self) -> None:
        path = unquote(urlsplit(self.path).path).strip("/")
        self.content.log.append(path)
        if path.startswith("raw/"):
            data = self.content.raw.get(path.removeprefix("raw/"))
            return self._send(404, b"") if data is None else self._send(200, data)
        api = path.startswith("api/")
        parts = path.removeprefix("api/").split("/")
        kind = parts.pop(0) if parts[0] in ("datasets", "models") else "models"
        repositories = self.content.datasets if kind == "datasets" else self.content.models
        repository = repositories.get("/".join(parts[:2]))
        if repository is None:
            return self._send(404, b"", {"X-Error-Code": "RepoNotFound"})
        sent = self.headers.get("Authorization")
        if repository.gated_token and sent != f"Bearer {repository.gated_token}":
            return self._send(403 if sent else 401, b"", {"X-Error-Code": "GatedRepo"})
        action, revision, rest = parts[2], parts[3], "/".join(parts[4:])
        if revision not in (repository.commit, "main"):
            return self._send(404, b"", {"X-Error-Code": "RevisionNotFound"})
        if api:
            return self._send_json(self._api(repository, action, rest))
        data = repository.files.get(rest)
        if data is None:
            return self._send(404, b"", {"X-Error-Code": "EntryNotFound"})
        etag = hashlib.sha256(data).hexdigest()
        return self._send(200, data, {"ETag": f'"{etag}"', "X-Repo-Commit": repository.commit})

    @staticmethod
    def _api(repository: Repository, action: str, folder: str) -> object:
        if action == "revision":
            siblings = [{"rfilename": name} for name in repository.files]
            return {"id": "x/y", "sha": repository.commit, "siblings": siblings, "tags": [], "private": False}
        below = {name: data for name, data in repository.files.items() if name.startswith(folder)}
        folders = {str(parent) for name in below for parent in PurePosixPath(name).parents} - {"."}
        return [
            *({"type": "directory", "path": name, "size": 0, "oid": "0"} for name in sorted(folders)),
            *(
                {"type": "file", "path": name, "size": len(data), "oid": hashlib.sha1(data).hexdigest()}
                for name, data in below.items()
            ),
        ]

    def _send_json(self, record: object) -> None:
        self._send(200, json.dumps(record).encode(), {"Content-Type": "application/json"})

    def _send(self, status: int, data: bytes, headers: dict[str, str] | None = None) -> None:
        asked = self.headers.get("Range", "")
        if status == 200 and asked:
            start = int(asked.removeprefix("bytes=").partition("-")[0])
            headers = {**(headers or {}), "Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"}
            status, data = 206, data[start:]
        flaw = self._flaw() if data and self.command == "GET" else ""
        if flaw == "short":
            data = data[: len(data) // 2]
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data[: len(data) // 2] if flaw == "cut" else data)

    def _flaw(self) -> str:
        return self.content.broken.pop(unquote(urlsplit(self.path).path).strip("/"), "")
