"""What a run hands to its report: one `RunRecord`, filled by the flow: every figure and its provenance.

Values are in the paper's units: scores, baselines, RPD and absolute gaps in percent (87.13), Std. as a
fraction of 1 (0.0316), CKA and correlations from -1 to 1. None always means "not run", never zero.

Every class checks its fields when it is made (pydantic), so a wrong table or row fails in the flow, at the
line that made it, and not in a template.
"""

import re
from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal

from pydantic import AwareDatetime, ConfigDict, FiniteFloat, NonNegativeInt, TypeAdapter
from pydantic.dataclasses import dataclass

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

_CHECKED = ConfigDict(extra="forbid")


@dataclass(frozen=True, config=_CHECKED)
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


@dataclass(frozen=True, config=_CHECKED)
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


@dataclass(frozen=True, config=_CHECKED)
class LossPoint:
    """Training loss at an optimizer step."""

    step: NonNegativeInt
    loss: FiniteFloat
    learning_rate: FiniteFloat


@dataclass(frozen=True, config=_CHECKED)
class DevPoint:
    """Dev score in percent at the end of an epoch, 1 being the first."""

    epoch: NonNegativeInt
    score: FiniteFloat


@dataclass(frozen=True, config=_CHECKED)
class Cell:
    """One fine-tuning run: its score beside the baselines of the same set, and what it cost.

    `score`, `majority` (most frequent label) and `lexicon` (most frequent label of each word) are percentages
    by the same `metric`. `seconds`: of the attempt that finished; a `reused` cell cost this run nothing.
    `train_fraction`: share of the train set, 0 to 1; Table 3's models see a tenth.
    """

    task: Task
    input: Input
    language: str
    seed: int
    score: FiniteFloat | None
    metric: str = ""
    majority: FiniteFloat | None = None
    lexicon: FiniteFloat | None = None
    seconds: FiniteFloat | None = None
    tokens_per_second: FiniteFloat | None = None
    best_epoch: int | None = None
    truncated: int | None = None
    reused: bool = False
    manifest: str = ""
    loss: tuple[LossPoint, ...] = ()
    dev: tuple[DevPoint, ...] = ()
    note: str = ""
    train_fraction: FiniteFloat = 1.0


@dataclass(frozen=True, config=_CHECKED)
class DatasetRow:
    """Sentences (pairs for XNLI) of one language, beside Table 4's row of the corpus that it stands for.

    `source` says what was really read ("sample corpus", "Universal Dependencies 2.13, a mirror").
    """

    corpus: Corpus
    language: str
    train: int | None
    dev: int | None
    test: int | None
    source: str
    sha256: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, config=_CHECKED)
class HyperparameterRow:
    """What a cell was trained with, beside Table 5. Names as in `Hyperparameters` of trainer/v1."""

    task: Task
    input: Input
    language: str
    model: str
    values: Mapping[str, bool | int | float | str]


@dataclass(frozen=True, config=_CHECKED)
class Pair:
    """A quantity between two languages, for one task and input (Figures 2 and 3). `rpd` is in percent,
    `absolute` in points."""

    task: Task
    input: Input
    first: str
    second: str
    metric: Metric
    value: FiniteFloat
    manifest: str = ""
    interval: Interval | None = None


@dataclass(frozen=True, config=_CHECKED)
class BoundRow:
    """The terms of Theorem C.2 for two languages on XNLI.

    `proxy_a_distance` (0 to 2, with `interval`) is of held-out sentences; `divergence` + `complexity` =
    `bound`. `observed`: the difference of risks that it bounds, 0 to 1. `vacuous`: the bound exceeds 1.
    """

    input: Input
    first: str
    second: str
    proxy_a_distance: FiniteFloat
    interval: Interval
    divergence: FiniteFloat
    complexity: FiniteFloat
    bound: FiniteFloat
    observed: FiniteFloat
    vacuous: bool
    manifest: str


@dataclass(frozen=True, config=_CHECKED)
class ProjectedPoint:
    """One sentence on the t-SNE plane."""

    language: str
    x: FiniteFloat
    y: FiniteFloat


@dataclass(frozen=True, config=_CHECKED)
class Projection:
    """t-SNE of sentence vectors, all languages in one plane (Figure 2, left and right)."""

    task: Task
    input: Input
    points: tuple[ProjectedPoint, ...]
    manifest: str = ""


