"""Tasks as requests carry them."""

from typing import Any

from isogloss.errors import InvalidInput
from isogloss.tasks import Task
from isogloss.trainer.v1 import trainer_pb2


def task_to_proto(task: Task) -> trainer_pb2.Task:
    """A task as a request carries it; its title stays at home, since no result depends on it."""
    return trainer_pb2.Task(
        name=task.name,
        kind=trainer_pb2.TaskKind.Value(f"TASK_KIND_{task.kind.upper()}"),
        labels=task.labels,
        scheme=trainer_pb2.SpanScheme.Value(f"SPAN_SCHEME_{task.scheme.upper()}"),
        score=trainer_pb2.TaskScore.Value(f"TASK_SCORE_{task.score.upper()}"),
    )


def task_from_proto(message: trainer_pb2.Task, field: str) -> Task:
    """Read a task out of a request; `InvalidInput` on the field below `field` that does not fit."""
    try:
        return Task(
            name=message.name,
            title=message.name,
            kind=_name(trainer_pb2.TaskKind, message.kind, "TASK_KIND_"),
            labels=tuple(message.labels),
            score=_name(trainer_pb2.TaskScore, message.score, "TASK_SCORE_", "accuracy"),
            scheme=_name(trainer_pb2.SpanScheme, message.scheme, "SPAN_SCHEME_", "plain"),
        )
    except InvalidInput as error:
        own = error.metadata["field"].rpartition(".")[2]
        raise InvalidInput(f"{field}.{own}", error.metadata["problem"], error.metadata["fix"]) from error


def _name(enum: Any, number: int, prefix: str, unspecified: str = "not set") -> Any:
    """The record's word for an enum's value; the record itself refuses what it does not know."""
    if number not in enum.values():
        return f"{number}"
    return str(enum.Name(number)).removeprefix(prefix).lower() if number else unspecified
