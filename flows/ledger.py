"""Where a run stands, for people and for the CLI: a small JSON file that is replaced as the run goes on.

.isogloss/runs/<flow run>/progress.json    phase, done, total, reused, computed, failed, message
.isogloss/runs/<flow run>/console.txt      the tables, when there are any
.isogloss/runs/<flow run>/outcome.json     where the report is, what went wrong, the exit code
"""

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Progress is for eyes: telling it more often than this many seconds would be waste.
_WRITE_EVERY_S = 0.3
_TELL_EVERY_S = 2.0


class Ledger:
    """Counts the run's steps. Thread-safe. `tell` hears the percentage that is done every few seconds."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.tell: Callable[[float], None] = lambda percent: None
        self._told = 0.0
        directory.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._phase = "starting"
        self._total = self._done = self._reused = self._computed = self._failed = 0
        self._active: dict[str, str] = {}
        self._written = 0.0
        self._write(force=True)

    def begin(self, steps: int) -> None:
        """Say how many steps there are."""
        with self._lock:
            self._total = steps
            self._write(force=True)

    def phase(self, name: str) -> None:
        """Say what the run is at."""
        with self._lock:
            if name != self._phase:
                self._phase = name
                self._write(force=True)

    def working(self, step: str, message: str) -> None:
        """Say what a step is doing."""
        with self._lock:
            self._active[step] = message
            self._write()

    def finished(self, step: str, *, reused: bool | None = None, failed: bool = False) -> None:
        """Count a step; `reused` says, for a cell, whether its result existed already."""
        with self._lock:
            self._active.pop(step, None)
            self._done += 1
            self._failed += failed
            if reused is not None:
                self._reused += reused
                self._computed += not reused
            self._write()
            percent = 100 * self._done / max(self._total, self._done)
            due = time.monotonic() - self._told > _TELL_EVERY_S
            if due:
                self._told = time.monotonic()
        if due:
            self.tell(percent)

    def close(self, report: Path | None, console: str, error: str | None, exit_code: int) -> None:
        """Write the end: the tables to print, where the report is, what went wrong, and the command's exit
        code: 0 whole, 4 with failed cells, 1 nothing.
        """
        with self._lock:
            self._phase = "failed" if error else "done"
            self._active.clear()
            self._write(force=True)
        _replace(self.directory / "console.txt", console)
        outcome = {"report": str(report) if report else None, "error": error, "exit_code": exit_code}
        _replace(self.directory / "outcome.json", json.dumps(outcome, ensure_ascii=False))

    def _write(self, force: bool = False) -> None:
        now = time.monotonic()
        if not force and now - self._written < _WRITE_EVERY_S:
            return
        self._written = now
        state: dict[str, Any] = {
            "phase": self._phase,
            "done": self._done,
            "total": self._total,
            "reused": self._reused,
            "computed": self._computed,
            "failed": self._failed,
            "message": "; ".join(f"{step}: {text}" if text else step for step, text in self._active.items()),
        }
        _replace(self.directory / "progress.json", json.dumps(state, ensure_ascii=False))


def _replace(path: Path, text: str) -> None:
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text)
    partial.replace(path)
