"""One word a line with its label, and an empty line after each sentence: `FORM<TAB>UPOS`, CoNLL-2003, and
tables in which a column numbers the sentences.
"""

import csv
from collections.abc import Collection, Iterator, Mapping, Sequence

from sources.columns import Columns, find
from sources.dataset import Parsed
from sources.errors import MalformedFile
from sources.words import Words, check_blank

_DOCUMENT = "-DOCSTART-"  # CoNLL-2003's line between documents
_HEADERS = frozenset(
    (
        "label",
        "labels",
        "tag",
        "tags",
        "pos",
        "upos",
        "ner",
        "ner_tag",
        "ner_tags",
        "entity",
        "token",
        "word",
        "form",
    )
)


def parse_tagged(
    lines: Sequence[str], path: str, labels: Collection[str], task: str, separator: str = "\t"
) -> Parsed:
    """Read two columns, a word and its label; `MalformedFile` with file and line on a bad line or label.

    A form may hold spaces (French and Finnish `10 000`). Labels are kept as they are: WikiAnn has I- tags
    that follow no B-, and mending them would change the scores.
    """
    words, documents = Words(path, task, labels), 0
    for number, line in enumerate(lines, 1):
        if not line:
            words.end_sentence()
            continue
        form, _, label = line.partition(separator)
        if form == _DOCUMENT:
            documents += 1
            words.end_sentence()
            continue
        if label not in labels:
            _check_line(line, path, number)
        words.add(form, label, number)
    return words.parsed(_noted(path, documents))


def parse_columns(
    lines: Sequence[str], path: str, labels: Collection[str], task: str, separator: str, columns: Columns
) -> Parsed:
    """Read a word and its label from the given columns. `separator` is a tab, a comma (CSV with its quotes),
    or "" for any white space, as CoNLL-2003 has it. Sentences end at empty lines, or where the column
    `sentence` changes; an empty cell there means the same sentence.
    """
    words, documents = Words(path, task, labels), 0
    places: Mapping[str, int] | None = None
    sentence = ""
    for number, cells in _cells(lines, path, separator):
        if not cells:
            words.end_sentence()
            continue
        if cells[0] == _DOCUMENT:
            documents += 1
            words.end_sentence()
            continue
        if places is None:
            places, is_header = find(columns, cells, path, number)
            if is_header:
                continue
        if max(places.values()) >= len(cells):
            problem = f"{len(cells)} columns, expected {max(places.values()) + 1}"
            raise MalformedFile(path, number, problem, "Fill the row, or correct `columns`.")
        if "sentence" in places and (mark := cells[places["sentence"]].strip()):
            if mark != sentence:
                words.end_sentence()
            sentence = mark
        words.add(cells[places["tokens"]], cells[places["labels"]], number)
    return words.parsed(_noted(path, documents))


def _cells(lines: Sequence[str], path: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    if separator == ",":
        reader = csv.reader((f"{line}\n" for line in lines), strict=True)
        try:
            for cells in reader:
                yield reader.line_num, cells
        except csv.Error as error:
            fix = "Quote cells that hold commas, quotes or line breaks."
            raise MalformedFile(path, reader.line_num, f"not CSV ({error})", fix) from None
        return
    for number, line in enumerate(lines, 1):
        if line:
            check_blank(line, path, number)
        yield number, line.split(separator or None) if line else []


def _noted(path: str, documents: int) -> tuple[str, ...]:
    return (f"{path}: {documents:,} {_DOCUMENT} line(s) left out.",) if documents else ()


def _check_line(line: str, path: str, number: int) -> None:
    """Say what is wrong with a line that is not a word and a label; returns where only the label is."""
    check_blank(line, path, number)
    cells = line.split("\t")
    if number == 1 and any(cell.strip().casefold() in _HEADERS for cell in cells):
        fix = "Delete the row, or name the columns in `data:`."
        raise MalformedFile(path, number, f"a header row ({', '.join(cells)[:60]})", fix)
    if len(cells) != 2:
        fix = "Write TOKEN<TAB>LABEL, or say in `data:` which columns they are."
        if len(cells) == 1 and len(line.split()) > 1:
            fix = "Separate them by a tab, or give `format: conll` for columns that white space separates."
        raise MalformedFile(path, number, f"{len(cells)} columns, expected 2", fix)
