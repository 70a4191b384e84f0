"""The learning rate over the steps of a run."""

import math


def learning_rate(step: int, total: int, peak: float, schedule: str, warmup_ratio: float) -> float:
    """Rate for `step` (from 0) of `total`: linear from 0 to `peak` over the warm-up, then constant, or linear
    or cosine
    down to 0 at the end."""
    warmup = math.ceil(total * warmup_ratio)
    if step < warmup:
        return peak * (step + 1) / (warmup + 1)
    if schedule == "constant":
        return peak
    progress = (step - warmup) / max(1, total - warmup)
    if schedule == "linear":
        return peak * (1 - progress)
    return peak * 0.5 * (1 + math.cos(math.pi * progress))
