"""What the paper printed, read off `paper.json`: Tables 1 to 5, and where they contradict each other."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES: Mapping[str, tuple[str, ...]] = {
    "table1": ("eng", "fra", "rus", "ita", "hun", "ukr", "kor", "tur", "fin", "hin"),
    "table2": ("eng", "swa", "urd"),
}
"""ISO 639-3 codes in the order of the paper's columns."""

REFERENCE = "eng"  # the language from which Table 2 counts its gaps
_TAGGING, _INFERENCE = ("ner", "pos"), "xnli"
_CORRELATED = (_INFERENCE, "phoneme")  # Table 3's models
_CORRELATIONS = {
    "reference_score": "gap_vs_eng_performance",
    "sinkhorn": "gap_vs_sinkhorn",
    "cka": "gap_vs_cka",
}


@dataclass(frozen=True)
class Sizes:
    """Sentences (pairs for XNLI) as Table 4 prints them, rounded; None where it prints none."""

    train: int | None
    dev: int | None
    test: int | None


@dataclass(frozen=True)
class Discrepancy:
    """Where the paper contradicts itself or others. `about`: "table1" … "table5", "figure2", "figure3"."""

    about: tuple[str, ...]
    text: str


def printed(
    task: str,
    model_input: str,
    measure: str,
    language: str = "",
    against: str = "",
) -> float | None:
    """The figure that the paper prints of this task, input and language, in its unit; None where none.

    Names as in `Number`; a gap is counted from English. Table 3's `n` is not printed: 30 is what its
    p-values fit.
    """
    paper = _paper()
    if against:
        same = (task, model_input) == _CORRELATED
        row, column = paper["table3"].get(_CORRELATIONS.get(against, ""), {}) if same else {}, measure
    elif task == _INFERENCE:
        suffix = {"score": "", "rpd": "_rpd", "absolute": "_abs"}.get(measure, "?")
        row, column = paper["table2"].get(model_input, {}), f"{language}{suffix}"
    else:
        column = measure if not language else language if measure == "score" else ""
        row = paper["table1"].get(f"{task}/{model_input}", {})
    value = row.get(column)
    return None if value is None else float(value)


def printed_languages(task: str) -> tuple[str, ...]:
    """The languages in which the paper did a task; none for other tasks."""
    return LANGUAGES["table2"] if task == _INFERENCE else LANGUAGES["table1"] if task in _TAGGING else ()


def printed_sizes(corpus: str, language: str) -> Sizes | None:
    """Table 4's row; None where it has none."""
    sizes = _paper()["table4"].get(corpus, {}).get(language)
    return None if sizes is None else Sizes(*sizes)


def printed_hyperparameters(
    task: str, model_input: str, language: str
) -> Mapping[str, float | str | None] | None:
    """Table 5's selected values with section 3.5's common ones, named as in trainer/v1; None where none are.

    A value of None is a cell that the paper leaves out (CANINE's weight decay for POS).
    """
    row: Mapping[str, float | str | None] | None = (
        _paper()["table5"].get(task, {}).get(model_input, {}).get(language)
    )
    return row


def printed_model(model_input: str) -> str:
    """The paper's model for an input; empty where it has none."""
    return str(_paper()["table5"]["models"].get(model_input, ""))


def discrepancies(about: str | None = None) -> tuple[Discrepancy, ...]:
    """The known discrepancies, all or those about one table or figure."""
    found = (Discrepancy(tuple(item["about"]), item["text"]) for item in _paper()["discrepancies"])
    return tuple(item for item in found if about is None or about in item.about)


def printed_figures() -> str:
    """All that the paper prints, as the text of `paper.json`."""
    return Path(__file__).with_name("paper.json").read_text(encoding="utf-8")


@cache
def _paper() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(printed_figures())
    return content
