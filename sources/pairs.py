"""XNLI: `premise<TAB>hypothesis<TAB>label` a line, no header."""

from collections.abc import Sequence

import pyarrow as pa

from sources.dataset import NLI, pair_table
from sources.errors import MalformedFile


def parse_pairs(lines: Sequence[str], path: str) -> pa.Table:
    """Read pairs, text as it stands; `MalformedFile` with file and line on a bad line or label."""
    premises, hypotheses, labels = list[str](), list[str](), list[str]()
    for number, line in enumerate(lines, 1):
        cells = line.split("\t")
        if len(cells) != 3:
            raise MalformedFile(
                path, number, f"{len(cells)} columns, expected 3", "Write premise<TAB>hypothesis<TAB>label."
            )
        premise, hypothesis, label = cells
        if not premise.strip() or not hypothesis.strip():
            raise MalformedFile(path, number, "an empty premise or hypothesis", "Give both sentences.")
        if label not in NLI:
            known = ", ".join(sorted(NLI))
            raise MalformedFile(path, number, f"{label!r} is no label of xnli", f"Use one of: {known}.")
        premises.append(premise)
        hypotheses.append(hypothesis)
        labels.append(label)
    return pair_table(premises, hypotheses, labels)
