"""The tables of a run as grids, made of what was run: rows, columns, cells, and how figures are written.

Every rendering (HTML, terminal, CSV, LaTeX) reads these grids, so no two of them can disagree. The paper's
figures stand only beside the same task, input and language.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from report.paper import REFERENCE, printed
from report.record import MEASURES, Cell, Interval, Measure, Number, RunRecord

MINUS = "\N{MINUS SIGN}"
NOT_RUN = "not run"
QUANTITIES = {"reference_score": "{reference} performance", "sinkhorn": "Sinkhorn distance", "cka": "CKA"}
"""What the gap is correlated with, by name in `Number.against`."""

_SPREAD = ("std", "mean_rpd", "mean_cka", "mean_cka_debiased")
_SPREAD_GROUPS = {"std": "Performance gap", "mean_rpd": "Performance gap"}
_SHORT = {
    "mean_rpd": "RPD",
    "mean_cka": "CKA",
    "mean_cka_debiased": "deb.",
    "rpd": "Δ rel.",
    "absolute": "Δ abs.",
}
_GAPS = ("rpd", "absolute")
_COEFFICIENTS = {"spearman": "Spearman", "kendall": "Kendall", "n": "Points"}
_KEYS = {"score": "", "rpd": "_rpd", "absolute": "_abs"}  # of columns, after the language


@dataclass(frozen=True)
class Column:
    """One column: a measure, of a language or of all. `short`: title for narrow pages."""

    measure: Measure
    language: str
    title: str
    short: str
    group: str

    @property
    def key(self) -> str:
        """Its name in files: "eng", "swa_rpd", "mean_rpd"."""
        return f"{self.language}{_KEYS[self.measure.name]}" if self.language else self.measure.name

    @property
    def digits(self) -> int | None:
        """With which its figures are written; None for p-values."""
        return self.measure.digits

    @property
    def estimate(self) -> bool:
        """Whether a difference of two such figures makes sense: p-values and counts are no estimates."""
        return self.digits is not None and self.measure.name != "n"


@dataclass(frozen=True)
class Row:
    """One row; `group` heads the rows of a task. `against`: what the gap is correlated with; `reading`,
    `trained_on`: as in `Number`.
    """

    task: str
    input: str
    title: str
    group: str
    against: str = ""
    reading: str = ""
    trained_on: str = ""

    @property
    def key(self) -> str:
        """Its name in files: "pos/phoneme", "xnli/phoneme/cka", "pos/phoneme/from kor"."""
        origin = f"from {self.trained_on}" if self.trained_on else ""
        return "/".join(filter(None, (self.task, self.input, origin, self.against, self.reading)))


@dataclass(frozen=True)
class Entry:
    """What stands in one cell of a table: ours, if this run asked for it, and the paper's."""

    number: Number | None
    paper: float | None

    @property
    def value(self) -> float | None:
        """Ours."""
        return self.number.value if self.number else None

    @property
    def interval(self) -> Interval | None:
        """Ours."""
        return self.number.interval if self.number else None

    @property
    def manifest(self) -> str:
        """Of the work that gave ours."""
        return self.number.manifest if self.number else ""

    @property
    def reason(self) -> str:
        """Why there is no figure of ours; empty where there is one."""
        return NOT_RUN if self.number is None else self.number.reason


@dataclass(frozen=True)
class Grid:
    """One table of the run; `table` is its name, `number` its place on the page."""

    table: str
    number: int
    title: str
    stub: str  # what the rows are
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    entries: Mapping[tuple[Row, Column], Entry]

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks of its rows."""
        return tuple(dict.fromkeys(row.task for row in self.rows))


def grids(record: RunRecord) -> list[Grid]:
    """The tables of which this run has any figure, or a reason why it has none."""
    made = []
    for position, (name, table) in enumerate(record.tables.items(), start=1):
        make = (
            _correlations if table.kind == "correlation" else _from_reference if table.reference else _spread
        )
        made.append(make(record, name, position))
    return [grid for grid in made if grid.rows]


def reported_cells(record: RunRecord) -> list[Cell]:
    """The cells behind Tables 1 and 2, told from the correlations' by the manifests that they name.

    Where those name other work, such as a mean over seeds: all that saw their whole train set.
    """
    named = {uri for number in record.select("score") for uri in number.manifests}
    cells = [cell for cell in record.cells if cell.manifest and cell.manifest in named]
    return cells or [cell for cell in record.cells if cell.train_fraction == 1.0]


def no_interval(column: Column, number: Number) -> str:
    """Why a value has no interval; empty where it has one, or where nobody said why."""
    if number.value is None or number.interval:
        return ""
    if column.digits is None:
        return "A p-value: no interval."
    return "A count: no interval." if column.measure.name == "n" else number.note


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


def write_seeds(number: Number, digits: int | None) -> str:
    """The figure of each seed: "0: 93.10, 1: 92.85"; empty of one alone."""
    return ", ".join(f"{item.seed}: {write(item.value, digits)}" for item in number.by_seed)


def write_entry(entry: Entry, column: Column) -> str:
    """Ours in a word: the figure, "n/a", "failed" or "not run"; the reason stands elsewhere."""
    return entry.reason.split(":")[0] if entry.value is None else write(entry.value, column.digits)


def write_difference(entry: Entry, column: Column) -> str:
    """Ours minus the paper's, signed; empty where there is nothing to compare."""
    if entry.value is None or entry.paper is None or not column.estimate:
        return ""
    return write_signed(entry.value - entry.paper, column.digits or 0)


