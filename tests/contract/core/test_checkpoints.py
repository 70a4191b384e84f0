"""Checkpoints against a real S3 server: the newest is read, and nothing older is left."""

from isogloss.checkpoints import Checkpoints
from isogloss.store import Store


def test_the_newest_checkpoint_is_read_and_older_ones_are_removed(store: Store) -> None:
    key = "ef" * 32
    checkpoints = Checkpoints(store, "test", key)
    assert checkpoints.load() is None
    checkpoints.save(1, {"weights": b"one"})
    checkpoints.save(2, {"weights": b"two", "state": b"{}"})
    assert checkpoints.load() == (2, {"weights": b"two", "state": b"{}"})
    assert len(list(store.objects(f"test/{key}/checkpoint/"))) == 3, "two files and latest.json"
    checkpoints.drop()
    assert list(store.objects(f"test/{key}/")) == []


def test_a_file_that_did_not_change_is_not_sent_again(store: Store) -> None:
    key = "ab" * 32
    checkpoints = Checkpoints(store, "test", key)
    checkpoints.save(1, {"best": b"same", "state": b"1"})
    first = {item.name for item in store.objects(f"test/{key}/checkpoint/")}
    checkpoints.save(2, {"best": b"same", "state": b"2"})
    second = {item.name for item in store.objects(f"test/{key}/checkpoint/")}
    assert [name.rpartition("/")[2] for name in sorted(first & second)] == ["best", "latest.json"]
    assert checkpoints.load() == (2, {"best": b"same", "state": b"2"})


def test_a_checkpoint_that_lost_a_file_is_as_none_and_refers_to_nothing(store: Store) -> None:
    key = "ac" * 32
    checkpoints = Checkpoints(store, "test", key)
    checkpoints.save(1, {"best": b"same"})
    store.remove([item.name for item in store.objects(f"test/{key}/checkpoint/") if "best" in item.name])
    assert checkpoints.load() is None
    checkpoints.save(2, {"best": b"same"})
    assert checkpoints.load() == (2, {"best": b"same"})
