"""Text to pre-train on: gathered from parallel texts and train sets, without what models are judged by."""

import io
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sources import ReadOptions, Source, SourceError, open_source
from sources.running_text import gather

SENTENCE = "one two three four five six seven eight nine"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def source(tmp_path: Path) -> Source:
    """A book whose second line holds a sentence of FLORES, and a treebank."""
    write(tmp_path / "book/eng.tsv", f"1\ta line of the book\n2\tand {SENTENCE} ends\n3\tmore of it\n")
    write(tmp_path / "flores/eng_Latn.devtest", f"{SENTENCE}\n")
    for split, words in (("train", "train set here"), ("dev", "a dev set here"), ("test", "a test set here")):
        write(tmp_path / f"ud/pos/eng/{split}.tsv", "".join(f"{word}\tX\n" for word in words.split()) + "\n")
    book = {"path": "book/{language}.tsv", "format": "tsv", "columns": {"text": 2}}
    return open_source("mirror", str(tmp_path), ReadOptions(data={"book": book}), parallel=["book"])


def test_lines_are_kept_in_order_and_those_with_an_evaluation_sentence_are_counted(source: Source) -> None:
    text = gather(lambda name: source, lambda name: source, ["book", "pos"], ["flores", "pos"], "eng")
    assert [" ".join(line) for line in text.lines] == ["a line of the book", "more of it", "train set here"]
    assert (text.counts, text.left_out) == ({"book": 2, "pos": 1}, {"book": 1, "pos": 0})
    assert text.words == 11
    assert pq.read_table(io.BytesIO(text.to_parquet()))["tokens"].to_pylist() == list(map(list, text.lines))
    assert (
        text.to_parquet()
        == gather(
            lambda name: source, lambda name: source, ["book", "pos"], ["flores", "pos"], "eng"
        ).to_parquet()
    )


def test_a_language_that_no_text_has_is_refused(source: Source) -> None:
    with pytest.raises(SourceError, match="no text of kor"):
        gather(lambda name: source, lambda name: source, ["book"], ["flores"], "kor")
