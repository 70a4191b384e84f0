"""Datasets: the columns that the services rely on, and bytes that depend on the rows alone."""

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isogloss.languages import language
from sources import open_source, sizes
from sources.corpus import corpora
from sources.dataset import Dataset, pair_table, text_table, token_table
from sources.errors import MalformedFile, SourceError, UnknownTask
from sources.formats import parse

SENTENCES = st.lists(
    st.lists(
        st.tuples(st.text(min_size=1, max_size=8), st.sampled_from(["NOUN", "VERB", "X"])),
        min_size=1,
        max_size=5,
    ),
    min_size=1,
    max_size=20,
)


def pos(sentences: list[list[tuple[str, str]]]) -> Dataset:
    """A dataset out of (token, label) pairs."""
    offsets = [0]
    for sentence in sentences:
        offsets.append(offsets[-1] + len(sentence))
    flat = [pair for sentence in sentences for pair in sentence]
    return Dataset(
        "pos", "eng", "train", token_table(offsets, [t for t, _ in flat], [label for _, label in flat])
    )


@given(SENTENCES)
def test_parquet_gives_back_the_rows_and_the_same_rows_give_the_same_bytes(
    sentences: list[list[tuple[str, str]]],
) -> None:
    dataset = pos(sentences)
    twice = pos([*sentences, *sentences]).take(range(len(sentences), 2 * len(sentences)))

    assert pq.read_table(io.BytesIO(dataset.to_parquet())).to_pylist() == dataset.rows
    assert twice.to_parquet() == dataset.to_parquet()


def test_how_a_table_was_put_together_does_not_show_in_its_bytes() -> None:
    # Large enough for the writer to give up its dictionary: there it begins to matter how rows are chunked.
    rows = pair_table([f"p{row}" * 30 for row in range(60_000)], ["h"] * 60_000, ["neutral"] * 60_000)
    pieces = pa.concat_tables([rows.slice(0, 1500), rows.slice(1500)])

    assert (
        Dataset("xnli", "swa", "dev", pieces).to_parquet() == Dataset("xnli", "swa", "dev", rows).to_parquet()
    )


def test_parquet_columns_are_those_of_the_contract() -> None:
    def schema(dataset: Dataset) -> list[tuple[str, str]]:
        stored = pq.read_schema(io.BytesIO(dataset.to_parquet()))
        return [(column.name, str(column.type)) for column in stored]

    strings = "list<element: string>"
    assert schema(pos([[("a", "X")]])) == [("tokens", strings), ("labels", strings)]
    pairs = Dataset("xnli", "swa", "dev", pair_table(["p"], ["h"], ["neutral"]))
    assert schema(pairs) == [("premise", "string"), ("hypothesis", "string"), ("label", "string")]
    assert schema(Dataset("flores", "swa", "devtest", text_table(["t"]))) == [("text", "string")]


def test_sizes_count_rows_before_and_after_the_limit_and_words_of_token_tasks() -> None:
    train = pos([[("a", "X")], [("b", "X"), ("c", "X")], [("d", "X")]]).take([0, 1], "2 of 3 rows.")
    text = Dataset("flores", "swa", "devtest", text_table(["Habari ya leo?"]))

    assert [(size.at_source, size.used, size.words) for size in sizes([train, text])] == [
        (3, 2, 3),
        (1, 1, None),
    ]


def test_a_dataset_refuses_other_columns_and_no_rows() -> None:
    with pytest.raises(SourceError, match="columns words are of no kind of corpus"):
        Dataset("ner", "eng", "dev", pa.table({"words": ["a"]}))
    with pytest.raises(SourceError, match="flores/eng/dev has no rows"):
        Dataset("flores", "eng", "dev", text_table([]))


def test_an_unknown_task_is_told_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UnknownTask, match=r"unknown task 'chunking'\. Use one of: pos, ner, xnli, flores"):
        open_source("mirror", str(tmp_path)).read("chunking", "eng", "dev")


@pytest.mark.parametrize(
    ("task", "table", "complaint"),
    [
        ("ner", token_table([0, 1], ["a"], ["B-MISC"]), "'B-MISC' is no label of ner"),
        ("ner", token_table([0, 1], [" "], ["O"]), "the word is empty"),
        ("ner", token_table([0, 0], [], []), "0 tokens, 0 labels"),
        ("xnli", pair_table(["a", ""], ["b", "c"], ["neutral", "neutral"]), "the premise is empty"),
        ("flores", text_table(["a", None]), "holds nothing, not text"),  # type: ignore[list-item]
    ],
)
def test_tables_from_elsewhere_are_held_to_the_rules_of_the_text_formats(
    task: str, table: pa.Table, complaint: str
) -> None:
    stream = io.BytesIO()
    pq.write_table(table, stream)
    with pytest.raises(MalformedFile, match=complaint) as caught:
        parse(corpora()[task], stream.getvalue(), "x.parquet", language("eng"))
    assert caught.value.line == table.num_rows
