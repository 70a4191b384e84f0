"""What several converters share: resampling, languages' vectors, and records of the measures as messages."""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message

from isogloss.artifacts import Artifact
from isogloss.errors import InvalidInput
from isogloss.metrics import formats
from isogloss.metrics.engine.linguistic_gap import Sentences
from isogloss.metrics.v1 import metrics_pb2 as pb
from services.metrics.inputs import Read, fetch

MAX_LANGUAGES = 300
MAX_NAME = 100
MAX_DRAWS = 100_000

Response = TypeVar("Response", bound=Message)


@dataclass(frozen=True)
class Resampling:
    """`pb.Resampling`, checked: `level` is set."""

    seed: int
    replicates: int
    permutations: int
    level: float


def resampling(message: pb.Resampling) -> Resampling:
    """Raises `InvalidInput` on counts or a level out of range."""
    for name in ("replicates", "permutations"):
        if getattr(message, name) > MAX_DRAWS:
            raise InvalidInput(
                f"resampling.{name}", f"{getattr(message, name)}", f"Send at most {MAX_DRAWS}."
            )
    if message.seed < 0:
        raise InvalidInput("resampling.seed", f"{message.seed}", "Send 0 or more.")
    level = message.level or 0.95
    if not 0.5 <= level < 1:
        raise InvalidInput(
            "resampling.level", f"{level:g}", "Send 0.95 for a 95 % interval: from 0.5 to below 1."
        )
    return Resampling(message.seed, message.replicates, message.permutations, level)


def check_names(languages: Sequence[str], field: str) -> None:
    """Not too many, none empty: any code or name does, since the measures know languages by rows alone."""
    if len(languages) > MAX_LANGUAGES:
        raise InvalidInput(field, f"{len(languages)} languages", f"Send at most {MAX_LANGUAGES}.")
    for index, name in enumerate(languages):
        if not 0 < len(name) <= MAX_NAME:
            fix = f"Send an ISO 639-3 code or another name of at most {MAX_NAME} characters."
            raise InvalidInput(f"{field}[{index}].language", f"a name of {len(name)} characters", fix)


def sentences(
    messages: Sequence[pb.LanguageVectors], read: Read, of: str = "languages"
) -> Iterator[Sentences]:
    """Each language's vectors, read when they are asked for; `of` is the field that they are sent in."""
    for message in messages:
        field = f"{of}[{message.language}].vectors"
        data = fetch(read, Artifact.from_proto(message.vectors, field), field)
        yield formats.read_sentences(data, field)


def fill(response: Response, record: Any) -> Response:
    """A record of `isogloss.metrics.measures` as the message with the same fields; None leaves one unset."""
    ParseDict(_set_fields(record), response)
    return response


def _set_fields(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return {name: _set_fields(item) for name, item in fields.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_set_fields(item) for item in value]
    return value
