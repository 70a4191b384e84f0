"""How long a batch is padded: as little as possible, and so that no logit depends on its neighbors."""

from collections.abc import Iterable

_CHUNK = 128  # CANINE's local attention looks at windows of this many characters
_RATE = 4  # and its deep encoder at one position for this many
_SPARE_POSITIONS = {"bert": 0, "roberta": 2}  # RoBERTa counts positions from its padding's id, 1, plus one


def padded_length(lengths: Iterable[int], architecture: str) -> int:
    """Positions of a batch of sequences with these lengths.

    BERT and RoBERTa mask padding exactly. CANINE does not: its strided convolution drops the last block of
    four, its upsampling convolution looks two characters past the end, and a window of nothing but padding
    attends to itself evenly, so what it holds depends on how much of it there is. `canine_room` leaves each
    sequence room enough that more padding changes nothing (measured at initializer_range 0.3: float noise
    with it, up to 0.7 without).
    """
    if architecture == "canine":
        return max(canine_room(length) for length in lengths)
    return max(lengths)


def positions_needed(longest: int, architecture: str) -> int:
    """Size of the position table for sequences of up to `longest` ids."""
    if architecture == "canine":
        return -(-canine_room(longest) // _CHUNK) * _CHUNK
    return longest + _SPARE_POSITIONS[architecture]


def longest_sequence(positions: int, architecture: str) -> int:
    """The longest sequence that a position table of this size has room for, padding included."""
    if architecture == "canine":
        return positions // _CHUNK * _CHUNK - 2 * _RATE - 1
    return positions - _SPARE_POSITIONS[architecture]


def canine_room(length: int) -> int:
    """The least padded length from which on CANINE's output for a sequence of `length` stays as it is."""
    if (length + 1) % _CHUNK <= 1:  # the look-ahead falls into the next window, which must then be whole
        return ((length + 1) // _CHUNK + 1) * _CHUNK
    return _RATE * (length // _RATE) + 3 * _RATE
