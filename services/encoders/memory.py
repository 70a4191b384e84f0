"""Running out of memory: how it is told from other errors, and going on with less at once."""

from collections.abc import Callable, Sequence

import torch

from isogloss.errors import Failed


def ran_out(error: Exception) -> bool:
    """Whether torch could not allocate what it needed, on an accelerator or on the CPU; oneDNN, which
    computes some layers there, says no more of it than that a primitive could not be made.
    """
    said = ("can't allocate memory", "could not create a primitive")
    return isinstance(error, torch.OutOfMemoryError) or any(words in str(error) for words in said)


def release() -> None:
    """Give back what torch holds for later; call it outside of the `except` that holds the failed step."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def in_halves(indices: Sequence[int], compute: Callable[[Sequence[int]], None]) -> None:
    """Compute a batch whole or, where memory runs out, in halves of halves; only rounding differs.

    Raises `Failed` when memory does not suffice for a single sequence.
    """
    try:
        compute(indices)
        return
    except RuntimeError as error:
        if not ran_out(error):
            raise
        if len(indices) == 1:
            fix = "lower max_length or use a larger accelerator"
            raise Failed(f"memory does not suffice for one sequence: {fix}") from error
    release()
    middle = len(indices) // 2
    in_halves(indices[:middle], compute)
    in_halves(indices[middle:], compute)
