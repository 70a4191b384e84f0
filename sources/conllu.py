"""CoNLL-U: the words and universal tags of a treebank. https://universaldependencies.org/format.html

Comments, ranges of multiword tokens (`3-4`) and empty nodes (`5.1`) are left out: what remains are the
syntactic words that UD counts and tags.
"""

from collections.abc import Sequence

import pyarrow as pa

from sources.dataset import UPOS, token_table
from sources.decode import MAX_SENTENCE_WORDS
from sources.errors import MalformedFile

COLUMNS = 10  # ID FORM LEMMA UPOS XPOS FEATS HEAD DEPREL DEPS MISC


def parse_conllu(lines: Sequence[str], path: str) -> pa.Table:
    """Read sentences; `MalformedFile` with file and line on anything that is not CoNLL-U with UPOS tags."""
    offsets, forms, tags = [0], list[str](), list[str]()
    for number, line in enumerate(lines, 1):
        if not line:
            if len(forms) > offsets[-1]:
                offsets.append(len(forms))
            continue
        if line[0] == "#":
            continue
        cells = line.split("\t")
        if len(cells) != COLUMNS:
            raise MalformedFile(
                path, number, f"{len(cells)} columns, CoNLL-U has {COLUMNS}", "Separate them by tabs."
            )
        if not cells[0].isdecimal():
            _check_skippable(cells[0], path, number)
            continue
        if int(cells[0]) != len(forms) - offsets[-1] + 1:
            expected = len(forms) - offsets[-1] + 1
            raise MalformedFile(
                path, number, f"word id {cells[0]}, expected {expected}", "Number words from 1."
            )
        if cells[3] not in UPOS:
            raise MalformedFile(
                path, number, f"{cells[3]!r} is no UPOS tag", "Use a treebank with UPOS tags."
            )
        if not cells[1].strip():
            raise MalformedFile(path, number, "the FORM column is empty", "Give each word a form.")
        if len(forms) - offsets[-1] >= MAX_SENTENCE_WORDS:
            raise MalformedFile(
                path, number, f"a sentence over {MAX_SENTENCE_WORDS} words", "Put an empty line between."
            )
        forms.append(cells[1])
        tags.append(cells[3])
    if len(forms) > offsets[-1]:
        offsets.append(len(forms))
    if len(offsets) == 1:
        raise MalformedFile(path, None, "no sentence in it", "Give a file with at least one sentence.")
    return token_table(offsets, forms, tags)


def _check_skippable(word_id: str, path: str, number: int) -> None:
    """Pass over `3-4` and `5.1`; anything else in the ID column is an error."""
    for separator in "-.":
        first, found, last = word_id.partition(separator)
        if found and first.isdecimal() and last.isdecimal():
            return
    raise MalformedFile(path, number, f"{word_id!r} is no word id", "Use 3, 3-4 or 5.1.")
