"""The report for machines: `summary.json` with one record per number, and each table as CSV and JSON."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from report.inputs import dataset_lines, hyperparameter_lines
from report.record import Interval, RunRecord
from report.tables import Grid, grids
from report.verdicts import judge

Lines = Sequence[Mapping[str, Any]]


def summary(record: RunRecord) -> Lines:
    """One record per number of Tables 1 to 3, also for those that were not run."""
    return [line for grid in grids(record) for line in _numbers(record, grid)]


def table_files(record: RunRecord) -> dict[str, str]:
    """Content by file name: Tables 1 to 5, and what stands behind figures and panel."""
    tables: dict[str, Lines] = {grid.table: _numbers(record, grid) for grid in grids(record)}
    tables["table4"] = _datasets(record)
    tables["table5"] = _hyperparameters(record)
    tables["pairs"] = [_flat(pair) for pair in record.pairs]
    tables["bounds"] = [_flat(bound) for bound in record.bounds]
    tables["robustness"] = [_flat(row) for row in record.robustness]
    tables["differences"] = [_flat(row) for row in record.differences]
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
                key: " ".join(value) if isinstance(value, list | tuple) else value
                for key, value in line.items()
            }
            writer.writerow(plain)
    return text.getvalue()


def _numbers(record: RunRecord, grid: Grid) -> Lines:
    lines = []
    for row in grid.rows:
        for column in grid.columns:
            number = grid.cell(row, column)
            lines.append(
                {
                    "table": number.table,
                    "row": number.row,
                    "column": number.column,
                    "value": number.value,
                    "paper": number.paper,
                    **_interval(number.interval),
                    "verdict": judge(record, column, number),
                    "unit": number.unit,
                    "manifest": number.manifest,
                    "note": number.note,
                }
            )
    return lines


def _flat(item: Any, *left_out: str) -> Mapping[str, Any]:
    """A dataclass of the record as one line, its intervals spelled out."""
    line: dict[str, Any] = {}
    for field in fields(item):
        if field.name in left_out:
            continue
        value = getattr(item, field.name)
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
