"""Corpora as the models see them: Parquet in, examples out, every flaw named by field and row.

An example has one segment (a sentence) or two (a pair); a segment is a list of words; and each word has a
*reading*, which is what the model is given of it: the word itself, or the input's rendering of it, such as
its phonemes separated by spaces.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from sys import intern
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from isogloss.errors import InvalidInput
from isogloss.inputs import Input
from isogloss.parquet import batches
from isogloss.tasks import Task

MAX_UNPACKED_BYTES = 2 * 2**30  # of the columns that are read: a small file may hold a large table
WORD_SEPARATOR = "▁"  # U+2581 between words of a phoneme string, as XPhoneBERT was trained
TEXT, PAIR = ("text",), ("premise", "hypothesis")  # columns of texts as written

_LOOK_EVERY = 4096  # rows between two looks at whether to go on
_CONVERT = "Convert the corpus with G2P's ConvertCorpus first."


@dataclass(frozen=True)
class Example:
    """One row: `words[s][w]` as written, `readings[s][w]` as read, `labels` as class indices."""

    words: tuple[tuple[str, ...], ...]
    readings: tuple[tuple[str, ...], ...]
    labels: tuple[
        int, ...
    ]  # one a word of the only segment, or one for the text or pair; empty for plain text


OnRows = Callable[[int], None]  # called now and then with the rows read so far; may raise to stop


def read_labelled(
    path: Path, task: Task, of: Input, field: str, on_rows: OnRows = lambda rows: None
) -> list[Example]:
    """The corpus of a task, whichever its kind.

    - tokens: columns `tokens`, `labels` and, where the input has a rendering, its column parallel to `tokens`
    - text: `text`, `label`, and the rendering's column beside it
    - pair: `premise`, `hypothesis`, `label`, and the renderings' columns beside them

    Raises `InvalidInput` on `field`, naming row and column.
    """
    read = _tokens if task.per_word else _texts
    examples: list[Example] = []
    for example in read(path, task, of, field):
        if len(examples) % _LOOK_EVERY == 0:
            on_rows(len(examples))
        examples.append(example)
    return _not_empty(examples, field)


def _tokens(path: Path, task: Task, of: Input, field: str) -> Iterator[Example]:
    read = of.column("tokens")
    index = {name: number for number, name in enumerate(task.labels)}
    for row, record in _rows(path, [*dict.fromkeys(["tokens", read, "labels"])], field):
        words = _strings(record["tokens"], "tokens", row, field)
        readings = _strings(record[read], read, row, field) if of.rendering else words
        labels = _strings(record["labels"], "labels", row, field)
        if not words:
            raise InvalidInput(field, f"row {row} has no tokens", "Leave empty sentences out.")
        if not len(words) == len(readings) == len(labels):
            counts = f"{len(words)} tokens, {len(readings)} readings, {len(labels)} labels"
            raise InvalidInput(field, f"row {row} has {counts}", "Make the columns parallel.")
        classes = tuple(_class(index, label, task, row, field) for label in labels)
        yield Example((words,), (readings,), classes)


def _texts(path: Path, task: Task, of: Input, field: str) -> Iterator[Example]:
    sides = TEXT if task.kind == "text" else PAIR
    index = {name: number for number, name in enumerate(task.labels)}
    columns = dict.fromkeys([*sides, *map(of.column, sides), "label"])
    for row, record in _rows(path, [*columns], field):
        words = tuple(split_text(_string(record[side], side, row, field)) for side in sides)
        readings = words
        if of.rendering:
            read = [of.column(side) for side in sides]
            readings = tuple(split_reading(_string(record[name], name, row, field), of) for name in read)
        if not any(readings):
            raise InvalidInput(field, f"row {row}: {' and '.join(sides)} are empty", "Leave it out.")
        label = _string(record["label"], "label", row, field)
        yield Example(words, readings, (_class(index, label, task, row, field),))


def read_text(path: Path, of: Input, field: str) -> list[Example]:
    """Column `text`, or its rendering: one segment a row and no labels."""
    column = of.column("text")
    examples = [
        text_example(_string(record[column], column, row, field), of, field, f"row {row} of {column!r}")
        for row, record in _rows(path, [column], field)
    ]
    return _not_empty(examples, field)


def text_example(text: str, of: Input, field: str, place: str = "it") -> Example:
    """A plain sentence, or the input's rendering of one; `InvalidInput` on `field` when it has no words."""
    words = split_reading(text, of)
    if not words:
        raise InvalidInput(field, f"{place} is empty", "Leave empty sentences out.")
    return Example((words,), (words,), ())


def read_words(path: Path, of: Input, field: str) -> Iterator[str]:
    """The readings of all words of a corpus of any form, for building a vocabulary."""
    names = set(_schema(path, field).names)
    if "tokens" in names:
        column = of.column("tokens")
        for row, record in _rows(path, [column], field):
            yield from _strings(record[column], column, row, field)
        return
    sides = PAIR if PAIR[0] in names else TEXT
    for row, record in _rows(path, [of.column(side) for side in sides], field):
        for column, text in record.items():
            yield from split_reading(_string(text, column, row, field), of)


def split_reading(text: str, of: Input) -> tuple[str, ...]:
    """Words of a text as an input reads it."""
    return split_symbols(text) if of.symbols else split_text(text)


def split_text(text: str) -> tuple[str, ...]:
    """Words of plain text: what stands between spaces. Equal words are one object, a corpus has few."""
    return tuple(map(intern, text.split()))


def split_symbols(text: str) -> tuple[str, ...]:
    """Words of a phoneme string in XPhoneBERT's form: `h ə l oʊ ▁ w ɜ l d` has two, with spaces inside."""
    words = (" ".join(word.split()) for word in text.split(WORD_SEPARATOR))
    return tuple(intern(word) for word in words if word)


def _schema(path: Path, field: str) -> pa.Schema:
    try:
        return pq.read_schema(path)
    except pa.ArrowInvalid as error:
        raise InvalidInput(field, f"not a Parquet file ({error})", "Send a normalized dataset.") from error


def _rows(path: Path, columns: list[str], field: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Rows from 0 with the wanted columns, in blocks, so that a large corpus is never doubled in memory."""
    names = _schema(path, field).names
    for column in columns:
        if column not in names:
            rendered = column not in (*TEXT, *PAIR, "tokens", "labels", "label")
            fix = _CONVERT if rendered else f"It has: {', '.join(names)}."
            raise InvalidInput(field, f"column {column!r} is missing", fix)
    row = 0
    for block in batches(path, field, max_bytes=MAX_UNPACKED_BYTES, columns=columns):
        for record in block.to_pylist():
            yield row, record
            row += 1


def _string(value: Any, column: str, row: int, field: str) -> str:
    if not isinstance(value, str):
        raise InvalidInput(field, f"row {row}: {column!r} is not text", "Send a column of strings.")
    return value


def _strings(value: Any, column: str, row: int, field: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InvalidInput(
            field, f"row {row}: {column!r} is not a list of strings", "Send a column of lists."
        )
    return tuple(map(intern, value))


def _class(index: dict[str, int], label: str, task: Task, row: int, field: str) -> int:
    try:
        return index[label]
    except KeyError:
        fix = f"Classes of {task.name}: {', '.join(task.labels)}."
        raise InvalidInput(field, f"row {row}: label {label!r} is not a class of {task.name}", fix) from None


def _not_empty(examples: list[Example], field: str) -> list[Example]:
    if not examples:
        raise InvalidInput(field, "has no rows", "Send at least one example.")
    return examples
