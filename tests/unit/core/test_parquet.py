"""Parquet of unknown origin: whole where it fits, refused before it unfolds where it does not."""

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from isogloss.errors import InvalidInput
from isogloss.parquet import batches, read_table
from tests.conftest import ROOT

MIB = 2**20


def written(table: pa.Table, **options: Any) -> bytes:
    stream = io.BytesIO()
    pq.write_table(table, stream, compression="zstd", **options)
    return stream.getvalue()


def repeated(text: str, rows: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array([text]))


def test_every_type_comes_back_as_it_was(tmp_path: Path) -> None:
    table = pa.table(
        {
            "tokens": pa.array([["a", "b"], [], ["c"]], pa.list_(pa.string())),
            "text": ["één", None, "x"],
            "label": [0, 1, 2],
            "score": [0.5, 1.5, None],
            "deep": [[["a"], []], None, [["b", None]]],
            "both": pa.array([{"x": "a", "y": 1}, {"x": "b", "y": 2}, None]),
            "category": pa.array(["a", "b", "a"]).dictionary_encode(),
        }
    )
    plain = table.set_column(6, "category", table["category"].cast(pa.string()))
    data = written(table)
    assert read_table(data, "x", max_bytes=MIB).to_pydict() == plain.to_pydict()
    assert read_table(data, "x", max_bytes=MIB).schema.field("tokens").type == pa.list_(pa.string())
    path = tmp_path / "x.parquet"
    path.write_bytes(data)
    assert read_table(path, "x", max_bytes=MIB, columns=["label"]).to_pydict() == {"label": [0, 1, 2]}


def test_what_the_schema_says_of_itself_stays() -> None:
    table = pa.table({"a": [1], "b": [2]}).replace_schema_metadata({"huggingface": "{}"})
    kept = read_table(written(table), "x", max_bytes=MIB, columns=["b"]).schema.metadata
    assert kept == {b"huggingface": b"{}"}


def test_many_rows_and_groups_keep_their_order() -> None:
    table = pa.table({"text": [f"row {row}" for row in range(10_000)]})
    data = written(table, row_group_size=1500)
    assert read_table(data, "x", max_bytes=MIB).equals(table)
    assert sum(batch.num_rows for batch in batches(data, "x", max_bytes=MIB)) == 10_000


def test_a_table_without_rows_has_its_columns() -> None:
    empty = pa.table({"text": pa.array([], pa.string())})
    assert read_table(written(empty), "x", max_bytes=MIB).equals(empty)


BOMBS = {
    "a dictionary": written(pa.table({"text": repeated("x" * MIB, 4000)})),
    "a dictionary in lists": written(
        pa.table({"tokens": pa.ListArray.from_arrays([0, 1, 4000], repeated("x" * MIB, 4000))})
    ),
    "a dictionary in a struct": written(
        pa.table({"s": pa.StructArray.from_arrays([repeated("x" * MIB, 4000)], ["text"])})
    ),
    "plain text that compresses": written(pa.table({"text": ["x" * MIB] * 64}), use_dictionary=False),
    "one value again and again": written(pa.table({"label": pa.array([7] * 40_000_000, pa.int8())})),
    "fronts of the value before": written(
        pa.table({"text": ["x" * MIB] * 64}),
        use_dictionary=False,
        column_encoding={"text": "DELTA_BYTE_ARRAY"},
    ),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_never_unfolds(bomb: str, tmp_path: Path) -> None:
    """Up to 4 GB in a few kB: refused, in a process that then has grown by less than 200 MB."""
    path = tmp_path / "bomb.parquet"
    path.write_bytes(BOMBS[bomb])
    script = f"""
import pathlib, resource
from isogloss.errors import InvalidInput
from isogloss.parquet import read_table
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    read_table(pathlib.Path({str(path)!r}), "data.train", max_bytes=32 * 2**20)
except InvalidInput as error:
    print(error.message)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) >> 10)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True
    )
    message, grown = done.stdout.splitlines()
    assert message.startswith("data.train: ")
    assert "unfolds to more than 32 MiB" in message or "DELTA_BYTE_ARRAY" in message
    assert int(grown) < 200


@pytest.mark.parametrize("data", [b"", b"PAR1", b"PK\x03\x04 a zip", written(pa.table({"a": [1]}))[:-20]])
def test_what_is_no_parquet(data: bytes) -> None:
    with pytest.raises(InvalidInput, match="Parquet file") as caught:
        read_table(data, "train.parquet", max_bytes=MIB)
    assert caught.value.field == "train.parquet"


def test_a_damaged_page() -> None:
    data = bytearray(written(pa.table({"text": [f"{row}" for row in range(5000)]}), use_dictionary=False))
    data[100:400] = bytes(300)
    with pytest.raises(InvalidInput, match="broken Parquet"):
        read_table(bytes(data), "train.parquet", max_bytes=MIB)


def test_a_column_that_is_not_there() -> None:
    with pytest.raises(InvalidInput, match="no column tokens"):
        read_table(written(pa.table({"text": ["a"], "label": [1]})), "x", max_bytes=MIB, columns=["tokens"])
