"""What a long call says of itself, for people: in the CLI's line, and in Prefect's log of the step.

The same figures are in the report's learning curves when the call has ended.
"""

import time
from collections.abc import Callable

from prefect import get_run_logger

from isogloss.artifact.v1.artifact_pb2 import Progress

_LOG_EVERY_S = 10.0


def brief(event: Progress) -> str:
    """For a line that others share: "epoch 3/10 24%, 1 min 20 s left"."""
    share = f" {event.done / event.total:.0%}" if event.total else ""
    return f"{event.phase}{share}{f', {_time(event.eta_s)} left' if event.eta_s else ''}"


def full(event: Progress) -> str:
    """For a line of its own: step, loss, learning rate, units a second without padding, fill, time left."""
    parts = [event.phase]
    if event.total:
        parts.append(f"{event.unit} {event.done:.0f}/{event.total:.0f}")
    values = event.measures
    named = {
        "loss": "loss {:.4g}",
        "learning_rate": "learning rate {:.3g}",
        "tokens_per_s": "{:,.0f} units/s",
        "fill": "fill {:.0%}",
    }
    parts += [form.format(values[name]) for name, form in named.items() if name in values]
    if event.eta_s:
        parts.append(f"{_time(event.eta_s)} left")
    return ", ".join(parts)


def logged(show: Callable[[str], None]) -> Callable[[Progress], None]:
    """A listener that shows each event in brief, and writes one in full to the task's log every ten
    seconds.
    """
    log = get_run_logger()
    due = time.monotonic() + _LOG_EVERY_S

    def listen(event: Progress) -> None:
        nonlocal due
        show(brief(event))
        if time.monotonic() >= due:
            due = time.monotonic() + _LOG_EVERY_S
            log.info("%s", full(event))

    return listen


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
