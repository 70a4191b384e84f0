"""How CANINE must be padded: its mask is not exact.

Its strided convolution drops the last block of four, its upsampling convolution looks two characters past the
end, and a window of nothing but padding attends to itself evenly, so what it holds depends on how much of it
there is. `room` leaves each sequence room enough that more padding changes nothing (measured at
initializer_range 0.3: float noise with it, up to 0.7 without).
"""

_CHUNK = 128  # CANINE's local attention looks at windows of this many characters
_RATE = 4  # and its deep encoder at one position for this many


def room(length: int) -> int:
    """The least padded length from which on CANINE's output for a sequence of `length` stays as it is."""
    if (length + 1) % _CHUNK <= 1:  # the look-ahead falls into the next window, which must then be whole
        return ((length + 1) // _CHUNK + 1) * _CHUNK
    return _RATE * (length // _RATE) + 3 * _RATE


def positions_needed(longest: int) -> int:
    """Size of the position table for sequences of up to `longest` ids."""
    return -(-room(longest) // _CHUNK) * _CHUNK


def longest_sequence(positions: int) -> int:
    """The longest sequence that a position table of this size has room for, padding included."""
    return positions // _CHUNK * _CHUNK - 2 * _RATE - 1
