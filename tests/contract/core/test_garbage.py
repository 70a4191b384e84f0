"""`isogloss gc` on a real S3 server: results stay, what nobody will read goes, work under way is let be."""

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from minio import Minio
from typer.testing import CliRunner

from isogloss import garbage
from isogloss.artifacts import JSON
from isogloss.attempt import Attempt
from isogloss.checkpoints import Checkpoints
from isogloss.cli import build
from isogloss.keys import make_key
from isogloss.settings import settings
from isogloss.store import Store
from tests.conftest import S3Server
from tests.contract.core.jobs import Counted, finished, new_job, perform, workplace

# The server may round times to the second.
LATER = timedelta(seconds=2)


@pytest.fixture
def kept(store: Store, request: pytest.FixtureRequest) -> list[str]:
    """One finished key with a killed attempt and a checkpoint beside its result; names of what must stay."""
    asked = {"language": request.node.name}
    key = make_key("test", asked, "1")
    store.put("test", key, "killed", "file", b"half", JSON)
    Checkpoints(store, "test", key).save(1, {"weights": b"w"})
    finished(store, asked, {"file": b"whole"})
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


def test_files_of_an_unreadable_manifest_stay_and_the_sweep_goes_on(
    s3: S3Server, store: Store, kept: list[str]
) -> None:
    *_, name = kept
    raw = Minio(s3.settings.s3_endpoint, s3.access_key, s3.secret_key, secure=False)
    raw.put_object(bucket_name=store.bucket, object_name=name, data=io.BytesIO(b"{"), length=1)
    store.put("test", "ee" * 32, "killed", "file", b"half", JSON)
    before = _below(store, kept)
    found = garbage.find(store, datetime.now(UTC) + LATER)
    garbage.sweep(store, found, datetime.now(UTC) + LATER)
    assert any(name in problem for problem in found.damaged)
    assert _below(store, kept) == before
    assert list(store.objects("test/" + "ee" * 32)) == []
    store.remove([name])


def test_what_a_running_call_reads_and_writes_is_safe_at_every_age(store: Store) -> None:
    unnamed = store.put("inputs", "aa" * 32, "a", "corpus", b"no manifest names it", JSON)
    begun, swept = threading.Event(), threading.Event()

    def slowly(attempt: Attempt) -> dict[str, object]:
        attempt.write("early", b"written before the sweep", JSON)
        begun.set()
        swept.wait(60)
        assert attempt.store.get(unnamed)
        return {}

    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(perform, workplace(store), new_job(unnamed), Counted(slowly))
        assert begun.wait(10)
        now = datetime.now(UTC) + LATER
        garbage.sweep(store, garbage.find(store, now), now)
        swept.set()
        manifest = call.result(60).manifest
    assert all(store.is_whole(file) for file in (unnamed, *manifest.files.values()))
    now = datetime.now(UTC) + LATER
    assert garbage.sweep(store, garbage.find(store, now), now), "once nothing runs, what is unnamed goes"
    assert not store.is_whole(unnamed)
    assert store.manifest("test", manifest.key) == manifest


def test_check_finds_what_is_damaged_and_forgets_it_when_told(
    s3: S3Server, store: Store, kept: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    file, manifest = kept
    raw = Minio(s3.settings.s3_endpoint, s3.access_key, s3.secret_key, secure=False)
    raw.put_object(bucket_name=store.bucket, object_name=file, data=io.BytesIO(b"whale"), length=5)
    runner = CliRunner()
    told = runner.invoke(build("gc"), ["gc", "--check"])
    assert told.exit_code == 1
    assert file in told.output
    assert manifest in _below(store, kept), "it is only told"
    assert runner.invoke(build("gc"), ["gc", "--check", "--remove"]).exit_code == 0
    assert manifest not in _below(store, kept)
    assert file not in runner.invoke(build("gc"), ["gc", "--check"]).output
    settings.cache_clear()


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
