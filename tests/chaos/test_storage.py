"""What is stored, flipped, cut and refused at random: found every time, never wrong, healed by a rerun."""

import contextlib
import io
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st
from minio import Minio
from safetensors.numpy import save

from isogloss import garbage
from isogloss.artifacts import JSON, PARQUET, SAFETENSORS, Artifact
from isogloss.attempt import Attempt
from isogloss.checkpoints import Checkpoints
from isogloss.errors import DataLoss, InvalidInput, Retryable
from isogloss.manifests import Manifest
from isogloss.store import Store, object_name
from tests import faulty_s3
from tests.chaos.conftest import SCALE
from tests.conftest import S3Server
from tests.contract.core.jobs import Caller, Counted, new_job, perform, workplace
from tests.faulty_s3 import Answer, Fault

PIECES = ["..", "a", "/", "%2e", "\0", "\\", "."]
Times = Callable[[int], int]
Say = Callable[[str], None]


def _all_kinds(attempt: Attempt) -> dict[str, object]:
    """A file of each kind that the services write."""
    table = io.BytesIO()
    pq.write_table(pa.table({"text": ["ein", "zwei"], "label": [0, 1]}), table)
    attempt.write("table.parquet", table.getvalue(), PARQUET)
    attempt.write("model.safetensors", save({"vectors": np.ones((4, 8), np.float32)}), SAFETENSORS)
    attempt.write("history.jsonl", b'{"loss": 0.5}\n', JSON)
    return {}


