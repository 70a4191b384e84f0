"""A language of our own for tests: endings tell the tag, so that a model can learn it in a second.

`-a` nouns, `-u` verbs, `-i` adjectives, and a full stop. Names begin with a capital. A pair of sentences is
an entailment when both have the same verb, a contradiction when the second begins with `no`, else neutral.
"""

import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

_TAGS = {"a": "NOUN", "u": "VERB", "i": "ADJ"}
_SOUNDS = {"a": "aː", "u": "ʊ", "i": "iː"}


def word(draw: random.Random, ending: str) -> str:
    """A word of two or three syllables."""
    return (
        "".join(draw.choice("bdgklmnprst") + draw.choice("aeo") for _ in range(draw.randint(1, 2)))
        + "k"
        + ending
    )


def phonemes(text: str) -> str:
    """One phoneme a letter, long or lax at the end; nothing for punctuation, as a G2P may say of it."""
    letters = [letter for letter in text.lower() if letter.isalpha()]
    return " ".join([*letters[:-1], _SOUNDS.get(letters[-1], letters[-1])]) if letters else ""


def sentence(draw: random.Random) -> tuple[list[str], list[str]]:
    """Words and UPOS tags."""
    endings = [draw.choice("aui") for _ in range(draw.randint(2, 9))]
    return [word(draw, ending) for ending in endings] + ["."], [_TAGS[ending] for ending in endings] + [
        "PUNCT"
    ]


def write_pos(path: Path, rows: int, seed: int) -> Path:
    """A corpus of tagged sentences with its phonemes."""
    draw = random.Random(seed)
    pairs = [sentence(draw) for _ in range(rows)]
    return write(
        path,
        {
            "tokens": [words for words, _ in pairs],
            "labels": [tags for _, tags in pairs],
            "phonemes": [[phonemes(item) for item in words] for words, _ in pairs],
        },
    )


def write_ner(path: Path, rows: int, seed: int) -> Path:
    """A corpus with names of persons (`Do …`) and places (`In …`), each of one or two words."""
    draw = random.Random(seed)
    tokens, labels = [], []
    for _ in range(rows):
        words, tags = [word(draw, "u")], ["O"]
        for opener, kind in draw.sample([("Do", "PER"), ("In", "LOC")], draw.randint(1, 2)):
            names = [word(draw, "a").capitalize() for _ in range(draw.randint(1, 2))]
            words += [opener.lower(), *names]
            tags += ["O", f"B-{kind}", *[f"I-{kind}"] * (len(names) - 1)]
        tokens.append(words)
        labels.append(tags)
    return write(
        path,
        {
            "tokens": tokens,
            "labels": labels,
            "phonemes": [[phonemes(item) for item in row] for row in tokens],
        },
    )


def write_pairs(path: Path, rows: int, seed: int) -> Path:
    """A corpus of pairs."""
    draw = random.Random(seed)
    columns: dict[str, list[Any]] = {"premise": [], "hypothesis": [], "label": []}
    for _ in range(rows):
        label = draw.choice(["entailment", "neutral", "contradiction"])
        subject, verb = word(draw, "a"), word(draw, "u")
        other = {"entailment": verb, "neutral": "gagu", "contradiction": f"no {verb}"}[label]
        columns["premise"].append(f"{subject} {verb}")
        columns["hypothesis"].append(f"{subject} {other}")
        columns["label"].append(label)
    for side in ("premise", "hypothesis"):
        columns[f"{side}_phonemes"] = [" ▁ ".join(map(phonemes, text.split())) for text in columns[side]]
    return write(path, columns)


def write_topics(path: Path, rows: int, seed: int) -> Path:
    """A corpus of single texts, about whichever of nouns, verbs and adjectives has most words in it."""
    draw = random.Random(seed)
    texts, labels = [], []
    for _ in range(rows):
        ending = draw.choice("aui")
        words = [word(draw, ending) for _ in range(3)] + [word(draw, draw.choice("aui"))]
        draw.shuffle(words)
        texts.append(" ".join(words))
        labels.append({"a": "things", "u": "deeds", "i": "looks"}[ending])
    columns: dict[str, list[Any]] = {"text": texts, "label": labels}
    columns["text_phonemes"] = [" ▁ ".join(map(phonemes, text.split())) for text in texts]
    return write(path, columns)


def write_own_tags(path: Path, rows: int, seed: int) -> Path:
    """A corpus with tags of one's own in IOBES: dates (`On …`, one word or three) and works (`By …`, two)."""
    draw = random.Random(seed)
    tokens, labels = [], []
    for _ in range(rows):
        words, tags = [word(draw, "u")], ["O"]
        for opener, kind, length in (("on", "DATE", draw.choice([1, 3])), ("by", "WORK", 2)):
            words += [opener, *(word(draw, "a") for _ in range(length))]
            inside = ["S"] if length == 1 else ["B", *"I" * (length - 2), "E"]
            tags += ["O", *(f"{prefix}-{kind}" for prefix in inside)]
        tokens.append(words)
        labels.append(tags)
    readings = [[phonemes(item) for item in row] for row in tokens]
    return write(path, {"tokens": tokens, "labels": labels, "phonemes": readings})


def write_text(path: Path, rows: int, seed: int) -> Path:
    """A corpus of plain sentences."""
    draw = random.Random(seed)
    texts = [" ".join(sentence(draw)[0]) for _ in range(rows)]
    return write(
        path,
        {
            "text": texts,
            "text_phonemes": [" ▁ ".join(filter(None, map(phonemes, text.split()))) for text in texts],
        },
    )


def write(path: Path, columns: dict[str, Any]) -> Path:
    """A corpus of any columns."""
    pq.write_table(pa.table(columns), path)
    return path
