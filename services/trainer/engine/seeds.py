"""All randomness of a run, as a function of its seed and of the place where it is used.

Nothing depends on how much randomness was drawn before, so a resumed run needs no saved random states: step
117 drops the same units whether or not the process that did step 116 still lives.
"""

import hashlib
import random

import torch


def derive(seed: int, *place: str | int) -> int:
    """A 63-bit seed for one place, such as `derive(seed, "epoch", 3)`."""
    text = "/".join(map(str, (seed, *place)))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def generator(seed: int, *place: str | int) -> random.Random:
    """A generator of its own for one place."""
    return random.Random(derive(seed, *place))


def seed_torch(seed: int, *place: str | int) -> None:
    """Set torch's global generators (dropout, initial weights) for one place."""
    torch.manual_seed(derive(seed, *place))
