"""Sweeps: which hyper-parameters are tried, and which of them go on. No training here.

- `selected`: the profile's own values, Table 5's in the profile `paper`; nothing is tried
- `grid`: every point of the task's grid on the whole train set, as the paper did
- `pruned`: successive halving (Jamieson and Talwalkar, 2016, http://proceedings.mlr.press/v51/jamieson16.html):
  every point on a small part of the train set, the best of them on a larger one, and so on to the whole
"""

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Schedule = Literal["constant", "linear", "cosine"]


@dataclass(frozen=True, order=True)
class Values:
    """One point of a grid."""

    learning_rate: float
    weight_decay: float
    schedule: Schedule

    @property
    def label(self) -> str:
        """For people: "5e-05, 0.01, cosine"."""
        return f"{self.learning_rate:g}, {self.weight_decay:g}, {self.schedule}"


class Grid(BaseModel):
    """A search space, as Table 5 prints one for each task: all combinations are tried."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    learning_rate: list[float] = Field(min_length=1)
    weight_decay: list[float] = Field(min_length=1)
    schedule: list[Schedule] = Field(min_length=1)

    def points(self) -> list[Values]:
        """In the order of the lists, the learning rate slowest; each point once."""
        combined = itertools.product(self.learning_rate, self.weight_decay, self.schedule)
        return list(dict.fromkeys(itertools.starmap(Values, combined)))


class Sweep(BaseModel):
    """How hyper-parameters are chosen, by the dev score of one seed, for each task, input and language."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["selected", "grid", "pruned"] = "selected"
    # For `pruned`: the parts of the train set before the whole, rising, and how many points share one place
    # in the next round (3: a third of them goes on, rounded up).
    fractions: list[float] = [0.1, 0.3]
    keep_one_in: int = Field(3, ge=2)

    @model_validator(mode="after")
    def _rising(self) -> "Sweep":
        if not all(low < high for low, high in itertools.pairwise([0.0, *self.fractions, 1.0])):
            raise ValueError("fractions must rise and lie between 0 and 1, such as [0.1, 0.3]")
        return self

    @property
    def rounds(self) -> list[float]:
        """The part of the train set in each round of training; the last is the whole."""
        return {"selected": [], "grid": [1.0], "pruned": [*self.fractions, 1.0]}[self.kind]

    def places(self, points: int, fraction: float) -> int:
        """How many of the points that were trained on `fraction` go on; one after the last round."""
        return 1 if fraction == 1 else math.ceil(points / self.keep_one_in)

    def survivors(self, scores: Mapping[Values, float], fraction: float) -> list[Values]:
        """The best of a round, in its order; of equal ones the first, so that a rerun chooses the same."""
        places = self.places(len(scores), fraction)
        best = sorted(scores, key=lambda point: -scores[point])[:places]  # a stable sort
        return [point for point in scores if point in best]
