"""Spans against the library that the field trusts."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics.sequence_labeling import get_entities

from isogloss.spans import spans
from isogloss.tasks import TASKS

BIO = TASKS["ner"].labels
IOBES = ("O", *(f"{prefix}-{kind}" for kind in ("PER", "LOC") for prefix in "BIES"))


def expected(sentence: list[str]) -> set[tuple[str, int, int]]:
    return {(kind, start, end + 1) for kind, start, end in get_entities(sentence)}


@given(
    st.sampled_from([BIO, IOBES, (*BIO, *IOBES)]).flatmap(
        lambda labels: st.lists(st.sampled_from(labels), min_size=1, max_size=12)
    )
)
def test_spans_are_those_of_seqeval(sentence: list[str]) -> None:
    """Also where a tag sequence is not well formed, or of two schemes."""
    assert spans(sentence) == expected(sentence)


@pytest.mark.parametrize("scheme", [BIO[:5], IOBES])
def test_all_short_sentences(scheme: tuple[str, ...]) -> None:
    for sentence in product(scheme, repeat=3):
        assert spans(list(sentence)) == expected(list(sentence))


def test_adjacent_spans_of_one_type_are_two() -> None:
    """Read as BIO alone these were one: S- and E- end a span."""
    assert spans(["S-PER", "S-PER"]) == {("PER", 0, 1), ("PER", 1, 2)}
    assert spans(["B-PER", "E-PER", "I-PER"]) == {("PER", 0, 2), ("PER", 2, 3)}
