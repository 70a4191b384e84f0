"""The report for machines: `summary.json` with one record per number, and each table as CSV and JSON."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from report.inputs import dataset_lines, hyperparameter_lines
from report.record import Interval, Number, RunRecord
from report.tables import NOT_RUN, Grid, grids
from report.verdicts import judge

Lines = Sequence[Mapping[str, Any]]

_FORMULA = frozenset("=+-@\t\r")
"""What a spreadsheet reads a formula after."""


def summary(record: RunRecord) -> Lines:
    """One record per number of Tables 1 to 3, also for those that were not run."""
    return [line for grid in grids(record) for line in _numbers(record, grid)]


def table_files(record: RunRecord) -> dict[str, str]:
    """Content by file name: the tables, data and training, every number, and what failed."""
    tables: dict[str, Lines] = {grid.table: _numbers(record, grid) for grid in grids(record)}
    tables["data"] = _datasets(record)
    tables["training"] = _hyperparameters(record)
    tables["numbers"] = [_flat(number) for number in record.numbers]
    tables["failures"] = [_flat(failure) for failure in record.failures]
    tables["cells"] = [_flat(cell, "loss", "dev") for cell in record.cells]
    tables["derived"] = [_flat(row) for row in record.derived]
    tables["g2p"] = [{**_flat(row, "extra"), **row.extra} for row in record.g2p]
    files = {}
    for name, lines in tables.items():
        files[f"{name}.json"] = to_json(lines)
        files[f"{name}.csv"] = _to_csv(lines)
    return files


def to_json(lines: Lines) -> str:
    """One record a line, so that two runs can be told apart with `diff`."""
    return "[\n" + ",\n".join(json.dumps(line, ensure_ascii=False) for line in lines) + "\n]\n"


def _to_csv(lines: Lines) -> str:
    text = io.StringIO()
    if lines:
        columns = dict.fromkeys(key for line in lines for key in line)
        writer = csv.DictWriter(text, fieldnames=list(columns), lineterminator="\n")
        writer.writeheader()
        for line in lines:
            plain = {
                key: " ".join(map(_plain, value)) if isinstance(value, list | tuple) else _plain(value)
                for key, value in line.items()
            }
            writer.writerow(plain)
    return text.getvalue()


def _plain(value: Any) -> Any:
    """In a cell of CSV, the figure of each seed is "0: 93.1 1: 92.8". Text that a spreadsheet would run as a
    formula has an apostrophe before it, which makes it text.
    """
    if isinstance(value, Mapping):
        value = " ".join(f"{key}: {item}" for key, item in value.items())
    return f"'{value}" if isinstance(value, str) and value[:1] in _FORMULA else value


def _numbers(record: RunRecord, grid: Grid) -> Lines:
    return [
        {
            "table": grid.table,
            "row": row.key,
            "column": column.key,
            "value": entry.value,
            "paper": entry.paper,
            **_interval(entry.interval),
            **_seeds(entry.number),
            "verdict": judge(record, row, column, entry),
            "unit": column.measure.unit,
            "manifest": entry.manifest,
            "note": entry.number.note if entry.number else "",
            "reason": entry.reason,
        }
        for (row, column), entry in grid.entries.items()
        if entry.reason != NOT_RUN or entry.paper is not None
    ]


def _seeds(number: Number | None) -> Mapping[str, Any]:
    by_seed = {str(item.seed): item.value for item in number.by_seed} if number else {}
    return {
        "seeds": number.seeds if number else None,
        "seed_std": number.seed_std if number else None,
        "by_seed": by_seed,
    }


def _flat(item: Any, *left_out: str) -> Mapping[str, Any]:
    """A dataclass of the record as one line, its intervals spelled out."""
    line: dict[str, Any] = {}
    for field in fields(item):
        if field.name in left_out:
            continue
        value = getattr(item, field.name)
        if field.name == "by_seed":
            value = {str(of.seed): of.value for of in value}
        if field.name.endswith("interval"):
            line |= _interval(value, field.name.removesuffix("interval"))
        else:
            line[field.name] = value
    return line


def _interval(interval: Interval | None, prefix: str = "") -> Mapping[str, Any]:
    return {
        f"{prefix}low": interval.low if interval else None,
        f"{prefix}high": interval.high if interval else None,
        f"{prefix}level": interval.level if interval else None,
        f"{prefix}method": interval.method if interval else "",
    }


def _datasets(record: RunRecord) -> Lines:
    return [
        {
            "corpus": line.ours.corpus,
            "language": line.ours.language,
            "train": line.ours.train,
            "train_paper": line.paper.train if line.paper else None,
            "dev": line.ours.dev,
            "dev_paper": line.paper.dev if line.paper else None,
            "test": line.ours.test,
            "test_paper": line.paper.test if line.paper else None,
            "source": line.ours.source,
            "sha256": list(line.ours.sha256),
            "note": line.ours.note,
        }
        for line in dataset_lines(record)
    ]


def _hyperparameters(record: RunRecord) -> Lines:
    return [
        {
            "task": line.task,
            "input": line.input,
            "model": line.model,
            "paper_model": line.paper_model,
            "hyperparameter": line.name,
            "value": line.ours,
            "paper": line.paper,
        }
        for line in hyperparameter_lines(record)
    ]
