"""The robustness panel as tables: one for each check, its subjects as rows, its series as columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from report.differences import TITLES, subject
from report.record import Difference, RobustnessRow, RunRecord

DIFFERENCES = "One input less another"

CHECKS: Mapping[str, str] = {
    "Mean CKA by estimator and reading": (
        "Averaged positions are sentence length; translations share length, punctuation and numbers. What "
        "the rows below the first leave is what languages share beyond that. The untrained twin has the "
        "same architecture, random weights. Only the embedding layer can be read without positions: XNLI's "
        "last layer has no such rows."
    ),
    "CKA against sentences paired at random": (
        "One-sided permutation test, Holm's correction over all pairs of a column. It does not notice shared "
        "sentence length."
    ),
    DIFFERENCES: (
        "RPD and Std.: below 0 the phonemes' gap is the smaller one; CKA: above 0 phonemes look more alike. "
        "Intervals over test items or sentences, each drawn or left out for both inputs at once. p: "
        "two-sided permutation; under the null the two inputs are interchangeable within each language."
    ),
    "Mean RPD without one language, %": "",
    "Mean debiased CKA without one language": "",
    "Mean Sinkhorn distance by estimator": (
        "At this regularization the raw value of two equal clouds is above 0; debiased and exact it is 0."
    ),
    "Spearman's ρ of the gap, pooled and within pairs of languages": (
        "Pooled, a difference between the pairs alone makes a correlation."
    ),
}
"""Titles with a remark for the reader, in the order of the page; other checks follow."""


@dataclass(frozen=True)
class Check:
    """One table of the panel; `cells` by (subject, series)."""

    title: str
    remark: str
    subjects: tuple[str, ...]
    series: tuple[str, ...]
    cells: Mapping[tuple[str, str], RobustnessRow]


def checks(record: RunRecord) -> list[Check]:
    """The tables that the record has values for."""
    rows: dict[str, list[RobustnessRow]] = {}
    for row in (*record.robustness, *map(_row, _shown(record.differences))):
        rows.setdefault(row.check, []).append(row)
    titles = [title for title in dict.fromkeys([*CHECKS, *rows]) if title in rows]
    return [
        Check(
            title,
            CHECKS.get(title, ""),
            tuple(dict.fromkeys(row.subject for row in rows[title])),
            tuple(dict.fromkeys(row.series for row in rows[title])),
            {(row.subject, row.series): row for row in rows[title]},
        )
        for title in titles
    ]


def _shown(differences: Sequence[Difference]) -> list[Difference]:
    """Table 1's 45 pairs of languages would bury the rest: pairs are shown where there are few."""
    return [item for item in differences if not item.pair or item.task == "xnli"]


def _row(difference: Difference) -> RobustnessRow:
    return RobustnessRow(
        DIFFERENCES,
        subject(difference),
        difference.value,
        difference.interval,
        difference.p,
        manifest=difference.manifest,
        note=difference.note,
        series=f"{difference.task.upper()} {difference.first} less {difference.second}",
        digits=TITLES[difference.measure][1],
    )
