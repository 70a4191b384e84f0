"""Claims as data: what is claimed, and the rules by which a run is judged, written down before it."""

from typing import Annotated, Literal

from pydantic import Field, PositiveFloat, PositiveInt, TypeAdapter
from pydantic.dataclasses import dataclass

from report.record.measures import MEASURES
from report.record.numbers import CHECKED


@dataclass(frozen=True, config=CHECKED)
class Design:
    """What a run needs so that an outcome is given: seeds of each model, languages, and items of each."""

    seeds: PositiveInt = 1
    languages: PositiveInt = 2
    items: PositiveInt = 1


@dataclass(frozen=True, config=CHECKED)
class Claim:
    """A measure by `input` is lower, or higher, than the same by the input `less`.

    - languages: the pair that it is about; none: all of a table's
    - matters: the smallest difference that matters, in the measure's unit
    - control: no claim by itself, but what the claim before it must survive
    """

    text: str
    task: str
    input: str
    less: str
    measure: str
    direction: Literal["lower", "higher"]
    matters: PositiveFloat
    languages: tuple[str, ...] = ()
    needs: Design = Design()
    control: bool = False

    def __post_init__(self) -> None:
        if self.measure not in MEASURES:
            raise ValueError(f"measure: {self.measure!r} is none of {', '.join(MEASURES)}")
        if len(self.languages) not in (0, 2):
            raise ValueError("languages: name the two that are compared, or none for all")


@dataclass(frozen=True, config=CHECKED)
class Cells:
    """When a score counts as the paper's: within `margin` points, told by several seeds."""

    margin: PositiveFloat
    seeds: Annotated[int, Field(ge=2)] = 3


@dataclass(frozen=True, config=CHECKED)
class Rules:
    """By which a run is judged. `level`: the chance that any claim comes out wrongly."""

    claims: tuple[Claim, ...] = ()
    level: Annotated[float, Field(gt=0, lt=0.5)] = 0.05
    cells: Cells | None = None

    @staticmethod
    def of(content: object) -> "Rules":
        """Rules of plain data, as YAML gives them; a ValueError names every field that does not fit."""
        return TypeAdapter(Rules).validate_python(content)
