"""A piece of work and one try at it: what is asked, and where the function that computes it reports and
stores.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from google.protobuf.message import Message

from isogloss.artifacts import Artifact
from isogloss.code_version import CodeVersion
from isogloss.errors import Stopped
from isogloss.keys import canonical_request, inputs_of, make_key
from isogloss.manifests import this_hardware
from isogloss.store import Store, new_attempt


@dataclass(frozen=True)
class Job:
    """One piece of work: what is asked (`request`, canonical), by which key, on which inputs, with which
    code.
    """

    kind: str
    key: str
    request: Mapping[str, Any]
    inputs: Mapping[str, Artifact]
    version: CodeVersion
    seed: int | None = None

    @classmethod
    def of(cls, kind: str, request: Message, version: CodeVersion, seed: int | None = None) -> "Job":
        """The job of a request: its key follows from all that is given here but the seed, which is in the
        request.
        """
        canonical = canonical_request(request)
        key = make_key(kind, canonical, version.id)
        return cls(kind, key, canonical, inputs_of(canonical), version, seed)


@dataclass(frozen=True)
class Progress:
    """How far the work has come; see `isogloss.artifact.v1.Progress`."""

    phase: str
    done: float = 0
    total: float = 0
    unit: str = ""
    eta_s: float = 0
    measures: Mapping[str, float] = field(default_factory=dict)


class Attempt:
    """One try at a job, handed to the function that computes it."""

    def __init__(self, store: Store, job: Job) -> None:
        self.store = store
        self.job = job
        self.id = new_attempt()
        self.files: dict[str, Artifact] = {}
        self.hardware: dict[str, str] = this_hardware()
        self.stop = threading.Event()
        self.listener: Callable[[Progress], None] = lambda progress: None

    def report(self, progress: Progress) -> None:
        """Tell the callers how far it is."""
        self.listener(progress)

    def check(self) -> None:
        """Raise `Stopped` when the work should end; call it wherever stopping is safe."""
        if self.stop.is_set():
            raise Stopped

    def write(self, name: str, data: bytes, media_type: str) -> Artifact:
        """Store bytes as a file of this attempt."""
        return self.add(name, self.store.put(self.job.kind, self.job.key, self.id, name, data, media_type))

    def write_file(self, name: str, path: Path, media_type: str) -> Artifact:
        """Store a local file as a file of this attempt."""
        return self.add(
            name, self.store.put_file(self.job.kind, self.job.key, self.id, name, path, media_type)
        )

    def add(self, name: str, artifact: Artifact) -> Artifact:
        """List a file that somebody else, such as a child process, stored for this attempt."""
        self.files[name] = artifact
        return artifact


# Computes a job and returns what the service answers besides files, as plain JSON for the manifest's
# `result`.
Compute = Callable[[Attempt], Mapping[str, Any]]
