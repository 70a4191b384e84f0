"""How long, and how often, a client tries again."""

import logging
import time
from typing import Any

from isogloss.channel import channel_of
from isogloss.errors import Busy, IsoglossError, Retryable, Unavailable
from isogloss.settings import settings

log = logging.getLogger(__name__)

# A restart is not worth a line; a service that stays away for longer is.
_SAY_AFTER_S = 10


class Patience:
    """Pauses between the tries of one call: as told while the service is busy, ever longer while it is away,
    `limit_s` at a stretch, and never past `total_s`.
    """

    def __init__(self, method: Any, limit_s: float | None, total_s: float) -> None:
        self._channel = channel_of(method)
        self._limit_s = limit_s if limit_s is not None else settings().patience_s
        self._ends_at = time.monotonic() + total_s
        self._total_s = total_s
        self.restart()

    def restart(self) -> None:
        """The service was there a moment ago."""
        self._away_since: float | None = None
        self._pause_s = 0.2
        self._told = False
        if self._channel is not None:
            self._channel.worked()

    def left_s(self) -> float:
        """Seconds until the end of all tries."""
        return max(0.0, self._ends_at - time.monotonic())

    def pause_s(self, problem: IsoglossError) -> float:
        """Seconds until the next try; raises `problem` when another try cannot help, or `Busy` and
        `Unavailable` when they have been awaited too long.
        """
        if not isinstance(problem, Retryable):
            raise problem
        if isinstance(problem, Busy):
            self.restart()
            pause = min(problem.retry_after_s, 1.0)
            if pause > self.left_s():
                waited = f"still busy after {self._total_s:g} s: {problem.message}"
                raise Busy(waited, problem.retry_after_s) from problem
            return pause
        if self._channel is not None:
            self._channel.failed()
        now = time.monotonic()
        self._away_since = self._away_since or now
        if now - self._away_since + self._pause_s > min(
            self._limit_s, now - self._away_since + self.left_s()
        ):
            raise Unavailable(f"no answer within {self._limit_s:g} s: {problem.message}") from problem
        if now - self._away_since > _SAY_AFTER_S and not self._told:
            self._told = True
            log.warning("still waiting, for %g s at most: %s", self._limit_s, problem.message)
        pause, self._pause_s = self._pause_s, min(self._pause_s * 1.5, 5.0)
        return pause
