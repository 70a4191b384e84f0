"""The baselines that stand beside every score."""

from isogloss.tasks import TASKS, Task
from services.encoders.corpus import Example
from services.encoders.lexicon import lexicon, majority


def tagged(sentence: str, labels: list[int]) -> Example:
    words = tuple(sentence.split())
    return Example((words,), (words,), tuple(labels))


def pair(premise: str, hypothesis: str, label: int) -> Example:
    words = (tuple(premise.split()), tuple(hypothesis.split()))
    return Example(words, words, (label,))


TRAIN = [tagged("the cat sat", [0, 1, 2]), tagged("the sat", [0, 1]), tagged("a dog sat", [0, 1, 1])]


def test_majority_is_the_most_frequent_class_of_train() -> None:
    assert majority(TRAIN, [tagged("the unknown", [0, 2])]) == [[1, 1]]


def test_the_lexicon_knows_each_word_and_guesses_for_new_ones() -> None:
    assert lexicon(TASKS["pos"], TRAIN, [tagged("the cat flew", [0, 1, 2])]) == [[0, 1, 1]]


def test_pairs_are_classified_by_their_words() -> None:
    train = [
        pair("a b", "no b", 2),
        pair("c d", "no d", 2),
        pair("a b", "some b", 0),
        pair("c d", "some d", 0),
    ]
    assert lexicon(TASKS["xnli"], train, [pair("e f", "no f", 2), pair("e f", "some f", 0)]) == [[2], [0]]


def test_texts_are_classified_by_their_words() -> None:
    topics = Task("topics", "Topics", "text", ("sports", "food"))
    train = [tagged("the ball", [0]), tagged("the soup", [1]), tagged("a ball", [0])]
    assert lexicon(topics, train, [tagged("one ball", [0]), tagged("one soup", [1])]) == [[0], [1]]
