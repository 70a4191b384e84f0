"""The version of code: every module of ours that a worker imports, and every setting that can change a
result.
"""

import json
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from isogloss.code_version import CodeVersion, modules_of, sources, version_of
from tests.conftest import ROOT

ENTRIES = [
    "services.trainer.servicer",
    "services.trainer.worker",
    "services.trainer.unpickle",
    "services.embedder.servicer",
    "services.embedder.worker",
    "services.g2p.corpora",
    "services.metrics.servicer",
]
SETTINGS: list[dict[str, str]] = [
    {},
    {"ISOGLOSS_TORCH_COMPILE": "true"},
    {"ISOGLOSS_TORCH_THREADS": "3"},
    {"ISOGLOSS_LOG_LEVEL": "DEBUG"},
    {"ISOGLOSS_CHECKPOINT_EVERY_S": "7"},
]


@pytest.fixture(scope="module")
def said() -> dict[str, Any]:
    """What one process, which pays for torch once, says of all entries and of a trainer's settings."""
    script = """
        import dataclasses, importlib, json, os, sys
        from isogloss import child
        from isogloss.settings import settings

        loaded = {}
        for entry in json.loads(sys.argv[1]):
            before = set(sys.modules)
            importlib.import_module(entry)
            loaded[entry] = sorted(set(sys.modules) - before)

        def version(**environment):
            os.environ.update(environment)
            settings.cache_clear()
            told = []
            child.serve = lambda handlers, version: told.append(version)
            sys.modules["services.trainer.worker"].main()
            for name in environment:
                del os.environ[name]
            return dataclasses.asdict(told[0])

        versions = {str(number): version(**item) for number, item in enumerate(json.loads(sys.argv[2]))}
        print(json.dumps({"loaded": loaded, "versions": versions}))
    """
    command = [sys.executable, "-c", textwrap.dedent(script), json.dumps(ENTRIES), json.dumps(SETTINGS)]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    return dict(json.loads(shown.stdout))


def test_the_walk_finds_every_module_of_ours_that_python_loads(said: dict[str, Any]) -> None:
    for entry, modules in said["loaded"].items():
        ours = {name for name in modules if name.partition(".")[0] in ("isogloss", "services")}
        assert entry in ours
        assert ours <= set(modules_of(entry))


@pytest.mark.timeout(600)
def test_a_touch_of_any_module_makes_another_version(tmp_path: Path) -> None:
    for package in ("isogloss", "services"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    touched: set[Path] = set()
    for entry in ENTRIES:
        before = sources(entry, root=tmp_path)
        for name, path in modules_of(entry, root=tmp_path).items():
            if path.is_dir() or path in touched:
                continue
            touched.add(path)
            content = path.read_bytes()
            path.write_bytes(content + b"\n# another comment\n")
            assert sources(entry, root=tmp_path) != before, name
            path.write_bytes(content)
        assert sources(entry, root=tmp_path) == before, "what is written back is the same version"
    assert len(touched) > 60


def test_what_another_service_imports_alone_does_not_matter(tmp_path: Path) -> None:
    for package in ("isogloss", "services"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    before = sources("services.embedder.worker", root=tmp_path)
    (tmp_path / "services/metrics/servicer.py").write_text("changed = True\n")
    (tmp_path / "isogloss/cli/gc.py").write_text("changed = True\n")
    assert sources("services.embedder.worker", root=tmp_path) == before


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("import isogloss.b", True),
        ("import json, isogloss.b as other", True),
        ("from isogloss import b", True),
        ("from isogloss import (\n    c,  # why\n    b,\n)", True),
        ("from isogloss import c, \\\n    b", True),
        ("from isogloss.b import something", True),
        ("from . import b", True),
        ("from .b import something", True),
        ("def late():\n    from isogloss import b\n", True),
        ("try:\n    import isogloss.b\nexcept ImportError:\n    pass", True),
        ("if TYPE_CHECKING:\n    from isogloss import b\n\nx = 1", False),
        ("if TYPE_CHECKING:\n    from isogloss import c\nimport isogloss.b", True),
        ("x = 'import isogloss.b'", False),
    ],
)  # fmt: skip
def test_imports_are_found_however_they_are_written(statement: str, found: bool, tmp_path: Path) -> None:
    package = tmp_path / "isogloss"
    package.mkdir()
    for name, text in {"__init__": "", "a": statement, "b": "", "c": ""}.items():
        (package / f"{name}.py").write_text(text + "\n")
    assert ("isogloss.b" in modules_of("isogloss.a", root=tmp_path)) == found


def test_data_beside_a_module_is_part_of_it(tmp_path: Path) -> None:
    package = tmp_path / "isogloss"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "a.py").write_text("")
    (package / "table.tsv").write_text("one")
    before = sources("isogloss.a", root=tmp_path)
    (package / "table.tsv").write_text("two")
    assert sources("isogloss.a", root=tmp_path) != before


def test_libraries_and_settings_are_part_of_it() -> None:
    base = version_of("isogloss.errors", libraries=("numpy",), device="cpu")
    assert base.environment.keys() >= {"python", "unicode", "numpy", "device"}
    assert base.id != version_of("isogloss.errors", libraries=("numpy", "pyarrow"), device="cpu").id
    assert base.id != version_of("isogloss.errors", libraries=("numpy",), device="cuda 9.0").id
    assert (base + CodeVersion("x", {})).id != base.id


def test_every_setting_that_changes_a_training_makes_another_version(said: dict[str, Any]) -> None:
    versions = [CodeVersion(**item) for item in said["versions"].values()]
    base, *changed = versions
    names = {"torch", "transformers", "tokenizers", "numpy", "pyarrow", "safetensors", "unicode"}
    assert names | {"device", "precision_auto", "compiled", "threads"} <= base.environment.keys()
    for settings, version in zip(SETTINGS[1:], changed, strict=True):
        changes_results = any("TORCH" in name for name in settings)
        assert (version.id != base.id) == changes_results, settings
