"""CI on any forge calls the same make targets, and each test is in one of their jobs."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT

MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
JOBS = {
    name.lower(): paths.split()
    for name, paths in re.findall(r"^(UNIT|CONTRACT|STACK) := (.*)$", MAKEFILE, re.MULTILINE)
}
FORGES = (".github/workflows/ci.yaml", ".gitlab-ci.yml")


def job_of(file: Path) -> list[str]:
    """The jobs that run a file of tests: that with the longest path to it."""
    folders = {folder: job for job, paths in JOBS.items() for folder in paths}
    held = [folder for folder in folders if file.is_relative_to(ROOT / folder)]
    return [folders[folder] for folder in held if len(folder) == max(map(len, held))]


def test_each_test_is_in_one_job() -> None:
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    assert files
    assert [file for file in files if len(job_of(file)) != 1] == []


def test_what_one_job_leaves_out_is_in_another() -> None:
    ignored = re.findall(r"--ignore (tests\S+)\)", MAKEFILE)
    assert ignored
    assert set(ignored) <= {path for paths in JOBS.values() for path in paths}


def scripts(node: object) -> Iterator[str]:
    """Every command in a pipeline."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name in ("run", "script"):
                yield from [value] if isinstance(value, str) else value
            else:
                yield from scripts(value)
    elif isinstance(node, list):
        for item in node:
            yield from scripts(item)


@pytest.mark.parametrize("forge", FORGES)
def test_a_forge_calls_make_and_has_no_tests_of_its_own(forge: str) -> None:
    commands = list(scripts(yaml.safe_load((ROOT / forge).read_text())))
    called = {word for line in commands for word in re.findall(r'make "?([$\w-]+)', line)}
    assert called
    assert {name for name in called if not name.startswith("$")} <= TARGETS
    assert not any("pytest" in line for line in commands)


def test_both_forges_run_all_three_jobs() -> None:
    github, gitlab = (yaml.safe_load((ROOT / forge).read_text()) for forge in FORGES)
    assert set(github["jobs"]["test"]["strategy"]["matrix"]["target"]) == set(JOBS)
    assert set(JOBS) <= {name for name in gitlab if not name.startswith(".")}
