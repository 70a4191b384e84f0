"""What was measured besides Tables 1 to 3: for Figures 2 and 3, the theorem, comparisons, robustness."""

from typing import Literal

from pydantic import FiniteFloat
from pydantic.dataclasses import dataclass

from report.record.numbers import CHECKED, Input, Interval, Metric, Table, Task


@dataclass(frozen=True, config=CHECKED)
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
    note: str = ""


@dataclass(frozen=True, config=CHECKED)
class BoundRow:
    """The terms of Theorem C.2 for two languages on XNLI.

    `proxy_a_distance` (0 to 2, with `interval`) is of held-out sentences; `divergence` + `complexity` =
    `bound`. `observed`: the difference of risks that it bounds, 0 to 1, with `observed_interval`. `vacuous`:
    the bound exceeds 1.
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
    observed_interval: Interval
    vacuous: bool
    manifest: str


@dataclass(frozen=True, config=CHECKED)
class ProjectedPoint:
    """One sentence on the t-SNE plane."""

    language: str
    x: FiniteFloat
    y: FiniteFloat


@dataclass(frozen=True, config=CHECKED)
class Projection:
    """t-SNE of sentence vectors, all languages in one plane (Figure 2, left and right)."""

    task: Task
    input: Input
    points: tuple[ProjectedPoint, ...]
    manifest: str = ""


@dataclass(frozen=True, config=CHECKED)
class CorrelationPoint:
    """One point behind Table 3: a seed and a language pair ("eng-swa"). Gap and performance in percent."""

    seed: int
    pair: str
    gap: FiniteFloat
    eng_performance: FiniteFloat
    sinkhorn: FiniteFloat
    cka: FiniteFloat


Measure = Literal["mean_rpd", "std", "rpd", "mean_cka", "mean_cka_debiased", "mean_cka_residual"]


@dataclass(frozen=True, config=CHECKED)
class Difference:
    """A measure by `first` less the same measure by `second`, on the same languages and test items.

    Of all languages, of all but `without`, or of a `pair` of them ("eng-swa"). `p` is two-sided: as large a
    difference when the two inputs are exchanged within languages.
    """

    task: Task
    first: Input
    second: Input
    measure: Measure
    value: FiniteFloat
    interval: Interval | None
    manifest: str
    p: FiniteFloat | None = None
    without: str = ""
    pair: str = ""
    note: str = ""


@dataclass(frozen=True, config=CHECKED)
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


@dataclass(frozen=True, config=CHECKED)
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
