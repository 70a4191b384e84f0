"""What the encoders read: sentences of ten languages as ids of units, and windows cut from them."""

import random
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bench.real_encoders.shapes import CLASSES, MODELS
from services.encoders.targets import Places, Targets, single
from services.encoders.units import NO_WORD, Encoded

IGNORED = -100
LANGUAGES = ("eng", "fra", "rus", "ita", "hun", "ukr", "kor", "tur", "fin", "hin")


def encoded(name: str, data: Path | None, count: int, length: int) -> list[Encoded]:
    """Sentences as ids, `count` of them: real lengths, and ids that stand for the units."""
    frame, found = MODELS[name].frame, []
    for words in sentences(name, data, count):
        ids, firsts, owners = list(frame.start), [], [NO_WORD] * len(frame.start)
        for number, units in enumerate(words):
            gap = frame.separator if number else ()
            if len(ids) + len(gap) + len(units) + len(frame.end) > length:
                break
            ids += gap
            owners += [NO_WORD] * len(gap)
            firsts.append(len(ids))
            ids += units
            owners += [number] * len(units)
        if not firsts:
            continue
        ids += frame.end
        owners += [NO_WORD] * len(frame.end)
        content = [False, *[True] * (len(ids) - 2), False]
        found.append(Encoded.of(ids, owners, firsts, content, len(ids), False))
    return found


def sentences(name: str, data: Path | None, count: int) -> Iterator[list[list[int]]]:
    """Words as ids of their units."""
    if data is None:
        draw = random.Random(0)
        for _ in range(count):
            yield [
                [draw.randrange(200, 1_900) for _ in range(draw.randint(1, 9))]
                for _ in range(draw.randint(2, 40))
            ]
        return
    import pyarrow.parquet as pq

    column = "phonemes" if name == "phoneme" else "tokens"
    per_language = -(-count // len(LANGUAGES))
    rows: list[list[str]] = []
    for language in LANGUAGES:
        path = data / f"pos/{language}/train.parquet"
        if path.exists():
            rows += pq.read_table(path)[column].to_pylist()[:per_language]
    random.Random(0).shuffle(rows)
    for row in rows[:count]:
        yield [unit_ids(name, word) for word in row]


def unit_ids(name: str, word: str) -> list[int]:
    """A word's units. Subwords are pieces of four characters, which is near mBERT's on these languages."""
    if name == "character":
        return [ord(character) for character in word] or [0xFFFD]
    pieces = word.split() if name == "phoneme" else [word[at : at + 4] for at in range(0, len(word), 4)]
    most = 1_900 if name == "phoneme" else 119_000
    return [200 + zlib.crc32(piece.encode()) % (most - 200) for piece in pieces] or [200]


def full_windows(sequences: Sequence[Encoded], count: int, length: int) -> list[Encoded]:
    """Windows of exactly `length` ids, from the sentences one after the other."""
    run = [item for sequence in sequences for item in sequence.ids[1:-1]]
    run *= 1 + count * length // len(run)
    windows = []
    for at in range(count):
        inner = run[at * (length - 2) : (at + 1) * (length - 2)]
        ids = [sequences[0].ids[0], *inner, sequences[0].ids[-1]]
        windows.append(Encoded.of(ids, [NO_WORD] * length, [], [True] * length, length, False))
    return windows


def hidden(windows: Sequence[Encoded], draw: random.Random, classes: int) -> tuple[list[Places], list[int]]:
    """15 % of the places of each window, and what is predicted there."""
    places, targets = [], []
    for window in windows:
        chosen = sorted(draw.sample(range(1, len(window.ids) - 1), max(1, len(window.ids) * 15 // 100)))
        places.append(one_each(chosen))
        targets += [draw.randrange(classes) for _ in chosen]
    return places, targets


def one_each(positions: Sequence[int]) -> Places:
    """Each place a group of its own."""
    return single(list(positions))


def first_units(sequence: Encoded) -> Targets:
    """Labels on first units."""
    return Targets(one_each(sequence.firsts), [place % CLASSES for place in sequence.firsts])


def labelled(sequence: Encoded) -> dict[str, Any]:
    """A row as Trainer wants it."""
    labels = [IGNORED] * len(sequence.ids)
    for place in sequence.firsts:
        labels[place] = place % CLASSES
    return {"input_ids": sequence.ids, "attention_mask": [1] * len(sequence.ids), "labels": labels}
