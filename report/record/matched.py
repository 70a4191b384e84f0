"""A controlled experiment: encoders pre-trained alike but for their input, and what came of them."""

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Any, Literal

from pydantic import Field, FiniteFloat, NonNegativeInt, PositiveFloat, TypeAdapter
from pydantic.dataclasses import dataclass

from report.record.numbers import CHECKED

EndpointName = Literal["mean_score", "log_spread_ratio", "mean_rpd", "cka_without_length"]
Regime = Literal["in_language", "zero_shot", "untrained"]


@dataclass(frozen=True, config=CHECKED)
class Contrast:
    """Phonemes set against another input, and the question that this asks."""

    other: str
    asks: str


@dataclass(frozen=True, config=CHECKED)
class Endpoint:
    """A quantity of one encoder. `direction`: 1 where more of it is claimed of phonemes, -1 where less;
    `margin`: the smallest difference that matters, in its unit."""

    of: str
    direction: Literal[-1, 1]
    margin: PositiveFloat


@dataclass(frozen=True, config=CHECKED)
class ContrastRules:
    """By which inputs are compared, and the sha256 of the file in which they were written down."""

    contrasts: tuple[Contrast, ...]
    endpoints: Mapping[EndpointName, Endpoint]
    primary_task: str
    level: Annotated[float, Field(gt=0, lt=0.5)] = 0.05
    input: str = "phoneme"
    sha256: str = ""

    @staticmethod
    def of(content: Any, sha256: str) -> "ContrastRules":
        """Rules of plain data, as YAML gives them; a ValueError names every field that does not fit."""
        if not isinstance(content, dict):
            raise ValueError("it holds no fields")
        return TypeAdapter(ContrastRules).validate_python({**content, "sha256": sha256})


@dataclass(frozen=True, config=CHECKED)
class Arm:
    """One encoder: an input, a seed of pre-training, what it cost and learned.

    - units: read in all steps; fill: their part of what was computed; flops: of forward and backward
    - loss: nats a hidden unit, and accuracy in percent, at the end; `curve` of (step, loss); `languages`
      the loss of each; unigram: the loss of who knows each language's frequencies and no more
    - left_out: lines of the text that held a sentence of an evaluation set
    """

    input: str
    seed: NonNegativeInt
    plan_sha256: str
    manifest: str
    units: NonNegativeInt
    fill: FiniteFloat
    seconds: FiniteFloat
    flops: FiniteFloat
    vocabulary: NonNegativeInt
    unknown_share: FiniteFloat
    loss: FiniteFloat
    accuracy: FiniteFloat
    curve: tuple[tuple[NonNegativeInt, FiniteFloat], ...] = ()
    languages: Mapping[str, FiniteFloat] = field(default_factory=dict)


@dataclass(frozen=True, config=CHECKED)
class TunedScore:
    """The test score, in percent, of one fine-tuned encoder in one language; `untrained` ones were
    fine-tuned in language from random weights."""

    task: str
    input: str
    seed: NonNegativeInt
    fine_tuning_seed: NonNegativeInt
    regime: Regime
    language: str
    score: FiniteFloat
    manifest: str


@dataclass(frozen=True, config=CHECKED)
class Likeness:
    """How alike languages look to one encoder by one reading ("layer 2", "fine-tuned pos"): mean debiased
    CKA over pairs of languages, and the same without sentence length where it can be had."""

    input: str
    seed: NonNegativeInt
    reading: str
    cka: FiniteFloat
    without_length: FiniteFloat | None
    manifest: str


@dataclass(frozen=True, config=CHECKED)
class Matched:
    """The whole experiment. `same`: what is equal in all arms, as (what, value); `left_out`: lines of text
    that were not read since they hold a sentence of an evaluation set, by language; `last`: the reading that
    the endpoint is of."""

    rules: ContrastRules
    same: tuple[tuple[str, str], ...]
    arms: tuple[Arm, ...]
    scores: tuple[TunedScore, ...]
    likeness: tuple[Likeness, ...]
    languages: tuple[str, ...]
    last: str
    words: Mapping[str, NonNegativeInt] = field(default_factory=dict)
    left_out: Mapping[str, NonNegativeInt] = field(default_factory=dict)

    def __post_init__(self) -> None:
        plans = {arm.plan_sha256 for arm in self.arms}
        if len(plans) > 1:
            listed = ", ".join(sorted(sha256[:12] for sha256 in plans))
            raise ValueError(f"arms: runs of different plans ({listed}) cannot be compared")

    @property
    def plan_sha256(self) -> str:
        """Of the one plan of all arms; "" where none is whole."""
        return self.arms[0].plan_sha256 if self.arms else ""

    @property
    def inputs(self) -> tuple[str, ...]:
        """Of the arms, each once."""
        return tuple(dict.fromkeys(arm.input for arm in self.arms))
