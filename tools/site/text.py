"""Comments and help as Markdown."""

import re


def plain(text: str) -> str:
    """On one line, with angle brackets as they stand, but in code, where they are."""
    parts = re.split(r"(`[^`]*`)", " ".join(text.split()))
    return "".join(part if part.startswith("`") else part.replace("<", "&lt;") for part in parts)


def cell(text: str) -> str:
    """The same, for a table."""
    return plain(text).replace("|", "\\|")
