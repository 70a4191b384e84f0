"""The guides' worked examples are run as they stand: files are written, commands run, outputs looked for."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

_BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def folded(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("guide", ["data.md", "language.md"])
def test_a_guide_does_what_it_says(guide: str, tmp_path: Path) -> None:
    """`sh` and `python` blocks run one after the other in one folder; a `text` block is what the one before
    prints, line by line (white space aside); a block with a name is a file.
    """
    said = ""
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "COLUMNS": "500",
    }
    blocks = _BLOCK.findall((ROOT / "docs" / "guides" / guide).read_text())
    assert len(blocks) > 5
    for kind, name, content in blocks:
        if name:
            (tmp_path / name).write_text(content)
        elif kind == "text":
            for line in content.splitlines():
                assert folded(line) in said
        else:
            command = ["bash", "-ec", content] if kind == "sh" else [sys.executable, "-c", content]
            done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
            said = folded(done.stdout + done.stderr)


def test_the_entries_of_the_guide_are_entries(tmp_path: Path) -> None:
    import yaml

    from sources import ReadOptions

    guide = (ROOT / "docs" / "guides" / "data.md").read_text()
    (entries,) = [content for _, name, content in _BLOCK.findall(guide) if name == "entries.yaml"]
    assert set(ReadOptions(data=yaml.safe_load(entries)).data) == {"pos", "ner", "flores"}


@pytest.mark.parametrize("guide", ["data.md", "language.md"])
def test_a_guide_ends_in_a_checklist(guide: str) -> None:
    last = (ROOT / "docs" / "guides" / guide).read_text().rpartition("## ")[2]
    assert last.startswith("Checklist\n\n- [ ] ")
