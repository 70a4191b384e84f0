"""Jobs of a workplace without a server: a caller who stays, and manifests whose keys follow from requests."""

import threading
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from isogloss.artifact.v1.artifact_pb2 import Artifact as ArtifactMessage
from isogloss.artifacts import JSON, Artifact
from isogloss.attempt import Attempt, Compute, Job
from isogloss.code_version import CodeVersion
from isogloss.embedder.v1 import embedder_pb2 as pb
from isogloss.keys import make_key
from isogloss.manifests import Manifest
from isogloss.store import Store
from isogloss.work import Done, Workplace

VERSION = CodeVersion("1")


class Caller:
    """Stays until told otherwise."""

    def __init__(self) -> None:
        self.gone = threading.Event()

    def is_active(self) -> bool:
        return not self.gone.is_set()

    def invocation_metadata(self) -> Iterable[tuple[str, str | bytes]] | None:
        return ()


def new_job(corpus: Artifact | None = None) -> Job:
    """A job that no other test has."""
    sent = corpus.to_proto() if corpus else ArtifactMessage(uri="s3://x/y", sha256=uuid.uuid4().hex * 2)
    return Job.of("test", pb.EmbedRequest(language=uuid.uuid4().hex, corpus=sent), VERSION)


def workplace(store: Store, slots: int = 4) -> Workplace:
    """One replica."""
    return Workplace(store, slots, lambda: VERSION)


class Counted:
    """A computation that counts how often it ran."""

    def __init__(self, inner: Compute | None = None) -> None:
        self.runs = 0
        self._inner = inner
        self._lock = threading.Lock()

    def __call__(self, attempt: Attempt) -> Mapping[str, Any]:
        with self._lock:
            self.runs += 1
        if self._inner is not None:
            self._inner(attempt)
        attempt.write("file", f"result of {attempt.job.key}".encode(), JSON)
        return {"value": 0.5390}


def perform(place: Workplace, job: Job, compute: Compute, caller: Caller | None = None) -> Done:
    """The end of a job."""
    *_, last = place.perform(job, compute, caller or Caller())
    assert isinstance(last, Done)
    return last


def finished(store: Store, request: Mapping[str, Any], files: Mapping[str, bytes]) -> Manifest:
    """A committed result of kind `test`."""
    key = make_key("test", dict(request), "1")
    stored = {name: store.put("test", key, "good", name, data, JSON) for name, data in files.items()}
    manifest = Manifest("test", key, "good", request, {}, "1", {}, {}, "", "", stored, {})
    store.commit(manifest)
    return manifest
