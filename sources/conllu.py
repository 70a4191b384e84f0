"""CoNLL-U: the words and universal tags of a treebank. https://universaldependencies.org/format.html

Comments, ranges of multiword tokens (`3-4`) and empty nodes (`5.1`) are left out: what remains are the
syntactic words that UD counts and tags.
"""

from collections.abc import Collection, Sequence

from sources.dataset import Parsed
from sources.errors import MalformedFile
from sources.words import Words, check_blank

COLUMNS = ("ID", "FORM", "LEMMA", "UPOS", "XPOS", "FEATS", "HEAD", "DEPREL", "DEPS", "MISC")


def parse_conllu(
    lines: Sequence[str], path: str, labels: Collection[str], task: str = "pos", column: str = "UPOS"
) -> Parsed:
    """Read sentences; `MalformedFile` with file and line on anything that is not CoNLL-U with labels of the
    task in `column`. A range whose words do not follow is counted and noted, not mended.
    """
    words = Words(path, task, labels)
    place = COLUMNS.index(column)
    announced, lacking = 0, list[int]()
    range_line = 0
    for number, line in enumerate(lines, 1):
        if not line:
            if announced > words.of_sentence:
                lacking.append(range_line)
            announced = 0
            words.end_sentence()
            continue
        if line[0] == "#":
            continue
        cells = line.split("\t")
        if len(cells) != len(COLUMNS):
            check_blank(line, path, number)
            problem = f"{len(cells)} columns, CoNLL-U has {len(COLUMNS)}"
            raise MalformedFile(path, number, problem, "Separate them by tabs.")
        if not (cells[0].isascii() and cells[0].isdecimal()):
            last = _skipped(cells[0], path, number)
            if last > announced:
                announced, range_line = last, number
            continue
        expected = words.of_sentence + 1
        if int(cells[0][:9]) != expected:
            fix = "Number words from 1, and put an empty line between sentences."
            raise MalformedFile(path, number, f"word id {cells[0][:20]}, expected {expected}", fix)
        words.add(cells[1], cells[place], number)
    if announced > words.of_sentence:
        lacking.append(range_line)
    notes: tuple[str, ...] = ()
    if lacking:
        notes = (
            f"{path}: {len(lacking)} range(s) of a multiword token without all their words, the first in line"
            f" {lacking[0]}: the file may have lost words.",
        )  # fmt: skip
    return words.parsed(notes)


def _skipped(word_id: str, path: str, number: int) -> int:
    """Pass over `3-4` and `5.1`; anything else in the ID column is an error. The last word of a
    range, or 0.
    """
    for separator in "-.":
        first, is_there, last = word_id.partition(separator)
        if is_there and first.isdecimal() and last.isdecimal() and word_id.isascii() and len(word_id) < 20:
            if separator == "-" and int(first) > int(last):
                fix = "A range goes from its first word to its last, such as 3-4."
                raise MalformedFile(path, number, f"the range {word_id} goes backwards", fix)
            return int(last) if separator == "-" else 0
    raise MalformedFile(path, number, f"{word_id[:20]!r} is no word id", "Use 3, 3-4 or 5.1.")
