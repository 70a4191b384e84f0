"""The one shape of all work that is worth keeping.

The same request has the same key. A key whose manifest exists answers at once; a key that runs in this
process is joined; otherwise it is computed, if a slot is free. The call is the work's life: when the last
caller goes away, the work is told to stop. There is no queue, no lease and no registry: S3 holds the results,
the callers hold the intent.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from isogloss.artifacts import Artifact
from isogloss.disk import when_full
from isogloss.errors import Busy, NotFound, Stopped, Unavailable
from isogloss.keys import ONLY_EXISTING
from isogloss.manifests import Manifest, this_hardware
from isogloss.store import Store, new_attempt

log = logging.getLogger(__name__)

# How often a waiting call looks whether its caller is still there, when nothing else wakes it. Seconds.
_LOOK_S = 0.5


@dataclass(frozen=True)
class Job:
    """One piece of work: what is asked (`request`, canonical), by which key, on which inputs, with which
    code.
    """

    kind: str
    key: str
    request: Mapping[str, Any]
    inputs: Mapping[str, Artifact]
    code_version: str
    libraries: Mapping[str, str] = field(default_factory=dict)
    seed: int | None = None


@dataclass(frozen=True)
class Progress:
    """How far the work has come; see `isogloss.artifact.v1.Progress`."""

    phase: str
    done: float = 0
    total: float = 0
    unit: str = ""
    eta_s: float = 0
    measures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Done:
    """The work's end: its manifest, where that is stored, and whether it existed before."""

    manifest: Manifest
    artifact: Artifact
    reused: bool


class Caller(Protocol):
    """Who waits for the work; `grpc.ServicerContext` is one."""

    def is_active(self) -> bool:
        """Whether the caller is still there."""
        ...

    def invocation_metadata(self) -> Iterable[tuple[str, str | bytes]] | None:
        """What the caller sent beside the request."""
        ...


class Attempt:
    """One try at a job, handed to the function that computes it."""

    def __init__(self, store: Store, job: Job) -> None:
        self.store = store
        self.job = job
        self.id = new_attempt()
        self.files: dict[str, Artifact] = {}
        self.hardware: dict[str, str] = this_hardware()
        self.stop = threading.Event()
        self._listeners: Callable[[Progress], None] = lambda progress: None

    def report(self, progress: Progress) -> None:
        """Tell the callers how far it is."""
        self._listeners(progress)

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


class _Running:
    """A job under way in this process and the calls that wait for it."""

    def __init__(self, store: Store, job: Job, compute: Compute) -> None:
        self.attempt = Attempt(store, job)
        self.attempt._listeners = self._progressed
        self.callers = 0
        self._compute = compute
        self._changed = threading.Condition()
        self._progress: tuple[int, Progress | None] = (0, None)
        self._end: Done | BaseException | None = None

    def run(self) -> None:
        """Compute, commit the manifest, wake everybody. Runs in a thread of its own."""
        started = _now()
        job, attempt = self.attempt.job, self.attempt
        end: Done | BaseException
        try:
            result = self._compute(attempt)
            manifest = Manifest(
                kind=job.kind,
                key=job.key,
                attempt=attempt.id,
                request=job.request,
                inputs=job.inputs,
                code_version=job.code_version,
                libraries=job.libraries,
                hardware=attempt.hardware,
                started=started,
                finished=_now(),
                files=attempt.files,
                result=result,
                seed=job.seed,
            )
            end = Done(manifest, attempt.store.commit(manifest), reused=False)
        except Exception as error:  # handed to the callers, who raise it
            end = when_full(error) or error
        except BaseException as error:
            end = error
        with self._changed:
            self._end = end
            self._changed.notify_all()

    def follow(self, caller: Caller) -> Iterator[Progress | Done]:
        """What happens from now on, until the end or until the caller is gone."""
        seen = 0
        while True:
            end, count, progress = self._news(seen)
            if isinstance(end, Done):
                yield end
                return
            if isinstance(end, Stopped):
                raise Unavailable("the work was stopped before its end; call again to resume it") from end
            if end is not None:
                raise end
            if not caller.is_active():
                return
            if progress is not None and count > seen:
                seen = count
                yield progress

    def _news(self, seen: int) -> tuple[Done | BaseException | None, int, Progress | None]:
        """Wait a moment for what is newer than progress `seen`: the end, the number, the progress."""
        with self._changed:
            self._changed.wait_for(lambda: self._end is not None or self._progress[0] > seen, _LOOK_S)
            return self._end, *self._progress

    def _progressed(self, progress: Progress) -> None:
        with self._changed:
            self._progress = (self._progress[0] + 1, progress)
            self._changed.notify_all()


