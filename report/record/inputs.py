"""What went into a run: models and what they cost, data sets, phonemes, manifests."""

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from pydantic import FiniteFloat, NonNegativeInt
from pydantic.dataclasses import dataclass

from report.record.numbers import CHECKED, Corpus, Input, Interval, Task


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
    see a tenth.
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
    interval: Interval | None = None


@dataclass(frozen=True, config=CHECKED)
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
    manifest: str = ""


@dataclass(frozen=True, config=CHECKED)
class HyperparameterRow:
    """What a cell was trained with, beside Table 5. Names as in `Hyperparameters` of trainer/v1."""

    task: Task
    input: Input
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