@dataclass(frozen=True, config=_CHECKED)
class CorrelationPoint:
    """One point behind Table 3: a seed and a language pair ("eng-swa"). Gap and performance in percent."""

    seed: int
    pair: str
    gap: FiniteFloat
    eng_performance: FiniteFloat
    sinkhorn: FiniteFloat
    cka: FiniteFloat


@dataclass(frozen=True, config=_CHECKED)
class G2PRow:
    """How well one language's text became phonemes.

    `leak_rate`: share of tokens, 0 to 1, that keep letters of the orthography. `extra`: by title.
    """

    language: str
    tokens: int
    leak_rate: FiniteFloat | None
    extra: Mapping[str, float | int | str] = field(default_factory=dict)
    manifest: str = ""


@dataclass(frozen=True, config=_CHECKED)
class RobustnessRow:
    """One value of the robustness panel: the table `check`, its row `subject`, its column `series`.

    `check`: for example "Mean CKA by estimator"; `series`: "NER character", empty in a table of one column.
    `digits`: with which the value is written.
    """

    check: str
    subject: str
    value: FiniteFloat
    interval: Interval | None = None
    p: FiniteFloat | None = None
    n: int | None = None
    manifest: str = ""
    note: str = ""
    series: str = ""
    digits: int = 4


@dataclass(frozen=True, config=_CHECKED)
class DerivedRow:
    """A figure that the paper derives from its printed scores, recomputed from them."""

    table: Table
    row: str
    column: str
    printed: FiniteFloat
    recomputed: FiniteFloat
    agrees: bool
    note: str
    manifest: str


@dataclass(frozen=True, config=_CHECKED)
class ManifestRow:
    """What a manifest says (fields as in `isogloss.manifests`), so that the report shows it without S3.

    `inputs` and `files`: sha256 by name. `started`, `finished`: ISO 8601. `request`: plain JSON.
    """

    uri: str
    kind: str = ""
    code_version: str = ""
    started: str = ""
    finished: str = ""
    seed: int | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    libraries: Mapping[str, str] = field(default_factory=dict)
    hardware: Mapping[str, str] = field(default_factory=dict)
    request: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, config=_CHECKED)
class RunRecord:
    """All that a report shows. Only the first block is required; what is left out is shown as "not run".

    `languages`: ISO 639-3, in the order of the columns. `notes`: sentences for the reader.
    `banner`: one sentence on top of everything, for runs whose figures must not be taken for results.
    `command`: what was typed to start the run.
    """

    run_id: str
    profile: str
    started: AwareDatetime
    finished: AwareDatetime
    tasks: tuple[Task, ...]
    languages: tuple[str, ...]
    regime: Regime
    evaluation: Evaluation
    numbers: tuple[Number, ...] = ()
    cells: tuple[Cell, ...] = ()
    datasets: tuple[DatasetRow, ...] = ()
    hyperparameters: tuple[HyperparameterRow, ...] = ()
    pairs: tuple[Pair, ...] = ()
    bounds: tuple[BoundRow, ...] = ()
    projections: tuple[Projection, ...] = ()
    correlations: tuple[CorrelationPoint, ...] = ()
    g2p: tuple[G2PRow, ...] = ()
    robustness: tuple[RobustnessRow, ...] = ()
    derived: tuple[DerivedRow, ...] = ()
    manifests: tuple[ManifestRow, ...] = ()
    notes: tuple[str, ...] = ()
    banner: str = ""
    command: str = ""
    code_version: str = ""
    hardware: str = ""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9._-]{1,100}", self.run_id):
            raise ValueError(
                f"run_id: {self.run_id!r} cannot name a folder; use letters, digits, '.', '_' and '-'"
            )
        seen: set[tuple[str, str, str]] = set()
        for number in self.numbers:
            place = (number.table, number.row, number.column)
            if place in seen:
                raise ValueError(f"numbers: {' '.join(place)} is given twice")
            seen.add(place)

    @property
    def computed(self) -> int:
        """Cells that this run trained."""
        return sum(not cell.reused for cell in self.cells)

    def to_json(self) -> str:
        """The record as JSON text; `from_json` reads it back equal."""
        return _adapter().dump_json(self).decode()

    @staticmethod
    def from_json(text: str | bytes) -> "RunRecord":
        """Read what `to_json` wrote; a ValueError (pydantic's) names every field that does not fit."""
        return _adapter().validate_json(text)


def _adapter() -> TypeAdapter[RunRecord]:
    return TypeAdapter(RunRecord)
