"""Safetensors that somebody else wrote: a header is JSON of the length that its first eight bytes say, and is
parsed whole before anything is known of it.
"""

from isogloss.errors import InvalidInput

MAX_HEADER_BYTES = 16 * 2**20  # 100,000 tensors; the library itself takes 100 MB


def check_header(first_bytes: bytes, field: str) -> None:
    """`InvalidInput` on `field` when the eight bytes announce more than a model's header has."""
    size = int.from_bytes(first_bytes[:8], "little")
    if len(first_bytes) < 8 or size > MAX_HEADER_BYTES:
        problem = f"not a safetensors file, or one with a header of {size} bytes"
        raise InvalidInput(field, problem, f"A header has {MAX_HEADER_BYTES} at most.")