def test_flipped_bits_of_stored_objects(s3: S3Server, store: Store, times: Times, say: Say) -> None:
    raw = Minio(s3.settings.s3_endpoint, s3.access_key, s3.secret_key, secure=False)
    draw, noticed, flips = random.Random(0), 0, times(1000)
    job, compute = new_job(), Counted(_all_kinds)
    perform(workplace(store), job, compute)
    for _ in range(flips):
        manifest = store.manifest("test", job.key)
        assert manifest is not None
        names = [f"test/{job.key}/manifest.json"]
        names += [file.uri.split("/", 3)[3] for file in manifest.files.values()]
        name = draw.choice(names)
        content = bytearray(store.read(name))
        place = draw.randrange(8 * len(content))
        content[place // 8] ^= 1 << place % 8
        raw.put_object(
            bucket_name=store.bucket, object_name=name, data=io.BytesIO(content), length=len(content)
        )
        noticed += _notices(store, manifest)
        perform(workplace(store), job, compute)
        healed = store.manifest("test", job.key)
        assert healed is not None
        assert all(store.is_whole(file) for file in healed.files.values()), "a rerun heals"
    assert noticed == flips
    say(
        f"{flips} flips in manifest, Parquet, safetensors, JSON lines: {noticed} found, all healed by a rerun"
    )


def _notices(store: Store, manifest: Manifest) -> bool:
    read = store.manifest("test", manifest.key)
    if read is None or (read == manifest and all(map(store.is_whole, read.files.values()))):
        return read is None  # a number that is written otherwise and is the same would be no damage
    for file in read.files.values():
        try:
            store.get(file)
        except DataLoss:
            return True
    return False


def test_a_network_that_is_slow_cuts_and_refuses(s3: S3Server, times: Times, say: Say) -> None:
    draw, lock = random.Random(1), threading.Lock()
    faults = (
        Fault(answer=Answer(503, "SlowDown")),
        Fault(answer=Answer(500, "InternalError")),
        Fault(sent=lambda body: body[: len(body) // 2]),
        Fault(sent=lambda body: bytes(reversed(body))),
        Fault(received=lambda body: body[: len(body) // 2]),
    )
    done = {"requests": 0, "faults": 0}

    def rule(method: str, path: str) -> Fault | None:
        with lock:
            done["requests"] += 1
            late, faulty = draw.random(), draw.random()
            fault = draw.choice(faults) if faulty < 0.1 else None
            done["faults"] += fault is not None
        time.sleep(0.02 * late)
        return fault

    with faulty_s3.before(s3.settings) as (proxy, config):
        proxy.rule = rule
        behind = Store.from_settings(config)
        place = workplace(behind, slots=8)
        count = times(500)

        def one(_: int) -> Artifact:
            job = new_job()
            while True:
                try:
                    return perform(place, job, Counted(_all_kinds)).manifest.files["file"]
                except (Retryable, DataLoss):  # as a client would
                    time.sleep(0.05)

        with ThreadPoolExecutor(4) as pool:
            files = list(pool.map(one, range(count)))
    direct = Store.from_settings(s3.settings)
    assert all(direct.is_whole(file) for file in files)
    say(
        f"{count} jobs, {done['faults']} faults in {done['requests']} requests: every result whole, none hung"
    )


def test_kills_between_files_and_manifest(store: Store, times: Times, say: Say) -> None:
    count = times(100)
    for _ in range(count):
        job = new_job()

        def killed(attempt: Attempt) -> dict[str, object]:
            attempt.write("file", b"half", JSON)
            raise SystemExit  # nothing of ours runs after it: the manifest is not written

        with contextlib.suppress(SystemExit):
            perform(workplace(store), job, killed)
        assert store.manifest("test", job.key) is None, "nothing dangling"
        done = perform(workplace(store), job, Counted())
        assert store.is_whole(done.manifest.files["file"])
    say(f"{count} attempts ended between files and manifest: none dangling, each rerun whole")


def test_cancels_at_random_points(store: Store, times: Times, say: Say) -> None:
    draw, count, slowest = random.Random(2), times(100), 0.0
    place = workplace(store, slots=1)
    for _ in range(count):
        caller = Caller()

        def steps(attempt: Attempt) -> dict[str, object]:
            checkpoints = Checkpoints(attempt.store, "test", attempt.job.key)
            for number in range(1000):
                attempt.check()
                time.sleep(0.005)
                if number % 10 == 9:
                    checkpoints.save(number, {"weights": b"w"})
            return {}

        threading.Timer(0.3 * draw.random(), caller.gone.set).start()
        assert list(place.perform(new_job(), steps, caller)) == []
        started = time.monotonic()
        place.settle(30)
        slowest = max(slowest, time.monotonic() - started)
    assert slowest < 2 or SCALE < 1, "the slot is free within 2 s"
    say(f"{count} cancels at random points: slot free after {slowest:.2f} s at most")


def test_gc_beside_runs(store: Store, times: Times, say: Say) -> None:
    sweeps, over, results = times(40), threading.Event(), []

    def work() -> None:
        place = workplace(store)
        while not over.is_set():
            source = store.put("inputs", "aa" * 32, "a", f"corpus-{time.monotonic_ns()}", b"x", JSON)

            def slowly(attempt: Attempt, source: Artifact = source) -> dict[str, object]:
                time.sleep(1.2)
                attempt.store.get(source)
                return {}

            results.append(perform(place, new_job(source), Counted(slowly)).manifest)

    with ThreadPoolExecutor(3) as pool:
        working = [pool.submit(work) for _ in range(3)]
        for _ in range(sweeps):
            # Inputs that no manifest names are safe once their call has run for a second.
            now = datetime.now(UTC) - timedelta(seconds=2)
            garbage.sweep(store, garbage.find(store, now), now)
        over.set()
        for worker in working:
            worker.result(120)
    lost = [file.uri for manifest in results for file in manifest.files.values() if not store.is_whole(file)]
    assert lost == []
    say(f"{sweeps} sweeps beside {len(results)} runs: no named file and no input of a running call removed")


def test_names_and_uris_stay_inside(store: Store, times: Times, say: Say) -> None:
    count, inside = times(100_000), []

    @settings(max_examples=count, database=None)
    @given(st.text(max_size=40) | st.lists(st.sampled_from(PIECES)).map("".join))
    def try_name(text: str) -> None:
        try:
            name = object_name("kind", "key", text)
        except InvalidInput:
            return
        assert name == f"kind/key/{text}"
        assert "/" not in text
        assert text != ".."
        inside.append(name)

    @settings(max_examples=count, database=None)
    @given(st.text(max_size=40))
    def try_uri(text: str) -> None:
        artifact = Artifact(f"s3://{text}", "0" * 64, 1, JSON)
        try:
            name = store._name_of(artifact)
        except InvalidInput:
            return
        assert artifact.uri == f"s3://{store.bucket}/{name}"

    try_name()
    try_uri()
    say(f"{2 * count} names and URIs: {len(inside)} accepted, each below its own key")


def test_two_replicas_at_one_key(store: Store, times: Times, say: Say) -> None:
    count, twice = times(200), 0
    for _ in range(count):
        job, compute = new_job(), Counted()
        replicas = [workplace(store), workplace(Store(store.s3))]
        with ThreadPoolExecutor(8) as pool:
            ends = [pool.submit(perform, replicas[number % 2], job, compute) for number in range(8)]
            results = {end.result(60).manifest.attempt for end in ends}
        twice += len(results) > 1
        assert compute.runs <= 2
    assert twice == 0
    say(f"{count} keys asked of two replicas by 8 callers: {twice} with two results handed out")
