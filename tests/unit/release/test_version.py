"""The release stands in one file, and everything that names it says the same."""

import re
import shutil
import subprocess
from importlib import metadata
from pathlib import Path

import pytest
from typer.testing import CliRunner

import isogloss
from flows.revision import revision
from isogloss.cli import build
from isogloss.code_version import sources
from tests.conftest import ROOT
from tests.k8s.rendering import OVERLAYS, containers, pod_templates, render
from tools import version

RELEASE = (ROOT / "isogloss" / "VERSION").read_text().strip()
MAY_NAME_IT = {"isogloss/VERSION", "CHANGELOG.md", *version.COPIES}


def test_package_and_command_say_it() -> None:
    assert isogloss.__version__ == RELEASE
    assert CliRunner().invoke(build(None), ["--version"]).output == f"isogloss {RELEASE}\n"


def test_what_pip_installed_says_it() -> None:
    assert metadata.version("isogloss") == RELEASE, "isogloss/VERSION is newer than .venv: make install"


def test_a_run_says_it_and_the_commit() -> None:
    assert re.fullmatch(rf"{re.escape(RELEASE)}(\+[0-9a-f]{{12}}(\.dirty)?)?", revision())


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_image_of_ours_that_is_applied_is_of_it(overlay: str) -> None:
    images = {
        item["image"] for _, template in pod_templates(render(overlay)) for item in containers(template)
    }
    ours = {image for image in images if image.startswith("localhost/isogloss/")}
    assert len(ours) == 5
    assert {image.rpartition(":")[2] for image in ours} == {RELEASE}


def test_copies_are_current() -> None:
    assert version.stale() == []


def test_nothing_else_names_it() -> None:
    """Another place would be forgotten; `==` before it is another package's."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    named = re.compile(rf"(?<![\d.=])v?{re.escape(RELEASE)}(?![\d.]|\w)")
    strays = []
    for name in set(listed.split()) - MAY_NAME_IT:
        try:
            text = (ROOT / name).read_text()
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue
        strays += [name] if named.search(text) else []
    assert strays == []


def test_a_release_alone_makes_no_result_anew(tmp_path: Path) -> None:
    """Keys go by what computes: a new number on the same code finds the old results."""
    shutil.copytree(ROOT / "isogloss", tmp_path / "isogloss", ignore=shutil.ignore_patterns("__pycache__"))
    before = sources("isogloss.work", root=tmp_path)
    (tmp_path / "isogloss" / "VERSION").write_text("99.0.0\n")
    assert sources("isogloss.work", root=tmp_path) == before
    (tmp_path / "isogloss" / "keys.py").write_text("")
    assert sources("isogloss.work", root=tmp_path) != before


def test_a_new_release_is_written_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("isogloss/VERSION", *version.COPIES):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    monkeypatch.setattr(version, "ROOT", tmp_path)
    monkeypatch.setattr(version, "SOURCE", tmp_path / "isogloss" / "VERSION")
    (tmp_path / "isogloss" / "VERSION").write_text("9.8.7\n")
    assert version.stale() == list(version.COPIES)
    version.write("9.8.8rc1")
    assert version.stale() == []
    assert "9.8.8rc1" in (tmp_path / "CITATION.cff").read_text()
