"""The pages' commands are run as they stand: files are written, commands run, outputs looked for."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

DOCS = ROOT / "docs"
GUIDES = ("guides/data.md", "guides/language.md", "guides/metric.md", "guides/backend.md")
RUN = (*GUIDES, "tutorials/language.md", "tutorials/g2p.md", "tutorials/cluster.md", "explanations/keys.md")
NOT_RUN = "not run here"
"""In a block's first line, with the reason, or with what runs it."""

_BLOCK = re.compile(r"^```(\w+)(?: ([^\n]+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: str) -> list[tuple[str, str, str]]:
    """(language, second word, content) of each fenced block."""
    return _BLOCK.findall((DOCS / page).read_text())


def folded(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("page", RUN)
def test_a_page_does_what_it_says(page: str, tmp_path: Path) -> None:
    """`sh` and `python` blocks run one after the other in one folder; a `text` block is what the one before
    prints, line by line (white space aside); a block with a name is a file. `ROOT` is the checkout.
    """
    said = ""
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "ROOT": str(ROOT),
        "COLUMNS": "500",
    }
    assert blocks(page)
    for kind, name, content in blocks(page):
        if name.startswith(NOT_RUN):
            continue
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


@pytest.mark.parametrize("page", sorted(str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md")))
def test_a_shell_block_is_run_or_says_why_not(page: str) -> None:
    if page not in RUN:
        assert [name for kind, name, _ in blocks(page) if kind == "sh" and not name.startswith(NOT_RUN)] == []


def test_what_runs_a_block_elsewhere_is_there() -> None:
    named = [
        path
        for page in DOCS.rglob("*.md")
        for _, name, _ in blocks(str(page.relative_to(DOCS)))
        if name.startswith(NOT_RUN)
        for path in re.findall(r"tests/[\w/.]+\w", name)
    ]
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_entries_of_the_guide_are_entries(tmp_path: Path) -> None:
    import yaml

    from sources import ReadOptions

    (entries,) = [content for _, name, content in blocks("guides/data.md") if name == "entries.yaml"]
    assert set(ReadOptions(data=yaml.safe_load(entries)).data) == {"pos", "ner", "flores"}


@pytest.mark.parametrize("guide", GUIDES)
def test_a_guide_ends_in_a_checklist(guide: str) -> None:
    last = (DOCS / guide).read_text().rpartition("## ")[2]
    assert last.startswith("Checklist\n\n- [ ] ")
