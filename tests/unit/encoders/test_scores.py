"""Scores against the libraries that the field trusts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics import f1_score as seqeval_f1
from sklearn import metrics

from isogloss.tasks import TASKS
from services.encoders import scores

BIO = TASKS["ner"].labels
IOBES = ("O", *(f"{prefix}-{kind}" for kind in ("PER", "LOC") for prefix in "BIES"))

tags = st.sampled_from([BIO, IOBES]).flatmap(
    lambda labels: st.lists(st.sampled_from(labels), min_size=1, max_size=12)
)
pairs = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=60)


@given(st.lists(st.tuples(tags, st.randoms(use_true_random=False)), min_size=1, max_size=6))
def test_span_f1_is_that_of_seqeval(drawn: list[tuple[list[str], object]]) -> None:
    labels = [sentence for sentence, _ in drawn]
    predictions = [[draw.choice([tag, *BIO, *IOBES]) for tag in sentence] for sentence, draw in drawn]  # type: ignore[attr-defined]
    if any(tag != "O" for row in labels + predictions for tag in row):
        assert scores.span_f1(labels, predictions) == pytest.approx(100 * seqeval_f1(labels, predictions))


@given(pairs)
def test_class_scores_are_those_of_scikit_learn(drawn: list[tuple[int, int]]) -> None:
    labels, predictions = [label for label, _ in drawn], [prediction for _, prediction in drawn]
    assert scores.accuracy(labels, predictions) == pytest.approx(
        100 * metrics.accuracy_score(labels, predictions)
    )
    assert scores.macro_f1(labels, predictions) == pytest.approx(
        100 * metrics.f1_score(labels, predictions, average="macro")
    )
    assert scores.micro_f1(labels, predictions) == pytest.approx(
        100 * metrics.f1_score(labels, predictions, average="micro")
    )


def test_a_word_that_was_cut_off_is_an_error() -> None:
    assert scores.accuracy([1, 1], [1, None]) == 50
    assert scores.macro_f1([1, 1], [1, None]) == pytest.approx(200 / 3)
    assert scores.span_f1([["B-PER"], ["B-LOC"]], [["B-PER"], ["O"]]) == pytest.approx(200 / 3)
