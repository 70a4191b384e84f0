"""One run for one key: however calls cross, and whichever replicas they reach."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from isogloss.artifacts import Artifact
from isogloss.attempt import Attempt
from isogloss.manifests import Manifest
from isogloss.s3 import Bucket
from isogloss.store import Store
from tests.contract.core.jobs import Caller, Counted, new_job, perform, workplace


class SlowLook(Store):
    """A store whose answer to the first look-up comes late."""

    def __init__(self, s3: Bucket) -> None:
        super().__init__(s3)
        self.looked, self.answer = threading.Event(), threading.Event()
        self._first = True

    def manifest_artifact(self, kind: str, key: str) -> tuple[Manifest, Artifact] | None:
        found = super().manifest_artifact(kind, key)
        if self._first:
            self._first = False
            self.looked.set()
            self.answer.wait(30)
        return found


def test_a_job_that_ends_during_a_look_up_is_not_computed_again(store: Store) -> None:
    slow = SlowLook(store.s3)
    place, job, compute = workplace(slow), new_job(), Counted()
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(perform, place, job, compute)
        assert slow.looked.wait(10)
        first = perform(place, job, compute)
        place.settle(10)
        slow.answer.set()
        assert late.result(30).artifact == first.artifact
    assert compute.runs == 1


def test_two_replicas_at_one_key_return_one_result(store: Store) -> None:
    both = threading.Barrier(2, timeout=30)
    job, compute = new_job(), Counted(lambda attempt: {"passed": both.wait()})
    second_may_commit = threading.Event()

    class Second(Store):
        def manifest_artifact(self, kind: str, key: str) -> tuple[Manifest, Artifact] | None:
            if compute.runs == 2:
                second_may_commit.wait(30)
            return super().manifest_artifact(kind, key)

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(perform, workplace(store), job, compute)
        two = pool.submit(perform, workplace(Second(store.s3)), job, compute)
        first = one.result(60)
        second_may_commit.set()
        second = two.result(60)
    assert compute.runs == 2, "neither knew of the other"
    assert first.artifact == second.artifact
    assert second.reused
    assert store.get(second.manifest.files["file"])


def test_two_replicas_that_commit_at_once_hand_out_one_result(store: Store) -> None:
    """Both look before they commit, and find nothing: S3 takes one of two."""
    looked = threading.Barrier(2, timeout=30)
    job, compute = new_job(), Counted(lambda attempt: {"passed": looked.wait()})

    class LooksWithTheOther(Store):
        def commit(self, manifest: Manifest) -> tuple[Manifest, Artifact]:
            looked.wait()
            return super().commit(manifest)

    with ThreadPoolExecutor(2) as pool:
        replicas = [workplace(LooksWithTheOther(store.s3)) for _ in range(2)]
        ends = [pool.submit(perform, replica, job, compute) for replica in replicas]
        one, two = (end.result(60) for end in ends)
    assert compute.runs == 2
    assert one.artifact == two.artifact
    assert one.reused != two.reused, "the one that came second says whose result it is"
    assert store.manifest("test", job.key) == one.manifest


def test_sixteen_equal_calls_are_one_run(store: Store) -> None:
    place, job = workplace(store), new_job()
    begun = threading.Event()

    def slowly(attempt: Attempt) -> dict[str, Any]:
        begun.wait(10)
        return {}

    compute = Counted(slowly)
    with ThreadPoolExecutor(16) as pool:
        calls = [pool.submit(perform, place, job, compute) for _ in range(16)]
        begun.set()
        assert len({call.result(60).artifact for call in calls}) == 1
    assert compute.runs == 1


def test_a_caller_that_leaves_stops_the_work(store: Store) -> None:
    stopped, caller = threading.Event(), Caller()

    def wait_for_stop(attempt: Attempt) -> dict[str, Any]:
        caller.gone.set()
        stopped.set() if attempt.stop.wait(10) else None
        attempt.check()
        return {}

    assert list(workplace(store).perform(new_job(), wait_for_stop, caller)) == []
    assert stopped.wait(10)
