"""How a source is read: limits per split, and what may stand in for data that is not at hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sources.data import TaskData, dumped, parse_data
from sources.errors import SourceError


class Substitute(StrEnum):
    """What may be used in the place of a missing split. Each changes what a number means: it has a name."""

    TRAIN_FROM_DEV = "train_from_dev"  # no train: the larger part of dev is train, the rest is dev
    TEST_FROM_DEV = "test_from_dev"  # no (labelled) test: half of dev is test, the other half is dev


REFUSED: frozenset[Substitute] = frozenset()
ALLOWED = frozenset(Substitute)


def parse_substitutes(value: str | list[str]) -> frozenset[Substitute]:
    """A profile's `substitutes`: `refused`, `allowed` (all of them), or a list of names."""
    if value == "refused":
        return REFUSED
    if value == "allowed":
        return ALLOWED
    try:
        return frozenset(Substitute(name) for name in ([value] if isinstance(value, str) else value))
    except ValueError as error:
        names = ", ".join(Substitute)
        raise SourceError(
            "substitutes", str(error), f"Use refused, allowed, or a list of: {names}."
        ) from None


@dataclass(frozen=True)
class ReadOptions:
    """What a profile may ask of any source; part of the keys of all that follows.

    `limit`: most rows by split, as `{"train": 1000}`: a sample drawn with `seed` and kept in file order. It
    depends on row numbers alone, so parallel data stay parallel, and a smaller sample is a subset of a larger
    one. Tasks that need different limits need a source each.
    `train_share`: the part of dev, by sentences, that `train_from_dev` takes.
    `other_treebanks`: by language, the name of a file in `ud/pos/<language>/` (without `.tsv`) to train on
    when the treebank's own train is missing, as `{"tur": "train-imst+boun"}`.
    `data`: what is read instead of the source's own, by task; see `sources.data`. Plain dictionaries are
    validated.
    `folder`: what relative paths of `data` are below where the source is no mirror; changes no result.
    """

    limit: Mapping[str, int] = field(default_factory=dict)
    seed: int = 0
    substitutes: frozenset[Substitute] = REFUSED
    train_share: float = 0.8
    other_treebanks: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, TaskData] = field(default_factory=dict)
    folder: str = "."

    def __post_init__(self) -> None:
        object.__setattr__(self, "data", parse_data(self.data))
        known = ("train", "dev", "test", "devtest")
        for split, rows in self.limit.items():
            if split not in known:
                raise SourceError(f"limit.{split}", "unknown split", f"Use one of: {', '.join(known)}.")
            if rows < 1:
                raise SourceError(
                    f"limit.{split}", f"{rows} rows", "Give at least 1, or leave the limit out."
                )
        if not 0 < self.train_share < 1:
            raise SourceError(
                "train_share", f"{self.train_share} is not between 0 and 1", "Use for example 0.8."
            )

    def to_json(self) -> dict[str, Any]:
        """As manifests hold it."""
        return {
            "limit": dict(self.limit),
            "seed": self.seed,
            "substitutes": sorted(self.substitutes),
            "train_share": self.train_share,
            "other_treebanks": dict(self.other_treebanks),
            **({"data": dumped(self.data)} if self.data else {}),
        }
