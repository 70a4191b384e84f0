"""`isogloss g2p` as a filter: a line out for each line in."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT


def run(
    *arguments: str, text: str | bytes = "", cwd: Path = ROOT, path: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "isogloss.cli", "g2p", *arguments]
    data = text.encode() if isinstance(text, str) else text
    environment = os.environ | ({"PYTHONPATH": str(path)} if path else {})
    return subprocess.run(
        command, input=data, capture_output=True, cwd=cwd, env=environment, timeout=60, check=False
    )


def test_a_line_for_each_line_without_a_server() -> None:
    done = run("--lang", "fra", "--local", text="Bonjour\n\nle monde\n")
    assert (done.returncode, done.stdout.decode()) == (0, "bɔ̃ʒuʀ\n\nlə mɔ̃d\n")


def test_without_a_server_in_any_folder(tmp_path: Path) -> None:
    """The engine is in the package: neither a checkout nor a server is needed."""
    assert run("--lang", "fra", "--local", text="le\n", cwd=tmp_path).stdout.decode() == "lə\n"
    shutil.copytree(ROOT / "isogloss", tmp_path / "site" / "isogloss")
    copied = run("--lang", "fra", "--local", text="le\n", cwd=tmp_path, path=tmp_path / "site")
    assert copied.stdout.decode() == "lə\n"


def test_with_a_server_and_a_file(g2p_address: str, tmp_path: Path) -> None:
    file = tmp_path / "lines.txt"
    file.write_text("Bonjour le monde\n", encoding="utf-8")
    done = run("--lang", "fra", "--target", g2p_address, "--format", "sequence", str(file))
    assert done.stdout.decode() == "b ɔ̃ ʒ u ʀ ▁ l ə ▁ m ɔ̃ d\n"


def test_json_has_words_with_offsets() -> None:
    (line,) = run("--lang", "fra", "--local", "-f", "json", text="le monde\n").stdout.decode().splitlines()
    assert [(word["start"], word["end"]) for word in json.loads(line)["words"]] == [(0, 2), (3, 8)]


def test_quality_shows_rates_and_worst_words() -> None:
    done = run("--lang", "urd", "--local", "--normalization", "none", "--quality", text="یہ کتاب\n")
    assert "100.00%" in done.stdout.decode()
    assert "یہ" in done.stdout.decode()


def test_a_line_that_cannot_be_read_is_named_by_a_service_too(g2p_address: str) -> None:
    done = run("--lang", "fra", "--target", g2p_address, "--quality", text=b"a\n\xff\n")
    assert "line 2 is not UTF-8" in done.stderr.decode()


def test_what_is_wrong_is_said_in_a_line() -> None:
    assert "tlh" in run("--lang", "tlh", "--local", text="x\n").stderr.decode()
    assert "line 2 is not UTF-8" in run("--lang", "fra", "--local", text=b"a\n\xff\n").stderr.decode()
    away = run("--lang", "fra", "--target", "127.0.0.1:1", text="x\n")
    assert away.returncode == 1
    assert "--local" in away.stderr.decode()
    assert "Traceback" not in away.stderr.decode()
