"""`isogloss gc` on a real S3 server: results stay, what nobody will read goes, work under way is let be."""

import hashlib
import io
from datetime import UTC, datetime, timedelta

import pytest
from minio import Minio
from typer.testing import CliRunner

from isogloss import garbage
from isogloss.artifacts import JSON
from isogloss.checkpoints import Checkpoints
from isogloss.cli import build
from isogloss.errors import DataLoss
from isogloss.manifests import Manifest
from isogloss.settings import settings
from isogloss.store import Store
from tests.conftest import S3Server

# The server may round times to the second.
LATER = timedelta(seconds=2)


@pytest.fixture
def kept(store: Store, request: pytest.FixtureRequest) -> list[str]:
    """One finished key with a killed attempt and a checkpoint beside its result; names of what must stay."""
    key = hashlib.sha256(request.node.name.encode()).hexdigest()
    store.put("test", key, "killed", "file", b"half", JSON)
    file = store.put("test", key, "good", "file", b"whole", JSON)
    Checkpoints(store, "test", key).save(1, {"weights": b"w"})
    now = datetime.now(UTC).isoformat()
    manifest = Manifest("test", key, "good", {}, {}, "1", {}, {}, now, now, {"file": file}, {})
    store.commit(manifest)
    return [f"test/{key}/good/file", f"test/{key}/manifest.json"]


def _below(store: Store, kept: list[str]) -> list[str]:
    prefix = kept[0].rsplit("/", 2)[0]
    return sorted(item.name for item in store.objects(prefix))


def test_what_the_manifest_names_stays_and_the_rest_goes(store: Store, kept: list[str]) -> None:
    found = garbage.find(store, datetime.now(UTC) + LATER)
    store.remove([item.name for item in found.objects])
    assert _below(store, kept) == sorted(kept)


def test_a_key_under_work_is_left_alone(store: Store, kept: list[str]) -> None:
    before = _below(store, kept)
    found = garbage.find(store, datetime.now(UTC) - timedelta(hours=1))
    assert not {item.name for item in found.objects} & set(before)


def test_an_unreadable_manifest_stops_the_sweep(s3: S3Server, store: Store, kept: list[str]) -> None:
    *_, name = kept
    client = Minio(s3.settings.s3_endpoint, s3.access_key, s3.secret_key, secure=False)
    client.put_object(bucket_name=store.bucket, object_name=name, data=io.BytesIO(b"{"), length=1)
    with pytest.raises(DataLoss, match=name):
        garbage.find(store, datetime.now(UTC) + LATER)
    store.remove([name])


def test_the_command_lists_first_and_removes_when_told(
    s3: S3Server, store: Store, kept: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    before = _below(store, kept)
    runner = CliRunner()
    listed = runner.invoke(build("gc"), ["gc", "--older-than-h", "0"])
    assert listed.exit_code == 0, listed.output
    assert "killed/file" in listed.output
    assert _below(store, kept) == before
    removed = runner.invoke(build("gc"), ["gc", "--older-than-h", "0", "--remove"])
    settings.cache_clear()
    assert removed.exit_code == 0, removed.output
    assert _below(store, kept) == sorted(kept)
