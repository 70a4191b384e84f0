"""Numbers of Tables 1 to 3: where each stands, its interval, and the words that name tasks and inputs."""

import re
from collections.abc import Mapping
from typing import Literal

from pydantic import ConfigDict, FiniteFloat
from pydantic.dataclasses import dataclass

CHECKED = ConfigDict(extra="forbid")

Task = Literal["ner", "pos", "xnli"]
Input = Literal["subword", "character", "phoneme"]
Table = Literal["table1", "table2", "table3"]
Regime = Literal["in_language", "zero_shot"]
Evaluation = Literal["paper", "honest"]
Corpus = Literal["flores", "xnli", "wikiann", "ud"]
Metric = Literal["cka", "cka_debiased", "sinkhorn", "sinkhorn_debiased", "sinkhorn_exact", "rpd", "absolute"]
Verdict = Literal["reproduced", "within noise", "not reproduced", "definition differs", "not run"]

ROWS: Mapping[Table, tuple[str, ...]] = {
    "table1": ("ner/character", "ner/phoneme", "pos/character", "pos/phoneme"),
    "table2": ("subword", "character", "phoneme"),
    "table3": ("gap_vs_eng_performance", "gap_vs_sinkhorn", "gap_vs_cka"),
}
"""The rows of the paper's tables, in its order."""

COLUMNS: Mapping[Table, tuple[str, ...]] = {
    "table1": ("std", "mean_rpd", "mean_cka", "mean_cka_debiased"),
    "table2": (),
    "table3": ("spearman", "spearman_p", "kendall", "kendall_p", "n"),
}
"""The columns that are no language. Tables 1 and 2 also have one per language, Table 2 with its gaps."""

_LANGUAGE_COLUMN: Mapping[Table, re.Pattern[str]] = {
    "table1": re.compile(r"[a-z]{3}"),
    "table2": re.compile(r"[a-z]{3}(_rpd|_abs)?"),
    "table3": re.compile(r"(?!)"),
}


@dataclass(frozen=True, config=CHECKED)
class Interval:
    """How far a number can be trusted: `low` to `high` cover it with probability `level`, by `method`.

    `level` 0: a spread that claims no coverage; only the robustness panel shows such.
    """

    low: FiniteFloat
    high: FiniteFloat
    level: FiniteFloat = 0.95
    method: str = ""

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError(f"interval: low {self.low} is above high {self.high}")
        if not 0 <= self.level < 1:
            raise ValueError(f"interval: level {self.level} is not between 0 and 1")


@dataclass(frozen=True, config=CHECKED)
class Number:
    """One cell of Tables 1 to 3.

    `manifest`: `s3://` URI of the manifest of the work that gave `value`; a value without one is refused.
    `verdict`: only for what figures cannot tell ("definition differs"); the others follow from `interval`.
    """

    table: Table
    row: str
    column: str
    value: FiniteFloat | None
    paper: FiniteFloat | None = None
    manifest: str = ""
    unit: str = ""
    note: str = ""
    interval: Interval | None = None
    verdict: Verdict | None = None

    def __post_init__(self) -> None:
        if self.row not in ROWS[self.table]:
            raise ValueError(
                f"row: {self.table} has no row {self.row!r}; its rows are {', '.join(ROWS[self.table])}"
            )
        fixed = COLUMNS[self.table]
        if self.column not in fixed and not _LANGUAGE_COLUMN[self.table].fullmatch(self.column):
            raise ValueError(f"column: {self.table} has no column {self.column!r}")
        if self.interval and not self.interval.level:
            raise ValueError("interval: a spread without coverage says nothing of a number of Tables 1 to 3")
        if self.value is not None and not self.manifest.startswith("s3://"):
            raise ValueError(
                f"manifest: {self.table} {self.row} {self.column} has a value but no s3:// URI of a manifest"
            )
