"""What the wheel asks of its dependencies: lower bounds that the generated code needs, and pins that fit."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
BY_PEOPLE_OF_THIS_REPOSITORY = ("dev",)  # who build with constraints.txt
EXTRAS = {
    name: rows
    for name, rows in PROJECT["optional-dependencies"].items()
    if name not in BY_PEOPLE_OF_THIS_REPOSITORY
}
REQUIRED = [
    item
    for item in map(
        Requirement, [*PROJECT["dependencies"], *(row for rows in EXTRAS.values() for row in rows)]
    )
    if item.name != "isogloss"
]
PINS = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line)


def lowest(name: str) -> tuple[int, ...]:
    (bound,) = {
        clause.version
        for item in REQUIRED
        if item.name == name
        for clause in item.specifier
        if clause.operator == ">="
    }
    return tuple(map(int, bound.split(".")))


@pytest.mark.parametrize("item", REQUIRED, ids=str)
def test_a_dependency_has_bounds_that_our_own_version_fits(item: Requirement) -> None:
    assert item.specifier, "say the lowest version that `make release` has tried"
    assert item.specifier.contains(PINS[canonicalize_name(item.name)])


def stubs(ending: str) -> list[Path]:
    return sorted((ROOT / "isogloss").rglob(f"*{ending}"))


def test_grpcio_is_no_older_than_the_stubs() -> None:
    """Generated code refuses an older one when it is imported."""
    versions = {
        re.search(r"GRPC_GENERATED_VERSION = '([\d.]+)'", p.read_text()) for p in stubs("_pb2_grpc.py")
    }
    needed = {tuple(map(int, match[1].split("."))) for match in versions if match}
    assert needed
    assert max(needed) <= lowest("grpcio")


def test_protobuf_is_no_older_than_the_stubs() -> None:
    found = [re.search(r"# Protobuf Python Version: ([\d.]+)", path.read_text()) for path in stubs("_pb2.py")]
    needed = {tuple(map(int, match[1].split("."))) for match in found if match}
    assert needed
    assert max(needed) <= lowest("protobuf")
