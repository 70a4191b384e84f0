"""What may be swept: objects that no manifest names and that nobody has written to for a while.

An attempt that was killed leaves its files, an abandoned run its checkpoint; neither is ever read again once
another attempt has committed, but the store cannot know that anybody still works at a key. So age decides:
everything below `<kind>/<key>/` counts as being worked at until its youngest object is older than the limit.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from isogloss.s3 import StoredObject
from isogloss.store import Store


@dataclass(frozen=True)
class Garbage:
    """What a sweep would remove, and how much stays."""

    objects: tuple[StoredObject, ...]
    kept_objects: int
    kept_bytes: int

    @property
    def bytes(self) -> int:
        """The space that removing it gives back."""
        return sum(item.size for item in self.objects)


def find(store: Store, before: datetime) -> Garbage:
    """Look through the bucket; keys that were written to since `before` (with a time zone) are left alone.

    Raises `DataLoss` when a manifest cannot be read: what it named is not known, so nothing is swept.
    """
    garbage: list[StoredObject] = []
    kept: list[StoredObject] = []
    for (kind, key), objects in _by_key(store):
        if max(item.modified for item in objects) >= before:
            kept += objects
            continue
        manifest = store.manifest(kind, key)
        named = {store.uri(f"{kind}/{key}/manifest.json")}
        named |= {file.uri for file in manifest.files.values()} if manifest else set()
        for item in objects:
            (kept if store.uri(item.name) in named else garbage).append(item)
    return Garbage(tuple(garbage), len(kept), sum(item.size for item in kept))


def _by_key(store: Store) -> Iterator[tuple[tuple[str, str], list[StoredObject]]]:
    """Objects by (kind, key). What is not of that shape was not written by Isogloss and is not looked at."""
    groups: defaultdict[tuple[str, str], list[StoredObject]] = defaultdict(list)
    for item in store.objects(""):
        kind, _, rest = item.name.partition("/")
        key, _, file = rest.partition("/")
        if file:
            groups[kind, key].append(item)
    yield from groups.items()
