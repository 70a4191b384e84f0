"""How a run is watched from outside: what the caller is told, when a checkpoint is saved, when it stops."""

import time
from collections.abc import Callable, Mapping

from isogloss.child import Reporter
from isogloss.errors import Stopped
from services.trainer.engine.callback import Callback
from services.trainer.engine.state import State

REPORT_EVERY_S = 0.5
SAVING_SHARE = 0.1  # of the time at most: a checkpoint of 2 GB takes seconds to store, and training waits

Save = Callable[[Mapping[str, bytes]], None]


class Watcher(Callback):
    """Reports twice a second, looks for a stop at every step, and saves a checkpoint on a stop and every
    `checkpoint_every_s` seconds, less often where saving takes more than a tenth of the time.
    """

    def __init__(self, reporter: Reporter, save: Save, checkpoint_every_s: float, epochs: int) -> None:
        self._reporter = reporter
        self._save = save
        self._every_s = checkpoint_every_s
        self._epochs = epochs
        self._reported = time.monotonic()
        self._save_at = self._reported + checkpoint_every_s
        self._first: tuple[float, int] | None = None  # when this attempt's first step was done, and which

    def resumed(self, step: int) -> None:
        """Say that the run goes on after `step` steps of an earlier attempt."""
        self._reporter.progress(phase="resuming", done=step, unit="step")

    def phase(self, name: str) -> None:
        self._reporter.progress(phase=name)

    def after_step(self, state: State, total: int, measures: Mapping[str, float]) -> None:
        now = time.monotonic()
        self._first = self._first or (now, state.step)
        if not self._due(now):
            return
        since, step = self._first
        pace = (now - since) / (state.step - step) if state.step > step else 0.0  # scoring dev included
        self._reporter.progress(
            phase=f"epoch {state.epoch + 1}/{self._epochs}",
            done=state.step,
            total=total,
            unit="step",
            eta_s=pace * (total - state.step),
            measures={"epoch": state.epoch + 1, **measures},
        )

    def progress(self, phase: str, done: int, total: int) -> None:
        if self._reporter.stopping():
            raise Stopped
        if self._due(time.monotonic()):
            self._reporter.progress(phase=phase, done=done, total=total, unit="sentence")

    def _due(self, now: float) -> bool:
        if now - self._reported < REPORT_EVERY_S:
            return False
        self._reported = now
        return True

    def before_step(self, make_checkpoint: Callable[[], dict[str, bytes]]) -> None:
        stopping = self._reporter.stopping()
        started = time.monotonic()
        if stopping or started >= self._save_at:
            self._save(make_checkpoint())
            took_s = time.monotonic() - started
            self._save_at = started + max(self._every_s, took_s / SAVING_SHARE)
        if stopping:
            raise Stopped
