"""Each command that a page names is there, with the options that it is given."""

import re
import shlex
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from isogloss.cli import _COMMANDS, build
from isogloss.cli.checkout import checkout_commands
from tests.conftest import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "services").glob("*/README.md")])
TARGETS = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
_CODE = re.compile(r"^(?: {4}|\t)\S.*$|`[^`\n]+`", re.MULTILINE)
_WORDS = re.compile(r"(?:^|[|;&(] *)(?:\.venv/bin/)?isogloss ((?:[a-z0-9]+ ?)+)(.*)")


def code(page: Path) -> list[str]:
    """Indented and fenced lines, and what stands between backticks, without remarks."""
    text = page.read_text()
    fenced = [
        line
        for block in re.findall(r"^```sh.*?\n(.*?)^```$", text, re.M | re.S)
        for line in block.splitlines()
    ]
    return [item.strip("` ").split("  #")[0] for item in [*_CODE.findall(text), *fenced]]


@cache
def command(name: str) -> Any:
    known = {**_COMMANDS, **checkout_commands()}
    return typer.main.get_command(build(name)).commands[name] if name in known else None


def options(words: list[str]) -> set[str] | None:
    """What the command that is named may be given; None where there is none."""
    inner = command(words[0])
    for word in words[1:]:
        inner = getattr(inner, "commands", {}).get(word, inner)
    if inner is None:
        return None
    inner = getattr(inner, "commands", {}).get("convert", inner)  # `isogloss g2p` converts
    return {"--help", "-h", *(name for item in inner.params for name in [*item.opts, *item.secondary_opts])}


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_of_a_page_exist(page: Path) -> None:
    wrong = []
    for line in code(page):
        for match in _WORDS.finditer(line):
            known = options(match[1].split())
            if known is None:
                wrong.append(line)
                continue
            try:
                words = shlex.split(re.split(r"[|;>]", match[2])[0], comments=True)
            except ValueError:  # a quotation goes on in the next line
                continue
            given = {word.partition("=")[0] for word in words if re.fullmatch(r"--?[a-z][\w-]*(=.*)?", word)}
            wrong += [f"{line}: no {name}" for name in sorted(given - known)]
    assert not wrong, wrong


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_make_targets_of_a_page_exist(page: Path) -> None:
    called = {name for line in code(page) for name in re.findall(r"(?:^|[;&] *)make ([a-z][a-z0-9-]*)", line)}
    assert not called - TARGETS, called - TARGETS
