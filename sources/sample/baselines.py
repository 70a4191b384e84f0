"""What a model must beat: `python -m sources.sample.baselines` prints sizes and baselines of the
sample corpus.

Token tasks: the commonest tag, and each word's commonest tag in train (the commonest tag of all for an
unseen word). Pairs: naive Bayes over the words of premise and hypothesis, and over those of the
hypothesis alone. All are accuracies in %.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).parent
SPLITS = ("train", "dev", "test")
Tokens = Sequence[tuple[str, str]]  # (form, tag)


def majority(train: Tokens, test: Tokens) -> float:
    """Accuracy of train's commonest tag on test."""
    tag = Counter(tag for _, tag in train).most_common(1)[0][0]
    return 100 * sum(gold == tag for _, gold in test) / len(test)


def word_tag(train: Tokens, test: Tokens) -> float:
    """Accuracy of each word's commonest tag."""
    tags: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for form, tag in train:
        tags[form][tag] += 1
    default = Counter(tag for _, tag in train).most_common(1)[0][0]
    best = {form: counts.most_common(1)[0][0] for form, counts in tags.items()}
    return 100 * sum(gold == best.get(form, default) for form, gold in test) / len(test)


def bag_of_words(
    train: Sequence[tuple[Iterable[str], str]], test: Sequence[tuple[Iterable[str], str]]
) -> float:
    """Accuracy of multinomial naive Bayes with add-one smoothing; each item is (features, label)."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for features, label in train:
        counts[label].update(features)
    vocabulary = len(set().union(*counts.values()))
    prior = Counter(label for _, label in train)

    def score(features: Iterable[str], label: str) -> float:
        total = counts[label].total() + vocabulary
        return math.log(prior[label]) + sum(math.log((counts[label][f] + 1) / total) for f in features)

    hits = sum(label == max(sorted(prior), key=lambda c: score(features, c)) for features, label in test)
    return 100 * hits / len(test)


def tokens(path: Path) -> list[tuple[str, str]]:
    """The (form, tag) rows of a token file, sentences run together."""
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line)
    return [(form, tag) for form, tag in rows]


def pair_features(path: Path, premise: bool) -> list[tuple[list[str], str]]:
    """Bag of words of each pair, the two sides told apart."""
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    return [
        ([f"h:{w}" for w in h.split()] + [f"p:{w}" for w in p.split() if premise], label)
        for p, h, label in rows
    ]


def token_row(task: str, directory: Path) -> str:
    """Sizes and baselines of one language's token files, as a table row."""
    paths = {split: directory / f"{split}.tsv" for split in SPLITS}
    sizes = [path.read_text(encoding="utf-8").count("\n\n") for path in paths.values()]
    rows = {split: tokens(path) for split, path in paths.items()}
    train, test = rows["train"], rows["test"]
    forms = [form for split in rows.values() for form, _ in split]
    known = {form for form, _ in train}
    unseen = 100 * sum(form not in known for form, _ in test) / len(test)
    figures = f"{unseen:.1f} | {majority(train, test):.1f} | {word_tag(train, test):.1f}"
    return f"| {task} | {directory.name} | {_slashes(sizes)} | {len(forms)} | {len(set(forms))} | {figures} |"


def pair_row(lang: str) -> str:
    """Sizes and baselines of one language's pair files, as a table row."""
    paths = [ROOT / "xnli" / f"{lang}.{split}.tsv" for split in SPLITS]
    train, dev, test = (pair_features(path, premise=True) for path in paths)
    hypothesis_train, _, hypothesis_test = (pair_features(path, premise=False) for path in paths)
    tags = [[("", label) for _, label in rows] for rows in (train, test)]
    figures = (majority(*tags), bag_of_words(train, test), bag_of_words(hypothesis_train, hypothesis_test))
    sizes = [len(train), len(dev), len(test)]
    return f"| {lang} | {_slashes(sizes)} | " + " | ".join(f"{figure:.1f}" for figure in figures) + " |"


def _slashes(numbers: list[int]) -> str:
    return " / ".join(map(str, numbers))


def report() -> None:
    """Print both tables."""
    print("| task | language | sentences | tokens | types | unseen in test, % | majority tag | word's tag |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for task, folder in (("pos", "ud/pos"), ("ner", "wikiann")):
        for lang in ("eng", "rus", "kor", "hin"):
            print(token_row(task, ROOT / folder / lang))
    print("\n| language | pairs | majority label | words of both | words of the hypothesis |")
    print("| --- | --- | --- | --- | --- |")
    for lang in ("eng", "swa", "urd"):
        print(pair_row(lang))


if __name__ == "__main__":
    report()
