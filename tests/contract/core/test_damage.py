"""What is damaged is found, counts as absent, and is made again; what is cut or flipped on the way is sent
and read again.
"""

import io
import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from minio import Minio

from isogloss.artifacts import JSON, Artifact
from isogloss.checkpoints import Checkpoints
from isogloss.errors import DataLoss, Denied, NotFound, Unavailable
from isogloss.store import Store
from tests import faulty_s3
from tests.conftest import S3Server
from tests.contract.core.jobs import Counted, finished, new_job, perform, workplace
from tests.faulty_s3 import Answer, Fault, FaultyS3

KEY = "ba" * 32


@pytest.fixture
def raw(s3: S3Server) -> Minio:
    """The server without our checks."""
    return Minio(s3.settings.s3_endpoint, s3.access_key, s3.secret_key, secure=False)


@pytest.fixture
def faulty(s3: S3Server) -> Iterator[tuple[FaultyS3, Store]]:
    """A store behind a proxy that can be told what to do; it waits for 3 s at most."""
    with faulty_s3.before(s3.settings) as (proxy, settings):
        yield proxy, Store.from_settings(settings.model_copy(update={"s3_patience_s": 3.0}))


def overwrite(raw: Minio, artifact_or_name: Artifact | str, data: bytes) -> None:
    name = artifact_or_name if isinstance(artifact_or_name, str) else artifact_or_name.uri.split("/", 3)[3]
    raw.put_object(bucket_name="isogloss-test", object_name=name, data=io.BytesIO(data), length=len(data))


