"""What may be swept: objects that no manifest names, that nobody has written to for a while, and that no call
under way reads or writes.

An attempt that was killed leaves its files, an abandoned run its checkpoint; neither is ever read again once
another attempt has committed, but the store cannot know that anybody still works at a key. So age decides:
everything below `<kind>/<key>/` counts as being worked at until its youngest object is older than the limit.
A call that runs for more than a moment notes what it reads beside its files (`under-way.json`, renewed while
it runs), and that is safe at every age. Nothing but this module reads those notes.
"""

import json
import logging
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from isogloss.artifacts import JSON
from isogloss.attempt import Attempt
from isogloss.errors import DataLoss, IsoglossError, NotFound
from isogloss.keys import canonical_json
from isogloss.s3 import StoredObject
from isogloss.store import Store, object_name

log = logging.getLogger(__name__)

_NOTE = "under-way.json"
_NOTED_AFTER_S = 1.0  # a shorter call is over before a sweep has looked twice
_RENEWED_EVERY_S = 300.0
_STALE = timedelta(minutes=15)


def note(attempt: Attempt, over: threading.Event) -> None:
    """Say in the store what an attempt reads, until it is `over`. Runs in a thread of its own."""
    name = object_name(attempt.job.kind, attempt.job.key, attempt.id, _NOTE)
    content = canonical_json(sorted(item.uri for item in attempt.job.inputs.values()))
    if over.wait(_NOTED_AFTER_S):
        return
    try:
        while True:
            attempt.store.s3.put(name, content, JSON)
            if over.wait(_RENEWED_EVERY_S):
                break
        attempt.store.remove([name])
    except IsoglossError as error:  # the work itself will say that the store is away
        log.warning("not noted", extra={"key": attempt.job.key, "problem": error.message})


@dataclass(frozen=True)
class Garbage:
    """What a sweep would remove, how much stays, and the damaged manifests whose files stay for that."""

    objects: tuple[StoredObject, ...]
    kept_objects: int
    kept_bytes: int
    damaged: tuple[str, ...] = ()

    @property
    def bytes(self) -> int:
        """The space that removing it gives back."""
        return sum(item.size for item in self.objects)


def find(store: Store, before: datetime) -> Garbage:
    """Look through the bucket; keys that were written to since `before` (with a time zone) are left alone,
    and so are those whose manifest cannot be read: what it named is not known.
    """
    garbage: list[StoredObject] = []
    kept: list[StoredObject] = []
    damaged: list[str] = []
    groups = _by_key(store)
    working, read_now = _under_way(store, groups)
    for (kind, key), objects in groups.items():
        if max(item.modified for item in objects) >= before or (kind, key) in working:
            kept += objects
            continue
        try:
            result = store.read_manifest(kind, key)
        except DataLoss as error:
            damaged.append(error.message)
            kept += objects
            continue
        named = {store.uri(f"{kind}/{key}/manifest.json"), *read_now}
        named |= {file.uri for file in result[0].files.values()} if result else set()
        for item in objects:
            (kept if store.uri(item.name) in named else garbage).append(item)
    return Garbage(tuple(garbage), len(kept), sum(item.size for item in kept), tuple(damaged))


def sweep(store: Store, first_look: Garbage, before: datetime) -> int:
    """Remove what is still garbage at a second look, which comes late enough to see the notes of all that had
    begun at the first; how many objects went. `Denied` names what may not be removed.
    """
    threading.Event().wait(2 * _NOTED_AFTER_S)
    still = {item.name for item in find(store, before).objects}
    names = [item.name for item in first_look.objects if item.name in still]
    store.remove(names)
    return len(names)


@dataclass(frozen=True)
class Damage:
    """A result that cannot be what it was."""

    kind: str
    key: str
    problem: str


def check(store: Store) -> Iterator[Damage]:
    """Read every manifest and every file that one names, and tell what is not as it was stored."""
    for (kind, key), objects in _by_key(store).items():
        if not any(item.name == f"{kind}/{key}/manifest.json" for item in objects):
            continue
        try:
            result = store.read_manifest(kind, key)
        except DataLoss as error:
            yield Damage(kind, key, error.message)
            continue
        for file in result[0].files.values() if result else ():
            if not store.is_whole(file):
                yield Damage(kind, key, f"{file.uri} is not as it was stored")
                break


def _under_way(
    store: Store, groups: dict[tuple[str, str], list[StoredObject]]
) -> tuple[set[tuple[str, str]], set[str]]:
    """Keys that are worked at, and the URIs of what that work reads."""
    since = datetime.now(UTC) - _STALE
    keys: set[tuple[str, str]] = set()
    uris: set[str] = set()
    for place, objects in groups.items():
        for item in objects:
            if item.name.endswith(f"/{_NOTE}") and item.modified >= since:
                keys.add(place)
                with suppress(NotFound, ValueError):
                    uris |= {str(uri) for uri in json.loads(store.read(item.name))}
    return keys, uris


def _by_key(store: Store) -> dict[tuple[str, str], list[StoredObject]]:
    """Objects by (kind, key). What is not of that shape was not written by Isogloss and is not looked at."""
    groups: defaultdict[tuple[str, str], list[StoredObject]] = defaultdict(list)
    for item in store.objects(""):
        kind, _, rest = item.name.partition("/")
        key, _, file = rest.partition("/")
        if file:
            groups[kind, key].append(item)
    return groups
