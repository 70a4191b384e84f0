"""Rows with named columns: JSON lines, CSV and TSV with `columns`, Parquet, and what the hub has."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from sources.columns import NEEDED, Columns, find
from sources.corpus import Corpus
from sources.dataset import Parsed
from sources.errors import MalformedFile, SourceError
from sources.words import Words, check_text, unknown_label

Record = Mapping[str, Any]


def parse_jsonl(lines: Sequence[str], path: str, corpus: Corpus, columns: Columns) -> Parsed:
    """One JSON object a line; `columns` names its members."""
    return parse_records(_objects(lines, path), path, corpus, columns, {})


def parse_delimited(
    lines: Sequence[str], path: str, corpus: Corpus, columns: Columns, separator: str
) -> Parsed:
    """A table of pairs or texts, with a header row where `columns` has names."""
    return parse_records(_delimited(lines, path, columns, separator), path, corpus, columns, {})


def parse_table(
    table: pa.Table, path: str, corpus: Corpus, columns: Columns, names: Mapping[str, Sequence[str]]
) -> Parsed:
    """A table from Parquet; `names` are those of the classes of columns that hold numbers."""
    wanted = {name: str(place) for name, place in columns.items()}
    for name, place in wanted.items():
        if place not in table.column_names:
            fix = f"It has: {', '.join(table.column_names)[:200]}. Name them with `columns`."
            raise SourceError(path, f"no column {place!r} for {name}", fix)
    rows = table.select(list(dict.fromkeys(wanted.values()))).to_batches(max_chunksize=8192)
    return parse_records(
        enumerate((row for batch in rows for row in batch.to_pylist()), 1), path, corpus, columns, names
    )


def parse_records(
    records: Iterable[tuple[int, Record]],
    path: str,
    corpus: Corpus,
    columns: Columns,
    names: Mapping[str, Sequence[str]],
) -> Parsed:
    """Rows by number; `MalformedFile` with file and row on one that cannot be used."""
    if corpus.kind == "tokens":
        return _parse_sentences(records, path, corpus, columns, names)
    needed = NEEDED[corpus.kind]
    cells: list[list[str]] = [[] for _ in needed]
    numbers: list[int] = []
    for number, record in records:
        numbers.append(number)
        for column, name in zip(cells, needed, strict=True):
            value = _member(record, columns[name], path, number)
            if name == "label":
                value = _label(value, names.get(str(columns[name])), path, number)
                if value not in corpus.labels:
                    raise unknown_label(path, number, value, corpus.name, corpus.labels)
            elif not isinstance(value, str):
                raise _wrong_type(path, number, columns[name], "text", value)
            else:
                check_text(value, path, number, name)
            column.append(value)
    if not numbers:
        raise MalformedFile(path, None, "no row in it", "Give a file with at least one row.")
    arrays = [pa.array(column, pa.string()) for column in cells]
    return Parsed(pa.Table.from_arrays(arrays, schema=corpus.schema), numbers)


def _parse_sentences(
    records: Iterable[tuple[int, Record]],
    path: str,
    corpus: Corpus,
    columns: Columns,
    names: Mapping[str, Sequence[str]],
) -> Parsed:
    words = Words(path, corpus.name, corpus.labels)
    classes = names.get(str(columns["labels"]))
    for number, record in records:
        tokens, labels = (_member(record, columns[name], path, number) for name in ("tokens", "labels"))
        for name, value in (("tokens", tokens), ("labels", labels)):
            if not isinstance(value, list):
                raise _wrong_type(path, number, columns[name], "a list", value)
        if len(tokens) != len(labels) or not tokens:
            problem = f"{len(tokens)} tokens, {len(labels)} labels"
            raise MalformedFile(
                path, number, problem, "Give each token one label; leave empty sentences out."
            )
        for token, label in zip(tokens, labels, strict=True):
            if not isinstance(token, str):
                raise _wrong_type(path, number, columns["tokens"], "text", token)
            words.add(token, _label(label, classes, path, number), number)
        words.end_sentence()
    return words.parsed()


def _member(record: Record, column: str | int, path: str, number: int) -> Any:
    try:
        return record[str(column)]
    except KeyError:
        fix = f"It has: {', '.join(record)[:200]}. Name the columns in `data:`."
        raise MalformedFile(path, number, f"no column {str(column)!r}", fix) from None


def _label(value: Any, classes: Sequence[str] | None, path: str, number: int) -> str:
    """A label by its name; a number is one of the classes, where these have names, or else itself."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _wrong_type(path, number, "label", "text or a class number", value)
    if isinstance(value, str) or classes is None:
        return str(value)[:1000]
    if not 0 <= value < len(classes):
        fix = f"The classes are 0 to {len(classes) - 1}: {', '.join(classes)[:200]}."
        raise MalformedFile(path, number, f"class number {str(value)[:20]}", fix)
    return classes[value]


def _wrong_type(path: str, number: int, column: str | int, wanted: str, value: Any) -> MalformedFile:
    said = "nothing" if value is None else type(value).__name__
    return MalformedFile(
        path, number, f"column {str(column)!r} holds {said}, not {wanted}", "Correct the row."
    )


def _objects(lines: Sequence[str], path: str) -> Iterator[tuple[int, Record]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            problem = f"not JSON ({str(error)[:80]})"
            raise MalformedFile(path, number, problem, "Write one object a line.") from None
        if not isinstance(record, dict):
            raise MalformedFile(path, number, "not a JSON object", "Write one object a line.")
        yield number, record


def _delimited(
    lines: Sequence[str], path: str, columns: Columns, separator: str
) -> Iterator[tuple[int, Record]]:
    quoted = separator == ","
    reader = csv.reader(
        (f"{line}\n" for line in lines),
        delimiter=separator,
        quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
        strict=True,
    )
    places: Mapping[str, int] | None = None
    width = 0
    try:
        for cells in reader:
            if not cells:
                continue
            if places is None:
                (places, is_header), width = find(columns, cells, path, reader.line_num), len(cells)
                if is_header:
                    continue
            if len(cells) != width:
                fix = "Fill the row; in CSV quote cells that hold commas."
                raise MalformedFile(
                    path, reader.line_num, f"{len(cells)} columns, the first row {width}", fix
                )
            yield reader.line_num, {str(columns[name]): cells[place] for name, place in places.items()}
    except csv.Error as error:
        fix = "Quote cells that hold commas, quotes or line breaks."
        raise MalformedFile(path, reader.line_num, f"not CSV ({error})", fix) from None
