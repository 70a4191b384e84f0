"""Tables 4 and 5: what went in. The data sets and the models' training, beside the paper's."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from report.paper import Sizes, printed_hyperparameters, printed_model, printed_sizes
from report.record import Corpus, DatasetRow, Input, RunRecord, Task
from report.tables import NOT_RUN, language_name

CORPORA: dict[Corpus, str] = {
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
    """Table 4, in the paper's order of corpora."""
    return [
        DatasetLine(title, language_name(row.language), row, printed_sizes(corpus, row.language))
        for corpus, title in CORPORA.items()
        for row in record.datasets
        if row.corpus == corpus
    ]


def hyperparameter_lines(record: RunRecord) -> list[HyperparameterLine]:
    """Table 5, in the paper's order of tasks and models."""
    lines = []
    tasks: tuple[Task, ...] = ("xnli", "ner", "pos")
    inputs: tuple[Input, ...] = ("subword", "character", "phoneme")
    for task in tasks:
        for model_input in inputs:
            rows = {
                row.language: row
                for row in record.hyperparameters
                if (row.task, row.input) == (task, model_input)
            }
            models = ", ".join(dict.fromkeys(row.model for row in rows.values()))
            paper = {code: printed_hyperparameters(task, model_input, code) for code in rows}
            for name in dict.fromkeys(name for row in rows.values() for name in row.values):
                lines.append(
                    HyperparameterLine(
                        task,
                        model_input,
                        models,
                        printed_model(model_input),
                        name,
                        _by_value({code: row.values.get(name) for code, row in rows.items()}, NOT_RUN),
                        _by_value({code: (row or {}).get(name) for code, row in paper.items()}, NOT_PRINTED),
                    )
                )
    return lines


def _by_value(values: Mapping[str, Value], absent: str) -> str:
    """One value when all languages share it; otherwise each with its languages, as the paper writes it."""
    codes: dict[str, list[str]] = {}
    for code, value in values.items():
        codes.setdefault(_write(value, absent), []).append(language_name(code))
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