def flip(data: bytes, place: int) -> bytes:
    flipped = bytearray(data)
    flipped[place // 8] ^= 1 << place % 8
    return bytes(flipped)


def test_a_flipped_result_is_found_where_it_is_read_and_made_again(store: Store, raw: Minio) -> None:
    job, compute, place = new_job(), Counted(), workplace(store)
    file = perform(place, job, compute).manifest.files["file"]
    whole = store.get(file)
    overwrite(raw, file, flip(whole, 13))
    with pytest.raises(DataLoss, match="makes it anew"):
        store.get(file)
    again = perform(place, job, compute)
    assert compute.runs == 2
    assert store.get(again.manifest.files["file"]) == whole


def test_a_result_whose_file_is_gone_is_made_again(store: Store) -> None:
    job, compute, place = new_job(), Counted(), workplace(store)
    done = perform(place, job, compute)
    store.remove([done.manifest.files["file"].uri.split("/", 3)[3]])
    again = perform(workplace(store), job, compute)
    assert compute.runs == 2
    assert store.is_whole(again.manifest.files["file"])


@pytest.mark.parametrize("cut", [0, 1, 200])
def test_a_cut_manifest_is_none(store: Store, raw: Minio, cut: int) -> None:
    job, compute = new_job(), Counted()
    perform(workplace(store), job, compute)
    name = f"test/{job.key}/manifest.json"
    overwrite(raw, name, store.read(name)[:cut])
    assert store.manifest("test", job.key) is None
    perform(workplace(store), job, compute)
    assert compute.runs == 2
    assert store.manifest("test", job.key) is not None


def test_every_flipped_bit_of_a_stored_manifest_counts_as_absent(store: Store, raw: Minio) -> None:
    manifest = finished(store, {"language": "eng"}, {"file": b"x"})
    name = f"test/{manifest.key}/manifest.json"
    whole = store.read(name)
    for place in random.Random(1).sample(range(8 * len(whole)), 60):
        overwrite(raw, name, flip(whole, place))
        assert store.manifest("test", manifest.key) in (None, manifest)
    overwrite(raw, name, whole)
    assert store.manifest("test", manifest.key) == manifest


def test_a_caller_who_promises_other_bytes_makes_nobody_forget(store: Store) -> None:
    manifest = finished(store, {"language": "fra"}, {"file": b"right"})
    file = manifest.files["file"]
    with pytest.raises(DataLoss):
        store.get(Artifact(file.uri, "0" * 64, file.size, file.media_type))
    assert store.manifest("test", manifest.key) == manifest


def test_a_manifest_at_a_foreign_key_is_none(store: Store, raw: Minio) -> None:
    one = finished(store, {"language": "one"}, {"file": b"1"})
    other = finished(store, {"language": "other"}, {"file": b"2"})
    overwrite(raw, f"test/{other.key}/manifest.json", store.read(f"test/{one.key}/manifest.json"))
    assert store.manifest("test", other.key) is None
    assert store.manifest("test", one.key) == one


def test_flipped_bits_of_a_checkpoint_never_stop_the_work(store: Store, raw: Minio) -> None:
    checkpoints = Checkpoints(store, "test", KEY)
    name = f"test/{KEY}/checkpoint/latest.json"
    for place in range(0, 8 * 150, 17):
        checkpoints.save(1, {"weights": b"one"})
        overwrite(raw, name, flip(store.read(name), place))
        assert checkpoints.load() in (None, (1, {"weights": b"one"}))
    for broken in (
        b"",
        b"[]",
        b'{"number": {}, "files": []}',
        b"[" * 200_000,
        b'{"number":1,"files":{"a":3}}',
    ):
        overwrite(raw, name, broken)
        assert checkpoints.load() is None
        checkpoints.save(2, {"weights": b"two"})
        assert checkpoints.load() == (2, {"weights": b"two"})
    checkpoints.drop()


def once(fault: Fault, method: str, part: str, times: int = 1) -> faulty_s3.Rule:
    """That fault for the first requests of a method whose path holds `part`."""
    left = [times]

    def rule(called: str, path: str) -> Fault | None:
        if called == method and part in path and left[0]:
            left[0] -= 1
            return fault
        return None

    return rule


@pytest.mark.parametrize(
    "fault",
    [
        Fault(sent=lambda body: flip(body, 5)),
        Fault(answer=Answer(200)),
        Fault(answer=Answer(500, "InternalError")),
    ],
    ids=["flipped in flight", "answered 200 and dropped", "refused once"],
)  # fmt: skip
def test_what_was_not_stored_as_sent_is_sent_again(
    faulty: tuple[FaultyS3, Store], store: Store, fault: Fault, tmp_path: Path
) -> None:
    proxy, behind = faulty
    proxy.rule = once(fault, "PUT", "/sent")
    stored = behind.put("test", KEY, "a", "sent", b"whole and right", JSON)
    assert store.get(stored) == b"whole and right"
    proxy.rule = once(fault, "PUT", "/large")
    (tmp_path / "large").write_bytes(bytes(range(256)) * 2**16 + b"more")  # 16 MiB and 4 bytes: in two parts
    assert store.is_whole(behind.put_file("test", KEY, "a", "large", tmp_path / "large", "x"))


def test_a_short_body_is_read_again_and_given_up_after_three(
    faulty: tuple[FaultyS3, Store], store: Store, tmp_path: Path
) -> None:
    proxy, behind = faulty
    manifest = finished(store, {"language": "short"}, {"file": b"a whole body"})
    file = manifest.files["file"]
    for read in (behind.get, lambda item: behind.fetch(item, tmp_path / "copy").read_bytes()):
        proxy.rule = once(Fault(received=lambda body: body[:3]), "GET", "/file", times=2)
        assert read(file) == b"a whole body"
    cuts = iter(range(10))
    proxy.rule = once(Fault(received=lambda body: body[: next(cuts)]), "GET", "/file", times=3)
    with pytest.raises(DataLoss):
        behind.get(file)
    assert store.manifest("test", manifest.key) == manifest, (
        "cut three times, each time elsewhere: not stored so"
    )


@pytest.mark.parametrize(
    "fault",
    [
        Fault(sent=lambda body: b"x" + body[1:]),
        Fault(answer=Answer(200)),
        Fault(answer=Answer(501, "NotImplemented")),
        Fault(answer=Answer(409, "ConditionalRequestConflict")),
    ],
    ids=["flipped in flight", "answered 200 and dropped", "no conditional PUT", "in conflict"],
)  # fmt: skip
def test_a_manifest_that_was_not_stored_as_sent_is_sent_again(
    faulty: tuple[FaultyS3, Store], store: Store, fault: Fault
) -> None:
    proxy, behind = faulty
    proxy.rule = once(fault, "PUT", "/manifest.json")
    job = new_job()
    done = perform(workplace(behind), job, Counted())
    assert store.manifest_artifact("test", job.key) == (done.manifest, done.artifact)


def test_a_damaged_manifest_is_replaced(store: Store) -> None:
    job, compute = new_job(), Counted()
    first = perform(workplace(store), job, compute)
    name = f"test/{job.key}/manifest.json"
    store.s3.put(name, store.read(name)[:-9] + b"flipped!}", JSON)
    again = perform(workplace(store), job, compute)
    assert compute.runs == 2
    assert again.artifact != first.artifact
    assert store.manifest("test", job.key) == again.manifest


def test_a_refused_manifest_is_no_full_disk_and_leaves_the_checkpoint(
    faulty: tuple[FaultyS3, Store], store: Store
) -> None:
    proxy, behind = faulty
    job, compute = new_job(), Counted()
    checkpoints = Checkpoints(store, "test", job.key)
    checkpoints.save(7, {"weights": b"after 239 of 240 steps"})
    for answer in (Answer(503, "ServiceUnavailable"), Answer(500, "InternalError")):
        proxy.rule = once(Fault(answer=answer), "PUT", "/manifest.json", times=100)
        with pytest.raises(Unavailable):
            perform(workplace(behind), job, compute)
        assert checkpoints.load() is not None, "the next attempt goes on from it"
    proxy.rule = lambda method, path: None
    perform(workplace(behind), job, compute)
    assert checkpoints.load() is None


def test_one_object_that_fails_while_others_are_read_is_lost(
    faulty: tuple[FaultyS3, Store], store: Store
) -> None:
    proxy, behind = faulty
    job, compute = new_job(), Counted()
    done = perform(workplace(store), job, compute)
    proxy.rule = once(Fault(answer=Answer(500, "InternalError")), "GET", "/file", times=100)
    with pytest.raises(DataLoss, match="reads other objects"):
        behind.get(done.manifest.files["file"])
    perform(workplace(store), job, compute)
    assert compute.runs == 2, "it is made again"


def test_a_refused_removal_is_told(faulty: tuple[FaultyS3, Store]) -> None:
    proxy, behind = faulty
    reason = b"<Key>a/b</Key><Code>AccessDenied</Code><Message>locked</Message>"
    refusal = b"<DeleteResult><Error>" + reason + b"</Error></DeleteResult>"
    proxy.rule = once(Fault(answer=Answer(200, body=refusal)), "POST", "delete")
    with pytest.raises(Denied, match="AccessDenied"):
        behind.remove(["a/b"])


def test_json_of_any_depth_is_no_manifest(store: Store, raw: Minio) -> None:
    overwrite(raw, f"test/{KEY}/manifest.json", b"[" * 200_000)
    assert store.manifest("test", KEY) is None
    overwrite(raw, f"test/{KEY}/manifest.json", json.dumps({"format": 2, "sha256": 3}).encode())
    assert store.manifest("test", KEY) is None
    with pytest.raises(NotFound):
        store.get(Artifact(f"s3://isogloss-test/test/{KEY}/a/none", "0" * 64, 1, JSON))


def test_a_cut_listing_is_asked_for_again(faulty: tuple[FaultyS3, Store], store: Store) -> None:
    proxy, behind = faulty
    manifest = finished(store, {"language": "listed"}, {"file": b"x"})
    proxy.rule = once(Fault(received=lambda body: body[: len(body) // 2]), "GET", "list-type", times=2)
    assert behind.manifest("test", manifest.key) == manifest
