"""Spans of tagged words, as conlleval reads them and seqeval does by default, in BIO and IOBES alike.

One reading for all: the trainer scores with it, and the metrics service draws the same spans anew.
"""

from collections.abc import Sequence

Span = tuple[str, int, int]  # type, first word, word after the last


def spans(tags: Sequence[str]) -> set[Span]:
    """Spans of one sentence: an I- or E- tag after another type, after O or after an end starts one.

    >>> sorted(spans(["B-PER", "E-PER", "S-LOC", "O", "I-PER"]))
    [('LOC', 2, 3), ('PER', 0, 2), ('PER', 4, 5)]
    """
    found: set[Span] = set()
    kind, start, ended = "", 0, False
    for place, tag in enumerate([*tags, "O"]):
        prefix, _, this = tag.partition("-")
        if kind and (ended or prefix in "BSO" or this != kind):
            found.add((kind, start, place))
            kind = ""
        if prefix != "O" and not kind:
            kind, start = this, place
        ended = prefix in "ES"
    return found
