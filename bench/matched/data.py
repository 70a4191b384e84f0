"""The corpora of the experiment `matched`, from a mirror directory to one small folder that travels.

    python bench/matched/data.py OUT [--data MIRROR] [--languages eng fra …] [--words 400000]

Writes Parquet with the columns `tokens` (words as written) and, word by word, `letters`, `romanized`,
`phonemes` and `phonemes_by_script`: `text/<language>.parquet` to pre-train on, `pos/` and `ner/` with
`labels` for fine-tuning, and `flores/<language>.parquet`. Lines of the text that hold a sentence of FLORES
or of a dev or test set are left out and counted (`leaks.json`).

Romanizing 250,000 words takes some minutes; what was converted stays in OUT/.words for the next time.
"""

import argparse
import gzip
import json
import random
import sys
import time
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

# ruff: noqa: E402  # the repository's root comes first
import pyarrow as pa
import pyarrow.parquet as pq

from isogloss.g2p.engine import renderings
from isogloss.g2p.engine.converter import load
from isogloss.g2p.engine.options import Options
from isogloss.languages import LANGUAGES
from sources.held_out import HeldOut

TEN = ("eng", "fra", "rus", "ita", "hun", "ukr", "kor", "tur", "fin", "hin")
COLUMNS = ("letters", "romanized", "phonemes", "phonemes_by_script")
_COMPARED = 300  # words a language
Tagged = list[tuple[list[str], list[str]]]


def main() -> None:
    """Write the folder, print a table and, as the last line, one JSON object."""
    arguments = _arguments()
    out: Path = arguments.out
    totals: dict[str, Any] = {}
    for language in arguments.languages:
        started = time.perf_counter()
        totals[language] = convert(language, out, arguments)
        print(f"{language}: {totals[language]}, {time.perf_counter() - started:.0f} s", flush=True)
    (out / "leaks.json").write_text(
        json.dumps({name: row["leaks"] for name, row in totals.items()}, indent=1)
    )
    size = sum(path.stat().st_size for path in out.rglob("*.parquet"))
    print(json.dumps({"bytes": size, "words": sum(row["words"] for row in totals.values())}))


