"""Two invented languages, one in Latin and one in Cyrillic letters, with all renderings of each word."""

import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

INPUTS = ("character", "letters", "romanized", "phoneme", "phoneme_by_script")
_SOUNDS = {"Latn": ("bdgkmnst", "aeiou"), "Cyrl": ("бдгкмнст", "аэиоу")}
_TO_LATIN = dict(zip("бдгкмнстаэиоу", "bdgkmnstaeiou", strict=True))


def lines_of(script: str, words: int = 1600, seed: int = 0) -> list[list[str]]:
    """Lines of 3 to 12 words of one to four syllables, the first with a capital."""
    draw = random.Random(f"{script} {seed}")
    consonants, vowels = _SOUNDS[script]
    lexicon = [
        "".join(draw.choice(consonants) + draw.choice(vowels) for _ in range(draw.randint(1, 4)))
        for _ in range(200)
    ]
    lines: list[list[str]] = []
    while sum(map(len, lines)) < words:
        line = [draw.choice(lexicon) for _ in range(draw.randint(3, 12))]
        lines.append([line[0].capitalize(), *line[1:]])
    return lines


def write(path: Path, script: str, lines: Sequence[Sequence[str]]) -> Path:
    """A corpus as ConvertCorpus leaves it. A syllable is three phonemes here, so that lengths differ by
    rendering."""
    latin = [["".join(_TO_LATIN.get(c, c) for c in word.lower()) for word in line] for line in lines]
    phonemes = [
        [" ".join(c if c not in "aeiou" else f"{c} ː" for c in word) for word in line] for line in latin
    ]
    columns = {
        "tokens": lines,
        "letters": [[word.lower() for word in line] for line in lines],
        "romanized": latin,
        "phonemes": phonemes,
        "phonemes_by_script": [
            [" ".join(f"{unit}@{script}" for unit in word.split()) for word in line] for line in phonemes
        ],
    }
    save(path, columns)
    return path


def save(path: Path, columns: Mapping[str, Sequence[Sequence[str]]]) -> None:
    """Lists of strings as Parquet."""
    kind = pa.list_(pa.string())
    pq.write_table(pa.table({name: pa.array(rows, kind) for name, rows in columns.items()}), path)


def corpora(folder: Path) -> dict[str, Path]:
    """Both languages."""
    return {
        "aaa": write(folder / "aaa.parquet", "Latn", lines_of("Latn")),
        "bbb": write(folder / "bbb.parquet", "Cyrl", lines_of("Cyrl")),
    }
