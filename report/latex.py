"""The tables as LaTeX: booktabs, one `table*` each, ready for \\input into a paper."""

from report.inputs import dataset_lines, hyperparameter_lines
from report.record import RunRecord
from report.tables import MINUS, NOT_RUN, Grid, Row, grids, write, write_entry

_ESCAPES = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "&": r"\&",
        "%": r"\%",
        "$": r"\$",
        "#": r"\#",
        "_": r"\_",
        "{": r"\{",
        "}": r"\}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        MINUS: "$-$",
        "↓": r"$\downarrow$",
        "↑": r"$\uparrow$",
        "↔": r"$\leftrightarrow$",
        "Δ": r"$\Delta$",
        "ρ": r"$\rho$",
        "τ": r"$\tau$",
    }
)
_WRAPPED = r"p{0.22\textwidth}"  # a column whose text breaks into lines
HEAD = "% \\usepackage{booktabs}. Ours with its interval, and in parentheses the paper's printed figure.\n"


def latex_files(record: RunRecord) -> dict[str, str]:
    """Content by file name: the tables, `data.tex` and `training.tex`."""
    files = {f"{grid.table}.tex": _grid(record, grid) for grid in grids(record)}
    files["data.tex"] = _datasets(record)
    files["training.tex"] = _hyperparameters(record)
    return files


def escape(text: str) -> str:
    """Text as LaTeX, its special characters and the symbols of our headings translated."""
    return text.translate(_ESCAPES)


def _grid(record: RunRecord, grid: Grid) -> str:
    body = []
    group = ""
    for row in grid.rows:
        if row.group != group:
            group = row.group
            body += [
                r"\midrule",
                rf"\multicolumn{{{len(grid.columns) + 1}}}{{l}}{{\emph{{{escape(group)}}}}} \\",
            ]
        body += _row(grid, row)
    head = ["", *(column.short for column in grid.columns)]
    caption = f"{grid.title}. Run {record.run_id}, profile {record.profile}. {record.banner} --: {NOT_RUN}."
    return _table(grid.table, caption, "l" + "r" * len(grid.columns), head, body)


def _row(grid: Grid, row: Row) -> list[str]:
    """Ours, its interval on two lines where any cell has one, and the paper's."""
    entries = [(grid.entries[row, column], column) for column in grid.columns]
    ours = [write_entry(*pair).replace(NOT_RUN, "--") for pair in entries]
    lines = [_line([row.title, *ours])]
    if level := max((entry.interval.level for entry, _ in entries if entry.interval), default=0):
        for end, title in (("low", f"{level:.0%} from"), ("high", "to")):
            bounds = [
                write(getattr(entry.interval, end), column.digits) if entry.interval else ""
                for entry, column in entries
            ]
            lines.append(_line([title, *bounds], r"\scriptsize "))
    scatter = [(entry.number.seed_std if entry.number else None, column.digits) for entry, column in entries]
    if any(value is not None for value, _ in scatter):
        deviations = ["" if value is None else write(value, digits) for value, digits in scatter]
        lines.append(_line(["SD of seeds", *deviations], r"\scriptsize "))
    if all(entry.paper is None for entry, _ in entries):
        return lines
    paper = ["" if entry.paper is None else f"({write(entry.paper, c.digits)})" for entry, c in entries]
    return [*lines, _line(["paper", *paper])]


def _datasets(record: RunRecord) -> str:
    body = [r"\midrule"]
    for line in dataset_lines(record):
        sizes = []
        for split in ("train", "dev", "test"):
            ours, paper = getattr(line.ours, split), getattr(line.paper, split, None)
            sizes += [f"{ours:,}" if ours is not None else "--", f"({paper:,})" if paper is not None else ""]
        body.append(_line([line.corpus, line.language, *sizes]))
    head = ["Data set", "Language", "Train", "paper", "Dev", "paper", "Test", "paper"]
    return _table("data", f"Sentences per data set. Run {record.run_id}.", "llrrrrrr", head, body)


def _hyperparameters(record: RunRecord) -> str:
    body = [r"\midrule"]
    for line in hyperparameter_lines(record):
        body.append(
            _line(
                [
                    line.task.upper(),
                    line.input,
                    line.model,
                    line.name.replace("_", " "),
                    line.ours,
                    line.paper,
                ]
            )
        )
    head = ["Task", "Input", "Model", "Hyper-parameter", "Ours", "Paper"]
    return _table("training", f"Hyper-parameters. Run {record.run_id}.", "llll" + _WRAPPED * 2, head, body)


def _line(cells: list[str], size: str = "") -> str:
    return " & ".join(f"{size}{escape(cell)}" for cell in cells) + r" \\"


def _table(label: str, caption: str, layout: str, head: list[str], body: list[str]) -> str:
    lines = [
        r"\begin{table*}[t]",
        r"\centering\footnotesize\setlength{\tabcolsep}{2.5pt}",
        rf"\begin{{tabular}}{{{layout}}}",
        r"\toprule",
        _line(head),
        *body,
        r"\bottomrule",
        r"\end{tabular}",
        rf"\caption{{{escape(' '.join(caption.split()))}}}",
        rf"\label{{tab:{label}}}",
        r"\end{table*}",
    ]
    return HEAD + "\n".join(lines) + "\n"
