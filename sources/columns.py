"""Which columns of a table hold what: by number, counted from 1, or by the name in a header row."""

from collections.abc import Mapping, Sequence

from sources.errors import MalformedFile, SourceError

Columns = Mapping[str, str | int]
"""What a row holds (`tokens`, `labels`, `sentence`, `premise`, `hypothesis`, `text`, `label`), by column."""

NEEDED: Mapping[str, tuple[str, ...]] = {
    "tokens": ("tokens", "labels"),
    "pair": ("premise", "hypothesis", "label"),
    "text": ("text", "label"),
    "parallel": ("text",),
}
OPTIONAL: Mapping[str, tuple[str, ...]] = {"tokens": ("sentence",)}


def check_columns(columns: Columns, kind: str, field: str) -> Columns:
    """The columns with defaults filled in, for formats whose columns have names; `SourceError` on `field` for
    one that the kind of corpus has no use for.
    """
    known = (*NEEDED[kind], *OPTIONAL.get(kind, ()))
    for name, place in columns.items():
        if name not in known:
            raise SourceError(f"{field}.{name}", f"no column of {kind}", f"Use: {', '.join(known)}.")
        if isinstance(place, int) and place == 0:
            raise SourceError(f"{field}.{name}", "column 0", "Count from 1, or from -1 at the end.")
    return {**{name: name for name in NEEDED[kind]}, **columns}


def find(columns: Columns, cells: Sequence[str], path: str, number: int) -> tuple[dict[str, int], bool]:
    """The index of each column, from the first row, and whether that row is a header."""
    names = [cell.strip() for cell in cells]
    places = {}
    for name, place in columns.items():
        if isinstance(place, int):
            places[name] = place - 1 if place > 0 else len(cells) + place
            continue
        if place not in names:
            fix = f"The row has: {', '.join(names)[:200]}. Give a number, or the name in the header row."
            raise MalformedFile(path, number, f"no column {place!r} for {name}", fix)
        places[name] = names.index(place)
    for name, index in places.items():
        if not 0 <= index < len(cells):
            problem = f"{len(cells)} columns, but {name} is column {columns[name]}"
            raise MalformedFile(path, number, problem, "Correct `columns`, or the separator.")
    return places, any(isinstance(place, str) for place in columns.values())
