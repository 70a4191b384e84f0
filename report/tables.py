"""Tables 1 to 3 as grids: rows, columns, what stands in each cell, how figures are written.

Every rendering (HTML, terminal, CSV, LaTeX) reads these grids, so no two of them can disagree.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from isogloss.languages import LANGUAGES as KNOWN
from report.paper import LANGUAGES, printed
from report.record import COLUMNS, ROWS, Cell, Number, RunRecord, Table

MINUS = "\N{MINUS SIGN}"
NOT_RUN = "not run"


@dataclass(frozen=True)
class Column:
    """One column of a table.

    `short`: title for narrow pages; `digits`: None is a p-value; `compared`: if a difference makes sense.
    """

    key: str
    title: str
    short: str
    group: str
    digits: int | None
    compared: bool = True


@dataclass(frozen=True)
class Row:
    """One row; `group` heads the rows of a task."""

    key: str
    title: str
    group: str


@dataclass(frozen=True)
class Grid:
    """A table of the paper with ours in it; `cell` never fails: what was not run has no value."""

    table: Table
    title: str
    stub: str  # what the rows are
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    numbers: Mapping[tuple[str, str], Number]

    def cell(self, row: Row, column: Column) -> Number:
        """What stands in a cell, with the paper's figure beside it."""
        found = self.numbers.get((row.key, column.key))
        return found or Number(
            self.table, row.key, column.key, None, printed(self.table, row.key, column.key)
        )

    def was_run(self, row: Row) -> bool:
        """Whether any cell of the row has a value."""
        return any(self.cell(row, column).value is not None for column in self.columns)


def grids(record: RunRecord) -> tuple[Grid, Grid, Grid]:
    """Tables 1, 2 and 3 of a run."""
    return _table1(record), _table2(record), _table3(record)


def reported_cells(record: RunRecord) -> list[Cell]:
    """The cells behind Tables 1 and 2, told from Table 3's by the manifests that they name.

    Where those name other work, such as a mean over seeds: all that saw their whole train set.
    """
    named = {number.manifest for number in record.numbers if number.table != "table3"}
    cells = [cell for cell in record.cells if cell.manifest and cell.manifest in named]
    return cells or [cell for cell in record.cells if cell.train_fraction == 1.0]


def no_interval(column: Column, number: Number) -> str:
    """Why a value has no interval; empty where it has one, or where nobody said why."""
    if number.value is None or number.interval:
        return ""
    if column.digits is None:
        return "A p-value: no interval."
    return "A count: no interval." if column.key == "n" else number.note


def language_name(code: str) -> str:
    """English name of an ISO 639-3 code; the code itself when it is none of ours."""
    return KNOWN[code].name if code in KNOWN else code


def metric_title(metric: str) -> str:
    """A score's name for people: "span_f1" is "span F1"."""
    return metric.replace("_f1", " F1").replace("_", " ")


def write(value: float | None, digits: int | None) -> str:
    """A figure with the digits that the paper prints; None is "not run", `digits` None is a p-value."""
    if value is None:
        return NOT_RUN
    if digits is None:
        text = f"{value:.1e}" if 0 < value < 1e-3 else f"{value:.3f}"
    else:
        text = f"{value:.{digits}f}"
    return text.replace("-", MINUS)


def write_difference(number: Number, column: Column) -> str:
    """Ours minus the paper's, signed; empty where there is nothing to compare."""
    if number.value is None or number.paper is None or not column.compared or column.digits is None:
        return ""
    return write_signed(number.value - number.paper, column.digits)


def write_signed(difference: float, digits: int) -> str:
    """A difference with its sign; "0" when nothing is left of it after rounding."""
    rounded = round(difference, digits)
    return f"{rounded:+.{digits}f}".replace("-", MINUS) if rounded else "0"


def _codes(record: RunRecord, table: Table) -> list[str]:
    """The paper's languages in its order, then those that only this run has."""
    paper = LANGUAGES[table]
    ours = {
        number.column[:3]
        for number in record.numbers
        if number.table == table and number.column not in COLUMNS[table]
    }
    order = [code for code in record.languages if code in ours] + sorted(ours)
    return list(dict.fromkeys([*paper, *order]))


def _numbers(record: RunRecord, table: Table) -> dict[tuple[str, str], Number]:
    return {(number.row, number.column): number for number in record.numbers if number.table == table}


def _table1(record: RunRecord) -> Grid:
    tasks = {"ner": "Named entity recognition", "pos": "Part-of-speech tagging"}
    rows = tuple(
        Row(key, model_input.capitalize(), tasks[task])
        for key in ROWS["table1"]
        for task, model_input in [key.split("/")]
    )
    columns = (
        *(Column(code, language_name(code), code, "Score, %", 2) for code in _codes(record, "table1")),
        Column("std", "Std. ↓", "Std. ↓", "Performance gap", 4),
        Column("mean_rpd", "Mean RPD ↓", "RPD ↓", "Performance gap", 2),
        Column("mean_cka", "Mean CKA ↑", "CKA ↑", "Linguistic gap", 4),
        Column("mean_cka_debiased", "Debiased CKA ↑", "deb. ↑", "Linguistic gap", 4),
    )
    return Grid(
        "table1", "NER and POS tagging by language", "Input", columns, rows, _numbers(record, "table1")
    )


def _table2(record: RunRecord) -> Grid:
    columns = []
    for code in _codes(record, "table2"):
        name = language_name(code)
        columns.append(Column(code, "Accuracy", code, name, 2))
        if code != "eng":
            columns.append(Column(f"{code}_rpd", "Δ rel. ↓", f"{code} Δ rel.", name, 2))
            columns.append(Column(f"{code}_abs", "Δ abs. ↓", f"{code} Δ abs.", name, 2))
    rows = tuple(Row(key, key.capitalize(), "Natural language inference (XNLI)") for key in ROWS["table2"])
    title = "XNLI accuracy and the gap from English"
    return Grid("table2", title, "Input", tuple(columns), rows, _numbers(record, "table2"))


def _table3(record: RunRecord) -> Grid:
    titles = {
        "gap_vs_eng_performance": "Gap ↔ English performance",
        "gap_vs_sinkhorn": "Gap ↔ Sinkhorn distance",
        "gap_vs_cka": "Gap ↔ CKA",
    }
    rows = tuple(Row(key, titles[key], "Performance gap on XNLI, phoneme models") for key in ROWS["table3"])
    columns = (
        Column("spearman", "ρ", "ρ", "Spearman", 3),
        Column("spearman_p", "p", "p", "Spearman", None, compared=False),
        Column("kendall", "τ", "τ", "Kendall", 3),
        Column("kendall_p", "p", "p", "Kendall", None, compared=False),
        Column("n", "n", "n", "Points", 0, compared=False),
    )
    return Grid(
        "table3",
        "What the performance gap goes with",
        "Quantities",
        columns,
        rows,
        _numbers(record, "table3"),
    )
