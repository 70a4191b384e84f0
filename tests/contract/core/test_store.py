"""The store against a real S3 server: what can be read is whole, and what fails says what to do."""

import dataclasses
from pathlib import Path

import pytest
from pydantic import SecretStr

from isogloss.artifacts import JSON
from isogloss.errors import DataLoss, Denied, InvalidInput, NotFound
from isogloss.keys import make_key
from isogloss.manifests import Manifest
from isogloss.store import Store
from tests.conftest import S3Server

KEY = "ab" * 32


def test_reads_back_what_was_put(store: Store, tmp_path: Path) -> None:
    artifact = store.put("test", KEY, "attempt", "file.json", b"{}", JSON)
    assert artifact.uri == f"s3://{store.bucket}/test/{KEY}/attempt/file.json"
    assert store.get(artifact) == b"{}"
    assert store.fetch(artifact, tmp_path / "file").read_bytes() == b"{}"


def test_large_files_go_through_disk(store: Store, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(bytes(range(256)) * 40_000)
    artifact = store.put_file("test", KEY, "attempt", "large", source, "application/octet-stream")
    assert artifact.size == source.stat().st_size
    assert store.fetch(artifact, tmp_path / "copy").read_bytes() == source.read_bytes()


def test_bytes_that_differ_are_refused(store: Store, tmp_path: Path) -> None:
    artifact = store.put("test", KEY, "attempt", "file", b"promised", JSON)
    store.put("test", KEY, "attempt", "file", b"replaced", JSON)
    with pytest.raises(DataLoss, match="expected 8 bytes"):
        store.get(artifact)
    with pytest.raises(DataLoss):
        store.fetch(artifact, tmp_path / "file")
    assert list(tmp_path.iterdir()) == [], "a refused file must leave nothing behind"


def test_missing_artifact_is_named(store: Store) -> None:
    artifact = store.put("test", KEY, "attempt", "gone", b"x", JSON)
    store.remove([f"test/{KEY}/attempt/gone"])
    with pytest.raises(NotFound, match="gone"):
        store.get(artifact)


@pytest.mark.parametrize("name", ["../secret", "a/b", "", ".hidden", "x" * 200, "a\0b", "%2e%2e"])
def test_names_cannot_leave_their_place(store: Store, name: str) -> None:
    with pytest.raises(InvalidInput):
        store.put("test", KEY, "attempt", name, b"x", JSON)


@pytest.mark.parametrize("uri", ["s3://other/test/x", "s3://isogloss-test/../x", "s3://isogloss-test/a//b"])
def test_references_to_elsewhere_are_refused(store: Store, uri: str) -> None:
    artifact = dataclasses.replace(store.put("test", KEY, "attempt", "file", b"x", JSON), uri=uri)
    with pytest.raises(InvalidInput, match="uri"):
        store.get(artifact)


def test_a_manifest_makes_the_artifact_whole(store: Store) -> None:
    key = make_key("test", {"language": "whole"}, "1")
    assert store.manifest("test", key) is None
    file = store.put("test", key, "attempt", "file", b"x", JSON)
    manifest = Manifest(
        kind="test",
        key=key,
        attempt="attempt",
        request={"language": "whole"},
        inputs={"corpus": file},
        code_version="1",
        libraries={},
        hardware={},
        started="",
        finished="",
        files={"file": file},
        result={"score": 1.5},
        seed=7,
    )
    standing = store.commit(manifest)
    assert store.manifest("test", key) == manifest
    assert store.manifest_artifact("test", key) == standing


def test_wrong_credentials_say_which_settings_to_check(s3: S3Server) -> None:
    wrong = s3.settings.model_copy(update={"s3_secret_key": SecretStr("wrong")})
    with pytest.raises(Denied, match="ISOGLOSS_S3_SECRET_KEY"):
        Store.from_settings(wrong).put("test", KEY, "attempt", "file", b"x", JSON)


def test_missing_credentials_are_an_error_not_a_default(s3: S3Server) -> None:
    missing = s3.settings.model_copy(update={"s3_secret_key": None})
    with pytest.raises(Denied, match="ISOGLOSS_S3_SECRET_KEY"):
        Store.from_settings(missing)


def test_a_server_that_was_killed_is_waited_for(tmp_path: Path) -> None:
    server = S3Server(tmp_path)
    server.start()
    try:
        store = Store.from_settings(server.settings)
        artifact = store.put("test", KEY, "attempt", "file", b"acknowledged", JSON)
        server.kill()
        server.start()
        assert store.get(artifact) == b"acknowledged"
    finally:
        server.kill()