class Workplace:
    """Where a server does its work: at most `slots` jobs at once."""

    def __init__(self, store: Store, slots: int) -> None:
        self.store = store
        self._slots = slots
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)  # notified whenever a job has ended
        self._running: dict[str, _Running] = {}
        self._short = 0  # slots taken by computations without a job
        self._draining = False

    def perform(self, job: Job, compute: Compute, caller: Caller) -> Iterator[Progress | Done]:
        """Yield progress and, last, `Done`.

        Raises `Busy` when all slots are taken, `Unavailable` when this server is draining or the work was
        stopped, `NotFound` when only what exists was asked for and this does not, and whatever `compute`
        raised. Ends without `Done` only when the caller is gone.
        """
        existing = self.store.manifest_artifact(job.kind, job.key)
        if existing is not None:
            yield Done(*existing, reused=True)
            return
        if any(name == ONLY_EXISTING for name, _ in caller.invocation_metadata() or ()):
            name = f"{job.kind}/{job.key}"
            raise NotFound(f"{name} has not been computed", key=name)
        running = self._join_or_start(job, compute)
        try:
            yield from running.follow(caller)
        finally:
            self._leave(running)

    def perform_now(self, job: Job, compute: Compute, caller: Caller) -> Done:
        """The same for a short call, without progress."""
        for event in self.perform(job, compute, caller):
            if isinstance(event, Done):
                return event
        raise Unavailable("the caller went away")

    @contextmanager
    def slot(self) -> Iterator[None]:
        """A slot for a short computation that leaves nothing behind. Raises `Busy` or `Unavailable`."""
        with self._lock:
            self._check_free()
            self._short += 1
        try:
            yield
        finally:
            with self._lock:
                self._short -= 1

    def drain(self) -> None:
        """Take no new work and tell the running work to stop at its next safe point."""
        with self._lock:
            self._draining = True
            for running in self._running.values():
                running.attempt.stop.set()

    def settle(self, seconds: float) -> None:
        """Wait until nothing runs any more, so many seconds at most: work that was told to stop may be saving
        a checkpoint for nobody who still listens.
        """
        with self._idle:
            self._idle.wait_for(lambda: not self._running, timeout=max(0.0, seconds))

    def _join_or_start(self, job: Job, compute: Compute) -> _Running:
        name = f"{job.kind}/{job.key}"
        with self._lock:
            running = self._running.get(name)
            if running is None or self._draining:
                self._check_free()
            elif running.attempt.stop.is_set():
                raise Busy("this work is stopping; it can be taken up again in a moment", 1)
            if running is None:
                running = self._running[name] = _Running(self.store, job, compute)
                threading.Thread(target=self._run, args=(name, running), name=name[:40], daemon=True).start()
            running.callers += 1
            return running

    def _check_free(self) -> None:
        if self._draining:
            raise Unavailable("this server is shutting down", 1)
        if len(self._running) + self._short >= self._slots:
            raise Busy(f"all {self._slots} slots are taken", 1)

    def _run(self, name: str, running: _Running) -> None:
        try:
            running.run()
        finally:
            with self._lock:
                del self._running[name]
                self._idle.notify_all()

    def _leave(self, running: _Running) -> None:
        with self._lock:
            running.callers -= 1
            if running.callers == 0:
                running.attempt.stop.set()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
