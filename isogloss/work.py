"""The one shape of all work that is worth keeping, and the one way in which the services answer for it.

The same request has the same key. A key whose manifest exists answers at once; a key that runs in this
process is joined; otherwise it is computed, if a slot is free. The call is the work's life: when the last
caller goes away, the work is told to stop. There is no queue, no lease and no registry: S3 holds the results,
the callers hold the intent.

    workplace.stream("train", request, compute, context, pb.TrainResponse, convert.train_result)
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from google.protobuf.message import Message

import isogloss
from isogloss import garbage, telemetry
from isogloss.artifact.v1 import artifact_pb2
from isogloss.artifacts import Artifact
from isogloss.attempt import Attempt, Compute, Job, Progress
from isogloss.checkpoints import Checkpoints
from isogloss.code_version import CodeVersion
from isogloss.disk import when_full
from isogloss.errors import Busy, IsoglossError, NotFound, Stopped, Unavailable
from isogloss.keys import ONLY_EXISTING
from isogloss.manifests import Manifest
from isogloss.store import Store

log = logging.getLogger(__name__)

Response = TypeVar("Response")

# How often a waiting call looks whether its caller is still there, when nothing else wakes it. Seconds.
_LOOK_S = 0.5
# How many ended jobs a look-up that crossed their end still finds.
_REMEMBERED = 100


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


class _Running:
    """A job under way in this process and the calls that wait for it."""

    def __init__(self, store: Store, job: Job, compute: Compute) -> None:
        self.attempt = Attempt(store, job)
        self.attempt.listener = self._progressed
        self.callers = 0
        self._compute = compute
        self._trace = telemetry.carried()  # of the caller that begins it
        self._changed = threading.Condition()
        self._progress: tuple[int, Progress | None] = (0, None)
        self.end: Done | BaseException | None = None

    def run(self) -> None:
        """Compute, commit the manifest, wake everybody. Runs in a thread of its own."""
        started = _now()
        job, attempt = self.attempt.job, self.attempt
        end: Done | BaseException
        over = threading.Event()
        threading.Thread(target=garbage.note, args=(attempt, over), daemon=True).start()
        try:
            with telemetry.span(job.kind, self._trace, key=job.key, attempt=attempt.id):
                result = self._compute(attempt)
            manifest = Manifest(
                kind=job.kind,
                key=job.key,
                attempt=attempt.id,
                request=job.request,
                inputs=job.inputs,
                code_version=job.version.id,
                libraries=job.version.environment,
                hardware=attempt.hardware,
                started=started,
                finished=_now(),
                files=attempt.files,
                result=result,
                seed=job.seed,
                release=isogloss.__version__,
            )
            end = _commit(attempt.store, manifest)
        except Exception as error:  # handed to the callers, who raise it
            end = when_full(error) or error
        except BaseException as error:
            end = error
        over.set()
        with self._changed:
            self.end = end
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
            self._changed.wait_for(lambda: self.end is not None or self._progress[0] > seen, _LOOK_S)
            return self.end, *self._progress

    def _progressed(self, progress: Progress) -> None:
        with self._changed:
            self._progress = (self._progress[0] + 1, progress)
            self._changed.notify_all()


class Workplace:
    """Where a server does its work: at most `slots` jobs at once."""

    def __init__(self, store: Store, slots: int, version: Callable[[], CodeVersion]) -> None:
        """`version` tells that of the process that computes, which may be a child that starts anew."""
        self.store = store
        self._slots = slots
        self._version = version
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)  # notified whenever a job has ended
        self._running: dict[str, _Running] = {}
        self._ended: dict[str, tuple[float, Done]] = {}  # the last results made here, and when
        self._short = 0  # slots taken by computations without a job
        self._draining = False

    def stream(
        self,
        kind: str,
        request: Message,
        compute: Compute,
        caller: Caller,
        respond: Callable[..., Response],
        result: Callable[[Done], Any],
        *,
        seed: int | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Iterator[Response]:
        """The events of a long call as its messages: `respond` makes one, `result` what stands in the last.
        `environment` adds to the version what only this request decides. Raises what `perform` raises.
        """
        job = self._job(kind, request, seed, environment)
        for event in self.perform(job, compute, caller):
            if isinstance(event, Done):
                yield respond(result=result(event))
            else:
                yield respond(progress=progress_to_proto(job.key, event))

    def answer(
        self, kind: str, request: Message, compute: Compute, caller: Caller, *, seed: int | None = None
    ) -> Done:
        """The same for a short call, without progress."""
        for event in self.perform(self._job(kind, request, seed, None), compute, caller):
            if isinstance(event, Done):
                return event
        raise Stopped

    def _job(
        self, kind: str, request: Message, seed: int | None, environment: Mapping[str, str] | None
    ) -> Job:
        version = self._version()
        return Job.of(
            kind, request, replace(version, environment={**version.environment, **(environment or {})}), seed
        )

    def perform(self, job: Job, compute: Compute, caller: Caller) -> Iterator[Progress | Done]:
        """Yield progress and, last, `Done`.

        Raises `Busy` when all slots are taken, `Unavailable` when this server is draining or the work was
        stopped, `NotFound` when only what exists was asked for and this does not, and whatever `compute`
        raised. Ends without `Done` only when the caller is gone.
        """
        looked_at = time.monotonic()
        existing = self.store.manifest_artifact(job.kind, job.key)
        if existing is not None:
            yield Done(*existing, reused=True)
            return
        if any(name == ONLY_EXISTING for name, _ in caller.invocation_metadata() or ()):
            name = f"{job.kind}/{job.key}"
            raise NotFound(f"{name} has not been computed", key=name)
        running = self._join_or_start(job, compute, looked_at)
        if isinstance(running, Done):
            yield running
            return
        try:
            yield from running.follow(caller)
        finally:
            self._leave(running)

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

    def _join_or_start(self, job: Job, compute: Compute, looked_at: float) -> _Running | Done:
        """A job that ended since the look-up began is not begun again."""
        name = f"{job.kind}/{job.key}"
        with self._lock:
            running = self._running.get(name)
            ended = self._ended.get(name)
            if running is None and ended is not None and ended[0] >= looked_at:
                return ended[1]
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
                if isinstance(running.end, Done):
                    self._ended[name] = (time.monotonic(), replace(running.end, reused=True))
                    if len(self._ended) > _REMEMBERED:
                        del self._ended[next(iter(self._ended))]
                self._idle.notify_all()

    def _leave(self, running: _Running) -> None:
        with self._lock:
            running.callers -= 1
            if running.callers == 0:
                running.attempt.stop.set()


def _commit(store: Store, manifest: Manifest) -> Done:
    """Write the manifest, unless another replica has meanwhile written one: all callers get the same files.

    The checkpoint goes last: work that is killed before its manifest stands goes on from it.
    """
    existing = store.manifest_artifact(manifest.kind, manifest.key)
    if existing is None:
        existing = store.commit(manifest)
    try:
        Checkpoints(store, manifest.kind, manifest.key).drop()
    except IsoglossError as error:  # the result stands; what is left over is swept by `isogloss gc`
        log.warning("checkpoint not removed", extra={"key": manifest.key, "problem": error.message})
    return Done(*existing, reused=existing[0].attempt != manifest.attempt)


def progress_to_proto(key: str, progress: Progress) -> artifact_pb2.Progress:
    """One progress event of the work at `key`."""
    return artifact_pb2.Progress(
        key=key,
        phase=progress.phase,
        done=progress.done,
        total=progress.total,
        unit=progress.unit,
        eta_s=progress.eta_s,
        measures=dict(progress.measures),
    )


def record_to_proto(done: Done) -> artifact_pb2.Record:
    """The way back to what made a result."""
    return artifact_pb2.Record(key=done.manifest.key, manifest=done.artifact.to_proto(), reused=done.reused)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
