"""Losses and scores as TensorBoard's event files, where the operator wants them; no result depends on it.

pip install isogloss[tracking]
ISOGLOSS_TENSORBOARD_DIR=/logs        # a folder a run, named by its key
tensorboard --logdir /logs
"""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from isogloss.errors import Failed
from services.trainer.engine.callback import Callback
from services.trainer.engine.state import State

EVERY_S = 1.0  # at most one step a second is written: training does not wait for disks


class TensorBoard(Callback):
    """Event files of one run in one folder."""

    def __init__(self, folder: Path) -> None:
        """Raises `Failed` when the extra is not installed."""
        try:
            from tensorboardX import SummaryWriter  # type: ignore[import-untyped]
        except ImportError as error:
            fix = "install isogloss[tracking] or unset ISOGLOSS_TENSORBOARD_DIR"
            raise Failed(f"tensorboardX is not installed: {fix}") from error
        self._writer: Any = SummaryWriter(str(folder))
        self._written = 0.0
        self._step = 0

    def begin(self, settings: Mapping[str, object]) -> None:
        rows = "\n".join(f"| {name} | {value} |" for name, value in settings.items())
        self._writer.add_text("settings", f"| | |\n| --- | --- |\n{rows}", 0)

    def after_step(self, state: State, total: int, measures: Mapping[str, float]) -> None:
        self._step = state.step
        if time.monotonic() - self._written >= EVERY_S or state.step == total:
            self._written = time.monotonic()
            self._add("train", measures)

    def after_epoch(self, state: State, score: float) -> None:
        self._add("dev", {"score": score, "epoch": state.epoch})

    def after_set(self, name: str, scores: Mapping[str, float]) -> None:
        self._add(f"evaluate/{name}", scores)

    def end(self) -> None:
        self._writer.close()

    def _add(self, group: str, numbers: Mapping[str, float]) -> None:
        for name, value in numbers.items():
            self._writer.add_scalar(f"{group}/{name}", value, self._step)
        self._writer.flush()
