"""The tables of a profile: which cells are trained, and what is made of them."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from flows.pretraining import Code, Codes, MatchedTable, Names


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class GapTable(_Strict):
    """A row for each task and input, a column for each language: scores, and what lies between them.

    Tables 1 and 2 of the paper. `reference`: the language that gaps are printed from; without one, their
    mean. `compare`: the input that the others are set against. `seeds`: trainings of each model, of which the
    mean and the standard deviation are reported; the profile's where unset.
    """

    kind: Literal["gaps"] = "gaps"
    tasks: Names
    languages: Codes
    inputs: Names
    reference: Code | None = None
    compare: str | None = "phoneme"
    seeds: int | None = Field(None, ge=1, le=100)
    # The t-SNE plane (Figure 2): of one task, and of these languages as far as the table has them; where it
    # has fewer than two of them, of its first five.
    figure_task: str | None = None
    figure_languages: list[Code] = Field(default_factory=list)

    @model_validator(mode="after")
    def _consistent(self) -> "GapTable":
        for field, names in (("figure_task", self.tasks), ("compare", self.inputs)):
            name = getattr(self, field)
            if field in self.model_fields_set and name is not None and name not in names:
                raise ValueError(f"{field}: {name!r} is not in the table; use one of: {', '.join(names)}")
        return self

    @property
    def plane_languages(self) -> list[str]:
        """The languages of the t-SNE plane."""
        shown = [code for code in self.figure_languages if code in self.languages]
        return shown if len(shown) > 1 else self.languages[:5]

    def used(self) -> Iterator[tuple[str, str]]:
        """The (task, input) pairs of the rows."""
        yield from ((task, name) for task in self.tasks for name in self.inputs)


class CorrelationTable(_Strict):
    """What goes with the performance gap over many seeds, on a part of the train set: the paper's Table 3."""

    kind: Literal["correlation"] = "correlation"
    task: str
    languages: Codes
    input: str = "phoneme"
    reference: Code
    seeds: int = Field(15, gt=1)
    train_fraction: float = Field(0.1, gt=0, le=1)
    # Training 10 % of the data for as many epochs is 10 % of the steps; small sets need their own number.
    epochs: int | None = Field(None, gt=0)

    @property
    def tasks(self) -> list[str]:
        """The one task."""
        return [self.task]

    def used(self) -> Iterator[tuple[str, str]]:
        """The one (task, input) pair."""
        yield self.task, self.input


class AtlasTable(_Strict):
    """How alike languages look without any task: CKA of all pairs of the parallel text's sentences, by input.

    `layer` and `content` as in `EmbedRequest`. An encoder from scratch is not trained: to it, languages are
    as alike as the units that they share.
    """

    kind: Literal["atlas"] = "atlas"
    languages: Codes
    inputs: Names = Field(min_length=1)
    layer: Literal["embeddings", "last"] = "embeddings"
    content: Literal["all", "tokens", "letters"] = "letters"

    @property
    def tasks(self) -> list[str]:
        """None."""
        return []

    @property
    def reference(self) -> None:
        """None: all are compared with all."""
        return None

    def used(self) -> Iterator[tuple[str, str]]:
        """No rows of scores."""
        return iter(())

    @model_validator(mode="after")
    def _readable(self) -> "AtlasTable":
        if self.layer == "last" and self.content != "all":
            raise ValueError("content: only the embedding layer can be read without positions; use all")
        return self


Table = Annotated[GapTable | CorrelationTable | AtlasTable | MatchedTable, Field(discriminator="kind")]
