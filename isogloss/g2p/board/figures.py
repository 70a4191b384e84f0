"""The board's figures, kept for those who ask what a language is worth: GetLanguage and ListLanguages.

`figures.json` is written by `bench/g2p_accuracy.py --write` and by nothing else; it says by which command.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

PATH = Path(__file__).parent / "figures.json"


@dataclass(frozen=True)
class Accuracy:
    """One tool on one language, in per cent; `Accuracy` of g2p.proto. `per` and `right` are of running words,
    weighted by how often they come, `types_per` of the gold's words, each once; `source` names gold and
    command.
    """

    tool: str
    per: float
    per_half_width: float
    right: float
    types_per: float
    coverage: float
    source: str


def write(result: Mapping[str, Any], command: str) -> None:
    """Keep a run of the bench: its languages take the place of what was kept of them, others stay."""
    kept = json.loads(PATH.read_text(encoding="utf-8"))["languages"] if PATH.is_file() else {}
    kept |= {code: {**rows, "command": command} for code, rows in result.items() if rows}
    content = {"languages": kept}
    PATH.write_text(
        json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
    )


@cache
def of(code: str) -> tuple[Accuracy, ...]:
    """What is known of a language by Epitran's code; () where there was no gold."""
    if not PATH.is_file():
        return ()
    kept = json.loads(PATH.read_text(encoding="utf-8"))
    rows = kept["languages"].get(code, {})
    return tuple(
        Accuracy(
            tool,
            row["tokens"]["per"],
            row["tokens"]["per_half_width"],
            row["tokens"]["right"],
            row["types"]["per"],
            rows["coverage"],
            f"{row['gold']}: {rows['command']}",
        )
        for tool, row in rows.items()
        if isinstance(row, dict) and "tokens" in row
    )
