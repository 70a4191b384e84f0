"""`isogloss export --push` hands a directory to huggingface_hub. The hub is a stub of its HTTP interface,
in this file: what is sent is real, what would become of it is not.
"""

import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

FILES = {
    "README.md": b"---\nlibrary_name: transformers\n---\n# A model\n",
    "config.json": b"{}",
    "model.safetensors": bytes(range(256)),
}


class Hub(ThreadingHTTPServer):
    """Takes repositories and commits; `status` is what it answers to making a repository."""

    def __init__(self, status: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = status
        self.made: list[str] = []
        self.files: dict[str, bytes] = {}
        self.tokens: set[str] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Hub

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.tokens.add(self.headers.get("Authorization", ""))
        if self.path == "/api/repos/create":
            asked = json.loads(body)
            name = "/".join(filter(None, (asked.get("organization"), asked["name"])))
            self.server.made.append(name)
            answer: Any = {"url": f"{self.server.url}/{name}"}
            return self._answer(self.server.status, answer if self.server.status == 200 else {"error": "no"})
        if self.path.endswith("/preupload/main"):
            files = [{"path": item["path"], "uploadMode": "regular", "shouldIgnore": False}
                     for item in json.loads(body)["files"]]  # fmt: skip
            return self._answer(200, {"files": files})
        if self.path.endswith("/commit/main"):
            for line in body.decode().splitlines():
                entry = json.loads(line)
                if entry["key"] == "file":
                    self.server.files[entry["value"]["path"]] = base64.b64decode(entry["value"]["content"])
            url = f"{self.server.url}/me/model/commit/{'0' * 40}"
            return self._answer(200, {"commitUrl": url, "commitOid": "0" * 40, "success": True})
        return self._answer(200, {"errors": [], "warnings": []})  # of the card's metadata

    def do_GET(self) -> None:
        self._answer(404, {"error": "not here"})

    def log_message(self, *arguments: Any) -> None:
        pass

    def _answer(self, status: int, content: Any) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def serving(status: int = 200) -> Iterator[Hub]:
    hub = Hub(status)
    thread = threading.Thread(target=hub.serve_forever)
    thread.start()
    try:
        yield hub
    finally:
        hub.shutdown()
        thread.join()
        hub.server_close()


def pushed(folder: Path, home: Path, endpoint: str, repository: str = "me/model") -> tuple[int, str]:
    """In a process of its own: huggingface_hub reads its settings when it is imported."""
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    code = (
        "import sys; from pathlib import Path; from isogloss.errors import IsoglossError\n"
        "from isogloss.export import push\n"
        "try: print(push(Path(sys.argv[1]), sys.argv[2]))\n"
        "except IsoglossError as error: sys.exit(f'{type(error).__name__}: {error.message}')\n"
    )
    environment = os.environ | {
        "HF_ENDPOINT": endpoint, "HF_TOKEN": "hf_secret", "HF_HOME": str(home),
        "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_XET": "1", "HF_HUB_OFFLINE": "0",
        "NO_PROXY": "127.0.0.1",
    }  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code, str(folder), repository],
                          env=environment, capture_output=True, text=True, timeout=110)  # fmt: skip
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    folder, home = tmp_path / "model", tmp_path / "home"
    folder.mkdir()
    return folder, home


def test_every_file_of_the_directory_is_sent(folders: tuple[Path, Path]) -> None:
    with serving() as hub:
        code, said = pushed(*folders, hub.url)
    assert code == 0, said
    assert hub.made == ["me/model"]
    assert hub.files == FILES
    assert "Bearer hf_secret" in hub.tokens
    assert "/me/model" in said


def test_a_hub_that_refuses_says_what_to_do(folders: tuple[Path, Path]) -> None:
    with serving(403) as hub:
        code, said = pushed(*folders, hub.url)
    assert code == 1
    assert "Denied" in said
    assert "HF_TOKEN" in said
    assert "Traceback" not in said
    assert hub.files == {}


def test_a_name_that_is_none_is_refused_before_anything_is_sent(folders: tuple[Path, Path]) -> None:
    code, said = pushed(*folders, "http://127.0.0.1:9", "a/b/c")
    assert code == 1
    assert "InvalidInput: --push" in said
