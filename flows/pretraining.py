"""What a profile says of a controlled experiment: how its encoders are pre-trained, and what is compared.

Fields are argued in `docs/guides/pretraining.md`. Of a pre-training all is the same for every input.
"""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from flows.sweep import Schedule
from isogloss.trainer.v1 import trainer_pb2

Code = Annotated[str, Field(pattern="^[a-z]{3}(-[A-Z][a-z]{3}(-[A-Za-z0-9]{1,16})?)?$")]
"""ISO 639-3, with the script where a language has several."""


def _once(names: list[str]) -> list[str]:
    if twice := [name for name in names if names.count(name) > 1]:
        raise ValueError(f"{twice[0]!r} stands twice; name each once")
    return names


Codes = Annotated[list[Code], AfterValidator(_once)]
Names = Annotated[list[str], AfterValidator(_once)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PlanChoice(_Strict):
    """How the plan is made: as `PlanSettings` of trainer/v1."""

    steps: int = Field(gt=0)
    windows: int = Field(gt=0)
    length: int = Field(ge=16, le=8192)
    temperature: float = Field(2.0, ge=1)
    masked: float = Field(0.15, ge=0.01, le=0.5)
    whole: float = Field(0.5, ge=0, le=1)
    seed: int = 0


class Pretraining(_Strict):
    """How the encoders of all inputs are made from random weights, `models` giving their shape.

    `text`: parallel texts, whole, and tasks, of which the train set is read. Lines that hold a sentence of
    the parallel text that is measured, or of a task's dev or test, are left out and counted.
    """

    text: list[str] = Field(min_length=1)
    plan: PlanChoice
    learning_rate: float = Field(gt=0)
    weight_decay: float = Field(0.01, ge=0)
    schedule: Schedule = "linear"
    warmup_ratio: float = Field(0.06, ge=0, le=1)
    max_grad_norm: float = Field(1.0, ge=0)
    least_occurrences: int = Field(5, gt=0)
    ids_per_micro_batch: int = Field(4096, ge=16)
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    positions: int = Field(512, ge=16)
    log_every: int = Field(50, gt=0)

    def hyperparameters(self) -> trainer_pb2.PretrainingHyperparameters:
        """As the trainer takes them."""
        return trainer_pb2.PretrainingHyperparameters(
            learning_rate=self.learning_rate,
            weight_decay=self.weight_decay,
            schedule=trainer_pb2.Schedule.Value(f"SCHEDULE_{self.schedule.upper()}"),
            warmup_ratio=self.warmup_ratio,
            max_grad_norm=self.max_grad_norm,
            least_occurrences=self.least_occurrences,
            ids_per_micro_batch=self.ids_per_micro_batch,
            precision=trainer_pb2.Precision.Value(f"PRECISION_{self.precision.upper()}"),
            log_every=self.log_every,
        )


class MatchedTable(_Strict):
    """Inputs whose encoders were pre-trained alike: fine-tuned in language and, with `zero_shot`, from one
    language; and how alike languages look to them.

    `seeds` of pre-training, each with `fine_tuning_seeds`. `untrained`: the first seed is also fine-tuned
    from random weights, to see what pre-training is worth. `contrasts`: the rules by which inputs are
    compared, by name (flows/profiles/claims) or path.
    """

    kind: Literal["matched"] = "matched"
    tasks: Names
    languages: Codes
    inputs: Names = Field(min_length=2)
    seeds: int = Field(3, gt=0)
    fine_tuning_seeds: int = Field(2, gt=0)
    zero_shot: bool = True
    untrained: bool = True
    contrasts: str = "matched"
    reference: Literal[None] = None

    def used(self) -> Iterator[tuple[str, str]]:
        """The (task, input) pairs."""
        yield from ((task, name) for task in self.tasks for name in self.inputs)
