"""One figure of a run: what it is, of what, how far it can be trusted, and which work gave it."""

from pydantic import ConfigDict, FiniteFloat
from pydantic.dataclasses import dataclass

from report.record.measures import MEASURES

CHECKED = ConfigDict(extra="forbid")

Place = tuple[str | tuple[str, ...], ...]


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
class OfSeed:
    """A number as one seed's models gave it, with its interval over items."""

    seed: int
    value: FiniteFloat
    manifest: str
    interval: Interval | None = None


@dataclass(frozen=True, config=CHECKED)
class Number:
    """One figure, in the paper's units: scores, RPD and gaps in percent, Std. as a fraction of 1.

    - table: of the run, in which it stands; measure: a key of `MEASURES`; task, input: names
    - languages: the one, or the two, that it is of; none: of all of the run's
    - less: the input whose same measure was subtracted ("phoneme" less "character")
    - trained_on: the source language in zero-shot transfer, where a table has several
    - without: the language that was left out; reading: how sentences were read, "" is the paper's way
    - against: what the performance gap is correlated with
    - p: as `note` says; n: points, items or sentences
    - seeds: how many trainings are behind it; of several, `value` is the mean of `by_seed`, and `seed_std`
      their standard deviation (n - 1)
    - manifest: `s3://` URI of the manifest of the work that gave `value`, of several seeds the first's; a
      value without one is refused
    - reason: why there is no value: "n/a: two scores are 0", "not run: train pos/fra failed"
    """

    measure: str
    value: FiniteFloat | None
    manifest: str = ""
    table: str = ""
    task: str = ""
    input: str = ""
    languages: tuple[str, ...] = ()
    less: str = ""
    without: str = ""
    reading: str = ""
    against: str = ""
    trained_on: str = ""
    interval: Interval | None = None
    p: FiniteFloat | None = None
    n: int | None = None
    seeds: int = 1
    seed_std: FiniteFloat | None = None
    by_seed: tuple[OfSeed, ...] = ()
    note: str = ""
    reason: str = ""

    def __post_init__(self) -> None:
        if self.measure not in MEASURES:
            raise ValueError(f"measure: {self.measure!r} is none of {', '.join(MEASURES)}")
        where = " ".join(filter(None, (self.task, self.input, *self.languages, self.measure)))
        if self.value is not None and not self.manifest.startswith("s3://"):
            raise ValueError(f"manifest: {where} has a value but no s3:// URI of a manifest")
        if (self.value is None) != bool(self.reason):
            raise ValueError(f"reason: {where} needs a value or a reason for having none, not both")
        if self.by_seed and len({item.seed for item in self.by_seed}) != self.seeds:
            raise ValueError(f"by_seed: {where} is of {self.seeds} seeds, and names others")
        if self.interval and not self.interval.level and self.measure != "mean_rpd_elsewhere":
            raise ValueError(
                f"interval: {where} has a spread without coverage, which says nothing of a number"
            )

    @property
    def manifests(self) -> tuple[str, ...]:
        """Of the work of each seed."""
        return tuple(item.manifest for item in self.by_seed) or (self.manifest,)

    @property
    def place(self) -> Place:
        """What tells this number from all others of a run; a pair of languages has no order."""
        languages = tuple(sorted(self.languages))
        of = (self.table, self.measure, self.task, self.input, languages)
        return (*of, self.less, self.without, self.reading, self.against, self.trained_on)