def convert(language: str, out: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """All corpora of one language."""
    data: Path = arguments.data
    words = Words(language, out / ".words")
    flores = [line.split() for line in flores_lines(data, language)]
    pos = splits(tagged(data, "ud/pos", language), arguments)
    ner = splits(tagged(data, "wikiann", language), arguments)
    held_out = HeldOut()
    held_out.add(flores)
    for name in ("dev", "test"):
        for task in ("ud/pos", "wikiann"):
            held_out.add([tokens for tokens, _ in tagged(data, task, language).get(name, [])])
    text, leaks = [], 0
    for line in text_lines(data, language, {"docs": arguments.docs, "bible": arguments.words}):
        if held_out.holds(line):
            leaks += 1
        else:
            text.append(line)
    save(out / f"text/{language}.parquet", {"tokens": text}, words)
    save(out / f"flores/{language}.parquet", {"tokens": flores}, words)
    for task, corpora in (("pos", pos), ("ner", ner)):
        for name, rows in corpora.items():
            columns = {"tokens": [tokens for tokens, _ in rows], "labels": [labels for _, labels in rows]}
            save(out / f"{task}/{language}/{name}.parquet", columns, words)
    words.close()
    return {"words": sum(map(len, text)), "lines": len(text), "leaks": leaks, "types": len(words.known)}


class Words:
    """The renderings of one language's words, remembered in a file."""

    def __init__(self, language: str, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"{language}.json"
        self.known: dict[str, list[str]] = json.loads(self._path.read_text()) if self._path.exists() else {}
        self._converter = load(language, Options("standard"))
        self._renderers = [
            renderings.renderer(self._converter, name) for name in COLUMNS if name != "romanized"
        ]
        self._romanized = renderings.renderer(self._converter, "romanized")
        # uroman reads Latin letters and Hangul syllables one by one, so that a word is its characters'
        # romanizations, which takes seconds where words take an hour; each language's first words show
        # whether that holds.
        self._by_character = LANGUAGES[language].script in ("Latn", "Hang")
        self._characters: dict[str, str] = {}
        self._compared = 0

    def renderings(self, word: str) -> list[str]:
        """In the order of `COLUMNS`."""
        found = self.known.get(word)
        if found is None:
            letters, phonemes, by_script = (of(word) or renderings.HOLE for of in self._renderers)
            found = [letters, self._roman(word) or renderings.HOLE, phonemes, by_script]
            self.known[word] = found
        return found

    def _roman(self, word: str) -> str:
        if not self._by_character or not all(map(_is_read_by_letter, word)):
            return self._romanized(word)
        for character in word:
            if character not in self._characters:
                self._characters[character] = (
                    character.lower() if character.isascii() else self._romanized(character)
                )
        roman = "".join(map(self._characters.__getitem__, word))
        if self._compared < _COMPARED and not word.isascii():
            self._compared += 1
            if roman != self._romanized(word):
                raise ValueError(
                    f"uroman reads {word!r} as {self._romanized(word)!r}, its letters as {roman!r}"
                )
        return roman

    def close(self) -> None:
        """Keep what was converted."""
        self._path.write_text(json.dumps(self.known, ensure_ascii=False))


@cache
def _is_read_by_letter(character: str) -> bool:
    """Whether it is Latin, Hangul, or no letter at all: a Hungarian text may quote a Ukrainian name."""
    return not character.isalpha() or unicodedata.name(character, "").startswith(("LATIN", "HANGUL"))


def save(path: Path, columns: dict[str, list[list[str]]], words: Words) -> None:
    """Write a corpus with its renderings."""
    tokens = columns["tokens"]
    for index, name in enumerate(COLUMNS):
        columns[name] = [[words.renderings(word)[index] for word in line] for line in tokens]
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pa.table({name: pa.array(rows, pa.list_(pa.string())) for name, rows in columns.items()})
    pq.write_table(table, path, compression="zstd", compression_level=15, row_group_size=1 << 20,
                   dictionary_pagesize_limit=1 << 25)  # fmt: skip


def text_lines(data: Path, language: str, most: dict[str, float]) -> Iterator[list[str]]:
    """Paragraphs of the courses and verses of the Bible, up to so many words of each."""
    for corpus in ("docs", "bible"):
        path = data / f"text/{corpus}/{language}.tsv.gz"
        if not path.exists():
            continue
        rows = [line.split("\t")[1].split() for line in lines(path)]
        if corpus == "bible":  # whole stretches from all over the book
            blocks = [rows[at : at + 20] for at in range(0, len(rows), 20)]
            random.Random(0).shuffle(blocks)
            rows = [row for block in blocks for row in block]
        taken = 0
        for row in rows:
            if taken > most[corpus]:
                break
            taken += len(row)
            if row:
                yield row


def lines(path: Path) -> list[str]:
    """Of a gzip file."""
    return gzip.decompress(path.read_bytes()).decode().split("\n")[:-1]


def tagged(data: Path, folder: str, language: str) -> dict[str, Tagged]:
    """The splits of a corpus of labelled words."""
    found: dict[str, Tagged] = {}
    for path in sorted((data / folder / language).glob("*.tsv.gz")):
        if "unlabelled" in path.name:
            continue
        rows: Tagged = []
        tokens: list[str] = []
        labels: list[str] = []
        for line in [*lines(path), ""]:
            if line.strip():
                token, label = line.split("\t")
                tokens.append(token.replace(" ", "_"))
                labels.append(label)
            elif tokens:
                rows.append((tokens, labels))
                tokens, labels = [], []
        found[path.name.split(".")[0].split("-")[0]] = rows
    return found


def splits(corpora: dict[str, Tagged], arguments: argparse.Namespace) -> dict[str, Tagged]:
    """The first sentences of each split, drawn by one seed. Where there is no train (Hindi), dev gives it; no
    test (Ukrainian names): the second half of dev."""
    shuffled = {name: random.Random(0).sample(rows, len(rows)) for name, rows in corpora.items()}
    dev = shuffled["dev"]
    if "train" not in shuffled:
        shuffled["train"], shuffled["dev"] = dev[: len(dev) * 4 // 5], dev[len(dev) * 4 // 5 :]
    if "test" not in shuffled:
        shuffled["dev"], shuffled["test"] = dev[: len(dev) // 2], dev[len(dev) // 2 :]
    most = {"train": arguments.train, "dev": arguments.dev, "test": arguments.test}
    return {name: shuffled[name][: most[name]] for name in most}


def flores_lines(data: Path, language: str) -> Sequence[str]:
    """FLORES-200 devtest."""
    path = data / f"flores/{LANGUAGES[language].flores}.devtest"
    return path.read_text(encoding="utf-8").splitlines()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--languages", nargs="+", default=TEN)
    parser.add_argument("--docs", type=float, default=float("inf"), help="words of the courses, a language")
    parser.add_argument("--words", type=int, default=300_000, help="of the Bible, a language")
    parser.add_argument("--train", type=int, default=2000, help="sentences")
    parser.add_argument("--dev", type=int, default=300)
    parser.add_argument("--test", type=int, default=1000)
    return parser.parse_args()


if __name__ == "__main__":
    main()
