"""What the paper says in one line each, and the two figures of ours that bear on it."""

from dataclasses import dataclass

from flows.report.paper import printed
from flows.report.record import RunRecord, Table
from flows.report.tables import write


@dataclass(frozen=True)
class Claim:
    """A comparison of two inputs: the figures of the first and the second, ours and the paper's."""

    text: str
    ours: str
    paper: str
    direction: str  # of ours, from the first to the second: "lower", "higher", "equal", or "not run"
    expected: str  # the paper's


_CLAIMS: tuple[tuple[str, Table, str, str, str, int], ...] = (
    ("NER: mean RPD, character → phoneme", "table1", "ner/character", "ner/phoneme", "mean_rpd", 2),
    ("POS: mean RPD, character → phoneme", "table1", "pos/character", "pos/phoneme", "mean_rpd", 2),
    ("NER: mean CKA, character → phoneme", "table1", "ner/character", "ner/phoneme", "mean_cka", 4),
    ("POS: mean CKA, character → phoneme", "table1", "pos/character", "pos/phoneme", "mean_cka", 4),
    ("XNLI: Swahili's gap (rel.), subword → phoneme", "table2", "subword", "phoneme", "swa_rpd", 2),
    ("XNLI: Urdu's gap (rel.), subword → phoneme", "table2", "subword", "phoneme", "urd_rpd", 2),
)


def claims(record: RunRecord) -> list[Claim]:
    """The paper's claims about gaps, in its order."""
    values = {(number.table, number.row, number.column): number.value for number in record.numbers}
    found = []
    for text, table, first, second, column, digits in _CLAIMS:
        ours = (values.get((table, first, column)), values.get((table, second, column)))
        paper = (printed(table, first, column), printed(table, second, column))
        found.append(
            Claim(text, _arrow(*ours, digits), _arrow(*paper, digits), _direction(*ours), _direction(*paper))
        )
    return found


def _arrow(first: float | None, second: float | None, digits: int) -> str:
    return (
        f"{write(first, digits)} → {write(second, digits)}"
        if first is not None or second is not None
        else "not run"
    )


def _direction(first: float | None, second: float | None) -> str:
    if first is None or second is None:
        return "not run"
    if first == second:
        return "equal"
    return "lower" if second < first else "higher"
