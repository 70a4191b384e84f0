"""Baselines that any model must beat: they know the words and nothing of their order. No torch."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

from isogloss.tasks import Task
from services.encoders.corpus import Example


def majority(train: Sequence[Example], examples: Sequence[Example]) -> list[list[int]]:
    """The most frequent class of the train set, everywhere."""
    best = _most_frequent(Counter(label for example in train for label in example.labels))
    return [[best] * len(example.labels) for example in examples]


def lexicon(task: Task, train: Sequence[Example], examples: Sequence[Example]) -> list[list[int]]:
    """Words: the most frequent class of that very word in train, the majority class for a new one. Texts and
    pairs: naive Bayes.
    """
    if not task.per_word:
        return _naive_bayes(train, examples)
    counts: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for example in train:
        for word, label in zip(example.words[0], example.labels, strict=True):
            counts[word][label] += 1
    known = {word: _most_frequent(counter) for word, counter in counts.items()}
    fallback = _most_frequent(Counter(label for example in train for label in example.labels))
    return [[known.get(word, fallback) for word in example.words[0]] for example in examples]


def _naive_bayes(train: Sequence[Example], examples: Sequence[Example]) -> list[list[int]]:
    """Multinomial, add-one smoothing, over the words of a text; each side of a pair has its own."""
    classes = Counter(example.labels[0] for example in train)
    words: dict[int, Counter[tuple[int, str]]] = {label: Counter() for label in classes}
    for example in train:
        words[example.labels[0]].update(_bag(example))
    size = len(set().union(*words.values()))
    totals = {label: sum(counter.values()) + size for label, counter in words.items()}

    def score(example: Example, label: int) -> float:
        prior = math.log(classes[label] / len(train))
        return prior + sum(math.log((words[label][word] + 1) / totals[label]) for word in _bag(example))

    return [[max(sorted(classes), key=lambda label: score(example, label))] for example in examples]


def _bag(example: Example) -> list[tuple[int, str]]:
    return [(side, word.lower()) for side, segment in enumerate(example.words) for word in segment]


def _most_frequent(counts: Counter[int]) -> int:
    return min(counts, key=lambda label: (-counts[label], label))
