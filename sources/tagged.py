"""Two columns, `FORM<TAB>UPOS` or `TOKEN<TAB>BIO`, and an empty line after each sentence."""

from collections.abc import Sequence

import pyarrow as pa

from sources.dataset import LABELS, token_table
from sources.decode import MAX_SENTENCE_WORDS
from sources.errors import MalformedFile


def parse_tagged(lines: Sequence[str], path: str, task: str) -> pa.Table:
    """Read sentences for `pos` or `ner`; `MalformedFile` with file and line on a bad line or label.

    A form may hold spaces (French and Finnish `10 000`). BIO tags are kept as they are: WikiAnn has I- tags
    that follow no B-, and mending them would change the scores.
    """
    known = LABELS[task]
    offsets, forms, labels = [0], list[str](), list[str]()
    for number, line in enumerate(lines, 1):
        if not line:
            if len(forms) > offsets[-1]:
                offsets.append(len(forms))
            continue
        form, _, label = line.partition("\t")
        if label not in known or not form.strip() or len(forms) - offsets[-1] >= MAX_SENTENCE_WORDS:
            raise _explain(line, path, number, task)
        forms.append(form)
        labels.append(label)
    if len(forms) > offsets[-1]:
        offsets.append(len(forms))
    return token_table(offsets, forms, labels)


def _explain(line: str, path: str, number: int, task: str) -> MalformedFile:
    """Say what is wrong with a line; apart from the loop above, which runs millions of times."""
    cells = line.split("\t")
    if len(cells) != 2:
        return MalformedFile(path, number, f"{len(cells)} columns, expected 2", "Write TOKEN<TAB>LABEL.")
    if not cells[0].strip():
        return MalformedFile(path, number, "the token is empty", "Write TOKEN<TAB>LABEL.")
    if cells[1] not in LABELS[task]:
        known = " ".join(sorted(LABELS[task]))
        return MalformedFile(path, number, f"{cells[1]!r} is no label of {task}", f"Use one of: {known}.")
    return MalformedFile(
        path, number, f"a sentence over {MAX_SENTENCE_WORDS} words", "Put an empty line between."
    )