def write_signed(difference: float, digits: int) -> str:
    """A difference with its sign; "0" when nothing is left of it after rounding."""
    rounded = round(difference, digits)
    return f"{rounded:+.{digits}f}".replace("-", MINUS) if rounded else "0"


def _spread(record: RunRecord, name: str, position: int) -> Grid:
    """Scores by language, and how far all of them lie apart."""
    scores = record.select("score", table=name)
    overall = record.select(*_SPREAD, table=name, less="", without="", reading="")
    present = {number.measure for number in overall}
    columns = [_score(record, code, "Score, %") for code in _languages(record, scores)]
    for measure in (MEASURES[name] for name in _SPREAD if name in present):
        short = _SHORT.get(measure.name, measure.title) + measure.heading[-2:]
        group = _SPREAD_GROUPS.get(measure.name, "Linguistic gap")
        columns.append(Column(measure, "", measure.heading, short, group))
    rows = _rows(record, (*scores, *overall))
    return _grid(record, name, position, _titles(record, rows, "{} by language"), "Input", columns, rows)


def _from_reference(record: RunRecord, name: str, position: int) -> Grid:
    """Scores by language, and how far each lies from the reference language's."""
    scores = record.select("score", table=name)
    gaps = record.select(*_GAPS, table=name, less="")
    reference = record.tables[name].reference
    columns = []
    for code in _languages(record, (*scores, *gaps)):
        columns.append(_score(record, code, record.language(code)))
        for gap in _GAPS if gaps and code != reference else ():
            short = f"{code} {_SHORT[gap]}"
            columns.append(Column(MEASURES[gap], code, f"{_SHORT[gap]} ↓", short, record.language(code)))
    rows = _rows(record, (*scores, *gaps))
    title = _titles(record, rows, "{}") + f": scores and the gap from {record.language(reference)}"
    return _grid(record, name, position, title, "Input", columns, rows)


def _correlations(record: RunRecord, name: str, position: int) -> Grid:
    """What the gap goes with, over seeds and pairs of languages."""
    rows = []
    reference = record.language(record.tables[name].reference)
    for number in record.select("spearman", table=name, languages=()):
        quantity = QUANTITIES.get(number.against, number.against).format(reference=reference).strip()
        group = f"Performance gap on {record.task(number.task)}, {record.input(number.input).lower()}"
        title = f"Gap ↔ {quantity}" + (f", {number.reading}" if number.reading else "")
        rows.append(Row(number.task, number.input, title, group, number.against, number.reading))
    columns = []
    for coefficient, group in _COEFFICIENTS.items():
        for measure in (MEASURES[coefficient], MEASURES.get(f"{coefficient}_p")):
            if measure:
                columns.append(Column(measure, "", measure.title, measure.title, group))
    title = "What the performance gap goes with"
    return _grid(record, name, position, title, "Quantities", columns, rows)


def _grid(
    record: RunRecord,
    name: str,
    position: int,
    title: str,
    stub: str,
    columns: Iterable[Column],
    rows: Iterable[Row],
) -> Grid:
    columns, rows, reference = tuple(columns), tuple(rows), record.tables[name].reference
    own = replace(record, numbers=tuple(number for number in record.numbers if number.table == name))
    entries = {}
    for row in rows:
        for column in columns:
            measure, code = column.measure.name, column.language
            languages = (reference, code) if measure in _GAPS else (code,) if code else ()
            of = {"task": row.task, "input": row.input, "against": row.against, "reading": row.reading}
            of |= {"trained_on": row.trained_on}
            number = own.find(measure, languages, **of)
            comparable = record.beside_paper and reference in ("", REFERENCE) and not row.reading
            paper = printed(row.task, row.input, measure, code, row.against) if comparable else None
            entries[row, column] = Entry(number, paper)
    return Grid(name, position, title, stub, columns, rows, entries)


def _rows(record: RunRecord, numbers: Iterable[Number]) -> list[Row]:
    """The tasks and inputs of these numbers, in the record's order."""
    present = {(number.task, number.input, number.trained_on): record.reads(number) for number in numbers}
    return [
        Row(task, model_input, title, record.task(task), trained_on=source)
        for task in record.tasks
        for model_input in record.inputs
        for source in ("", *record.languages)
        if (title := present.get((task, model_input, source)))
    ]


def _languages(record: RunRecord, numbers: Iterable[Number]) -> list[str]:
    present = {code for number in numbers for code in number.languages}
    return [code for code in record.languages if code in present]


def _score(record: RunRecord, code: str, group: str) -> Column:
    name = record.language(code)
    return Column(MEASURES["score"], code, "Score" if group == name else name, code, group)


def _titles(record: RunRecord, rows: Iterable[Row], form: str) -> str:
    """The rows' tasks in words, in a title."""
    first, *others = dict.fromkeys(record.task(row.task) for row in rows) or ("",)
    *middle, last = [first, *(other[:1].lower() + other[1:] for other in others)]
    return form.format(" and ".join(filter(None, (", ".join(middle), last))))
