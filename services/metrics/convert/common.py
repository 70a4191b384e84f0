"""What several converters share: intervals, resampling, languages' vectors."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from isogloss.artifacts import Artifact
from isogloss.errors import InvalidInput
from isogloss.languages import language
from isogloss.metrics.engine.intervals import Interval
from isogloss.metrics.engine.linguistic_gap import Sentences
from isogloss.metrics.v1 import metrics_pb2 as pb
from services.metrics.inputs import Read, read_sentences

MAX_LANGUAGES = 300
MAX_DRAWS = 100_000


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


def check_codes(codes: Sequence[str], field: str) -> None:
    """Known languages, not too many."""
    if len(codes) > MAX_LANGUAGES:
        raise InvalidInput(field, f"{len(codes)} languages", f"Send at most {MAX_LANGUAGES}.")
    for code in codes:
        language(code)


def interval(value: Interval) -> pb.Interval:
    """The same as a message."""
    return pb.Interval(low=value.low, high=value.high, level=value.level, method=value.method)


def sentences(
    messages: Sequence[pb.LanguageVectors], read: Read, of: str = "languages"
) -> Iterator[Sentences]:
    """Each language's vectors, read when they are asked for; `of` is the field that they are sent in."""
    for message in messages:
        field = f"{of}[{message.language}].vectors"
        yield read_sentences(read, Artifact.from_proto(message.vectors, field), field)
