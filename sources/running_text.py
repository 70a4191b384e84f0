"""Text to pre-train on: lines of words out of parallel text and train sets, less what models are judged by.

text = gather(open_text, open_whole, ["docs", "pos"], held_out=["flores", "pos"], language="fin")
text.to_parquet()                # one column, `tokens`: the same lines, the same bytes
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from sources.dataset import Dataset, SourceFile, parquet_bytes
from sources.errors import SourceError
from sources.held_out import HeldOut
from sources.source import Source

TRAIN = "train"


@dataclass(frozen=True)
class RunningText:
    """All lines of one language.

    - counts: lines that each corpus gave
    - left_out: lines that are not here since they hold a sentence of a held-out corpus, by where they stood
    """

    language: str
    lines: Sequence[Sequence[str]]
    counts: Mapping[str, int]
    left_out: Mapping[str, int]
    files: Sequence[SourceFile] = field(default=())

    @property
    def words(self) -> int:
        """In all lines."""
        return sum(map(len, self.lines))

    def to_parquet(self) -> bytes:
        """As `Dataset.to_parquet`."""
        return parquet_bytes(pa.table({"tokens": pa.array(self.lines, pa.list_(pa.string()))}))


Open = Callable[[str], Source]
"""The source of a corpus by its name."""


def gather(
    text: Open, judged: Open, names: Sequence[str], held_out: Sequence[str], language: str
) -> RunningText:
    """The text of `names`: parallel texts whole, of tasks the train set; a text may lack a language.

    No line is kept that holds a sentence of `held_out`: of a parallel text any, of a task one of dev or test,
    as `judged` opens them.
    Raises `SourceError` where no text has the language.
    """
    kept_out = HeldOut()
    for name in held_out:
        source = judged(name)
        for split in source.splits(name, language):
            if split != TRAIN:
                kept_out.add(_words(source.read(name, language, split)))
    lines: list[Sequence[str]] = []
    counts, left_out, files = {}, {}, list[SourceFile]()
    for name in names:
        source = text(name)
        if TRAIN not in source.splits(name, language):
            continue
        dataset = source.read(name, language, TRAIN)
        files += dataset.files
        own = [words for words in _words(dataset) if words]
        kept = [words for words in own if not kept_out.holds(words)]
        counts[name], left_out[name] = len(kept), len(own) - len(kept)
        lines += kept
    if not lines:
        problem = f"{', '.join(names)} have no text of {language}"
        raise SourceError("pretraining.text", problem, "Add text of it, or leave the language out.")
    return RunningText(language, lines, counts, left_out, tuple(files))


def _words(dataset: Dataset) -> Iterator[Sequence[str]]:
    for column in ("tokens", "text", "premise", "hypothesis"):
        if column in dataset.table.column_names:
            for value in dataset.table[column].to_pylist():
                yield value.split() if isinstance(value, str) else value
