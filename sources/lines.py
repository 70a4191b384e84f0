"""FLORES: one sentence a line; line i is the same sentence in every language."""

from collections.abc import Sequence

import pyarrow as pa

from sources.dataset import text_table
from sources.errors import MalformedFile


def parse_text(lines: Sequence[str], path: str) -> pa.Table:
    """Read sentences; an empty line is an error: skipping it would shift all that follow it."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            raise MalformedFile(
                path, number, "an empty line", "Write one sentence a line; languages are parallel."
            )
    return text_table(lines)
