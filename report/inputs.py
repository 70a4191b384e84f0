"""Tables 4 and 5: what went in. The data sets and the models' training, beside the paper's."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from report.paper import Sizes, printed_hyperparameters, printed_model, printed_sizes
from report.record import DatasetRow, RunRecord
from report.tables import NOT_RUN

CORPORA = {
    "flores": "FLORES+",
    "xnli": "XNLI",
    "wikiann": "WikiAnn",
    "ud": "Universal Dependencies",
}
NOT_PRINTED = "not printed"
Value = bool | int | float | str | None


@dataclass(frozen=True)
class DatasetLine:
    """A line of Table 4: ours beside the paper's, rounded, sizes of the corpus that ours stands for."""

    corpus: str
    language: str
    ours: DatasetRow
    paper: Sizes | None


@dataclass(frozen=True)
class HyperparameterLine:
    """A line of Table 5: one hyper-parameter of one model, by value: "5e-05 (English), 0.0001 (Russian)"."""

    task: str
    input: str
    model: str
    paper_model: str
    name: str
    ours: str
    paper: str


def dataset_lines(record: RunRecord) -> list[DatasetLine]:
    """Table 4: in the paper's order of corpora, then others."""
    return [
        DatasetLine(
            CORPORA.get(corpus, corpus),
            record.language(row.language),
            row,
            printed_sizes(corpus, row.language) if record.beside_paper else None,
        )
        for corpus in dict.fromkeys([*CORPORA, *(row.corpus for row in record.datasets)])
        for row in record.datasets
        if row.corpus == corpus
    ]


def hyperparameter_lines(record: RunRecord) -> list[HyperparameterLine]:
    """Table 5, in the record's order of tasks and inputs."""
    lines = []
    for task in record.tasks:
        for model_input in record.inputs:
            rows = {
                row.language: row
                for row in record.hyperparameters
                if (row.task, row.input) == (task, model_input)
            }
            paper = {
                code: printed_hyperparameters(task, model_input, code) if record.beside_paper else None
                for code in rows
            }
            known = any(paper.values())
            for name in dict.fromkeys(name for row in rows.values() for name in row.values):
                ours = {code: row.values.get(name) for code, row in rows.items()}
                theirs = {code: (row or {}).get(name) for code, row in paper.items()}
                lines.append(
                    HyperparameterLine(
                        task,
                        model_input,
                        ", ".join(dict.fromkeys(row.model for row in rows.values())),
                        printed_model(model_input) if known else "",
                        name,
                        _by_value(record, ours, NOT_RUN),
                        _by_value(record, theirs, NOT_PRINTED) if known else "",
                    )
                )
    return lines


def _by_value(record: RunRecord, values: Mapping[str, Value], absent: str) -> str:
    """One value when all languages share it; otherwise each with its languages, as the paper writes it."""
    codes: dict[str, list[str]] = {}
    for code, value in values.items():
        codes.setdefault(_write(value, absent), []).append(record.language(code))
    if len(codes) == 1:
        return next(iter(codes))
    return ", ".join(f"{value} ({', '.join(names)})" for value, names in codes.items())


def _write(value: Value, absent: str) -> str:
    if value is None:
        return absent
    writers: dict[type, Callable[..., str]] = {
        bool: lambda v: "yes" if v else "no",
        float: lambda v: f"{v:g}",
    }
    return writers.get(type(value), str)(value)
