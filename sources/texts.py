"""One row a line: pairs and texts with a label, separated by tabs, and parallel text without one."""

from collections.abc import Collection, Sequence

from sources.columns import NEEDED
from sources.dataset import Parsed, labeled_text_table, pair_table, text_table
from sources.errors import MalformedFile
from sources.words import check_text, unknown_label

_LAYOUT = {"pair": "premise<TAB>hypothesis<TAB>label", "text": "text<TAB>label"}
_HEADERS = frozenset(
    (
        "premise",
        "hypothesis",
        "label",
        "gold_label",
        "text",
        "sentence",
        "sentence1",
        "sentence2",
        "class",
        "target",
    )
)


def parse_parallel(lines: Sequence[str], path: str) -> Parsed:
    """Read sentences, one a line; line i is the same in every language. An empty line is an error: skipping
    it would shift all that follow it.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            fix = "Write one sentence a line; languages are parallel."
            raise MalformedFile(path, number, "an empty line", fix)
        check_text(line, path, number, "sentence")
    return Parsed(text_table(lines), range(1, len(lines) + 1))


def parse_texts(lines: Sequence[str], path: str, kind: str, labels: Collection[str], task: str) -> Parsed:
    """Read pairs or texts as they stand; `MalformedFile` with file and line on a bad line or label."""
    names = NEEDED[kind]
    rows: list[list[str]] = [[] for _ in names]
    for number, line in enumerate(lines, 1):
        cells = line.split("\t")
        if len(cells) != len(names) or cells[-1] not in labels:
            _check_row(cells, line, path, number, kind)
            raise unknown_label(path, number, cells[-1], task, labels)
        for column, cell, name in zip(rows, cells, names, strict=True):
            if name != "label":
                check_text(cell, path, number, name)
            column.append(cell)
    table = pair_table(*rows) if kind == "pair" else labeled_text_table(*rows)
    return Parsed(table, range(1, len(lines) + 1))


def _check_row(cells: list[str], line: str, path: str, number: int, kind: str) -> None:
    """Say what is wrong with a row; returns where only its label is."""
    if not line.strip():
        raise MalformedFile(path, number, "an empty row", "Delete it: each row is an item of its own.")
    if number == 1 and sum(cell.strip().casefold() in _HEADERS for cell in cells) > len(cells) // 2:
        fix = f"Delete the row ({_LAYOUT[kind]} has none), or name the columns in `data:`."
        raise MalformedFile(path, number, f"a header row ({', '.join(cells)[:80]})", fix)
    if len(cells) != len(NEEDED[kind]):
        problem = f"{len(cells)} columns, expected {len(NEEDED[kind])}"
        raise MalformedFile(path, number, problem, f"Write {_LAYOUT[kind]}, or name the columns in `data:`.")
