"""What stands behind the numbers: models and their cost, data, phonemes, points, manifests, failures."""

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal

from pydantic import FiniteFloat, NonNegativeInt
from pydantic.dataclasses import dataclass

from report.record.numbers import CHECKED, Interval


@dataclass(frozen=True, config=CHECKED)
class Table:
    """What one table of the run compares: `gaps` between languages, all with all or, with a `reference`, from
    that language; or the `correlation` of these gaps with other quantities over seeds.
    """

    kind: Literal["gaps", "correlation"] = "gaps"
    reference: str = ""


@dataclass(frozen=True, config=CHECKED)
class LossPoint:
    """Training loss at an optimizer step."""

    step: NonNegativeInt
    loss: FiniteFloat
    learning_rate: FiniteFloat


@dataclass(frozen=True, config=CHECKED)
class DevPoint:
    """Dev score in percent at the end of an epoch, 1 being the first."""

    epoch: NonNegativeInt
    score: FiniteFloat


@dataclass(frozen=True, config=CHECKED)
class Cell:
    """One fine-tuning run: its score beside the baselines of the same set, and what it cost.

    `score` (with its `interval` over items), `majority` (most frequent label) and `lexicon` (most frequent
    label of each word) are percentages by the same `metric`. `seconds`: of the attempt that finished; a
    `reused` cell cost this run nothing. `train_fraction`: share of the train set, 0 to 1; Table 3's models
    see a tenth. `trained_on`: the source language of zero-shot transfer. `reason`: why there is no score.
    """

    task: str
    input: str
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
    reason: str = ""
    loss: tuple[LossPoint, ...] = ()
    dev: tuple[DevPoint, ...] = ()
    note: str = ""
    train_fraction: FiniteFloat = 1.0
    trained_on: str = ""
    interval: Interval | None = None


@dataclass(frozen=True, config=CHECKED)
class SplitCard:
    """What one split holds: rows used of `at_source`, words of token tasks, how often each label stands (most
    frequent first), lengths in `unit`, and how many rows stand in train, too (None for train itself).
    """

    rows: NonNegativeInt
    at_source: NonNegativeInt
    words: int | None
    labels: Mapping[str, int]
    unit: str
    shortest: int
    median: FiniteFloat
    mean: FiniteFloat
    longest: int
    in_train: int | None = None


@dataclass(frozen=True, config=CHECKED)
class DatasetRow:
    """Sentences (pairs for XNLI) of one language, beside Table 4's row of the corpus that it stands for.

    `source` says what was really read ("sample corpus", "Universal Dependencies 2.13, a mirror").
    `splits` are its data card.
    """

    corpus: str
    language: str
    train: int | None
    dev: int | None
    test: int | None
    source: str
    sha256: tuple[str, ...] = ()
    note: str = ""
    manifest: str = ""
    license: str = ""
    splits: Mapping[str, SplitCard] = field(default_factory=dict)


@dataclass(frozen=True, config=CHECKED)
class HyperparameterRow:
    """What a cell was trained with, beside Table 5. Names as in `Hyperparameters` of trainer/v1."""

    task: str
    input: str
    language: str
    model: str
    values: Mapping[str, bool | int | float | str]


@dataclass(frozen=True, config=CHECKED)
class G2PRow:
    """How well one language's text became phonemes.

    `leak_rate`: share of tokens, 0 to 1, that keep letters of the orthography. `extra`: by title.
    `manifests`: of every corpus that was counted.
    """

    language: str
    tokens: int
    leak_rate: FiniteFloat | None
    extra: Mapping[str, float | int | str] = field(default_factory=dict)
    manifests: tuple[str, ...] = ()


@dataclass(frozen=True, config=CHECKED)
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


@dataclass(frozen=True, config=CHECKED)
class ProjectedPoint:
    """One sentence on the t-SNE plane."""

    language: str
    x: FiniteFloat
    y: FiniteFloat


@dataclass(frozen=True, config=CHECKED)
class Projection:
    """t-SNE of sentence vectors, all languages in one plane."""

    table: str
    task: str
    input: str
    points: tuple[ProjectedPoint, ...]
    manifest: str = ""


@dataclass(frozen=True, config=CHECKED)
class CorrelationPoint:
    """One point behind a table of correlations: a seed and a pair of languages, its gap (RPD in percent), and
    what that is correlated with, by name ("cka").
    """

    table: str
    task: str
    input: str
    seed: int
    languages: tuple[str, str]
    gap: FiniteFloat
    quantities: Mapping[str, FiniteFloat]


@dataclass(frozen=True, config=CHECKED)
class DerivedRow:
    """A figure that the paper derives from its printed scores, recomputed. Places as in paper.json."""

    table: str
    row: str
    column: str
    printed: FiniteFloat
    recomputed: FiniteFloat
    agrees: bool
    note: str
    manifest: str


@dataclass(frozen=True, config=CHECKED)
class Failure:
    """A step that failed, why, and the labels of the steps that were not run because of it."""

    label: str
    why: str
    not_run: tuple[str, ...] = ()
