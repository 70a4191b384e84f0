"""What the metrics read from storage: sentence vectors (safetensors) and tables (Parquet), bounded before
they are fetched."""

from collections.abc import Callable

from isogloss.artifacts import Artifact
from isogloss.errors import InvalidInput
from isogloss.metrics.formats import MAX_FILE_BYTES

Read = Callable[[Artifact], bytes]


def fetch(read: Read, artifact: Artifact, field: str) -> bytes:
    """The artifact's bytes; its size is known before."""
    if artifact.size > MAX_FILE_BYTES:
        fix = f"At most {MAX_FILE_BYTES}: send fewer sentences."
        raise InvalidInput(field, f"{artifact.size} bytes", fix)
    return read(artifact)
