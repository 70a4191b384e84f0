"""Saved state of work under way, at the key of the work.

<kind>/<key>/checkpoint/<n>-<random>/<file>
<kind>/<key>/checkpoint/latest.json            names the files of the newest; written after them, in one PUT
"""

import hashlib
import json
import uuid
from collections.abc import Mapping

from isogloss.artifacts import JSON, Artifact
from isogloss.errors import DataLoss, InvalidInput, NotFound
from isogloss.keys import canonical_json, sealed, unsealed
from isogloss.store import Store, object_name


class Checkpoints:
    """The checkpoints of one key. One worker at a time saves; raises what `Store` raises."""

    def __init__(self, store: Store, kind: str, key: str) -> None:
        self._store = store
        self._place = (kind, key, "checkpoint")
        self._latest_name = object_name(*self._place, "latest.json")

    def save(self, number: int, files: Mapping[str, bytes]) -> None:
        """Replace the checkpoint: the files first, then `latest.json`, then the older ones are removed. A
        file that is as it was in the last checkpoint is not sent again.
        """
        folder = f"{number}-{uuid.uuid4().hex[:8]}"
        before = self._latest()
        known_files = before[1] if before else {}

        def put(name: str, data: bytes) -> Artifact:
            known = known_files.get(name)
            if known is not None and known.sha256 == hashlib.sha256(data).hexdigest():
                return known
            target = object_name(*self._place, folder, name)
            return self._store.s3.put(target, data, "application/octet-stream")

        stored = {name: put(name, data) for name, data in files.items()}
        latest = {"number": number, "files": {name: item.to_json() for name, item in stored.items()}}
        self._store.s3.put(self._latest_name, canonical_json(sealed(latest)), JSON)
        named = {item.uri for item in stored.values()}
        self._remove_all_but(named | {self._store.uri(self._latest_name)})

    def load(self) -> tuple[int, dict[str, bytes]] | None:
        """The newest as (number, files), or None. One that cannot be read is removed, so that no later one
        refers to its files, and is as none.
        """
        latest = self._latest()
        if latest is None:
            return None
        number, files = latest
        try:
            return number, {name: self._store.get(item) for name, item in files.items()}
        except (NotFound, DataLoss, InvalidInput):
            self.drop()
            return None

    def drop(self) -> None:
        """Remove what is saved: the work is finished."""
        self._remove_all_but(set())

    def _latest(self) -> tuple[int, dict[str, Artifact]] | None:
        """What `latest.json` says: the checkpoint's number and its files; None unless it says just that."""
        try:
            latest = unsealed(json.loads(self._store.s3.get(self._latest_name)))
            files = {str(name): Artifact.from_json(item) for name, item in latest["files"].items()}
            below = self._store.uri(object_name(*self._place)) + "/"
            if not all(isinstance(item.uri, str) and item.uri.startswith(below) for item in files.values()):
                return None
            return int(latest["number"]), files
        except (NotFound, DataLoss, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None

    def _remove_all_but(self, kept_uris: set[str]) -> None:
        below = self._store.objects(object_name(*self._place) + "/")
        self._store.remove([item.name for item in below if self._store.uri(item.name) not in kept_uris])
