"""An atlas: how alike languages look to one encoder, without any task."""

from collections.abc import Mapping
from dataclasses import field

from pydantic import FiniteFloat
from pydantic.dataclasses import dataclass

from report.record.numbers import CHECKED


@dataclass(frozen=True, config=CHECKED)
class Place:
    """A language with what a map colors and shapes it by; `script` in ISO 15924."""

    code: str
    name: str
    family: str
    script: str


@dataclass(frozen=True, config=CHECKED)
class AtlasPair:
    """Linear CKA of two languages' vectors of the same sentences: as the paper has it, debiased, and debiased
    with each language's sentence length taken out, None where that cannot be told.
    """

    first: str
    second: str
    cka: FiniteFloat
    debiased: FiniteFloat
    without_length: FiniteFloat | None = None


@dataclass(frozen=True, config=CHECKED)
class Atlas:
    """All pairs by one input. `left_out`: languages that were asked for and are not here, with why; `reason`:
    why there are no pairs at all; `read`: the layer and what of it.
    """

    table: str
    input: str
    model: str
    read: str
    corpus: str
    sentences: int
    places: tuple[Place, ...]
    pairs: tuple[AtlasPair, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    manifest: str = ""
    reason: str = ""

    @property
    def without_length(self) -> bool:
        """Whether length was taken out of every pair, so that this is what is shown."""
        return bool(self.pairs) and all(pair.without_length is not None for pair in self.pairs)

    def shown(self, pair: AtlasPair) -> float:
        """What the maps show of a pair."""
        if self.without_length and pair.without_length is not None:
            return pair.without_length
        return pair.debiased
