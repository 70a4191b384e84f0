"""Parquet that somebody else wrote, read without trusting its size.

A limit on the bytes of a file does not bound what it unfolds to: one page of a dictionary with a long string,
and a few bytes that repeat its index, are gigabytes once decoded. Here strings stay dictionaries until their
decoded size is known, and reading stops where the sum goes over the limit.

    table = read_table(data, "train.parquet", max_bytes=512 * 2**20)
"""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from isogloss.errors import InvalidInput

_ROWS = 2**20  # read at once, as indices into a dictionary: the fewer batches, the fewer times it is measured
_OFFSET = 4  # bytes of a string's or a list's offset, so the least that a value takes once decoded
# Each value is the front of the one before and a rest: as small as a dictionary, and decoded at once.
_UNBOUNDED = "DELTA_BYTE_ARRAY"


def read_table(
    source: bytes | Path, name: str, *, max_bytes: int, columns: Sequence[str] | None = None
) -> pa.Table:
    """The whole table, or some columns of it; dictionary columns come as plain ones.

    `name` is the field or path that errors name. Raises `InvalidInput` for what is no Parquet, has not the
    columns, or unfolds to more than `max_bytes`.
    """
    with _opened(source, name) as file:
        schema = _plain(_selected(file.schema_arrow, columns, name))
        return pa.Table.from_batches(_decoded(file, schema, name, max_bytes), schema)


def batches(
    source: bytes | Path,
    name: str,
    *,
    max_bytes: int,
    columns: Sequence[str] | None = None,
    rows: int = 1024,
) -> Iterator[pa.RecordBatch]:
    """The same in batches of at most `rows` rows, decoded one after the other: for those who need not hold
    the whole. It is still the whole that must not unfold to more than `max_bytes`.
    """
    with _opened(source, name) as file:
        schema = _plain(_selected(file.schema_arrow, columns, name))
        yield from _decoded(file, schema, name, max_bytes, rows)


def _opened(source: bytes | Path, name: str) -> pq.ParquetFile:
    try:
        probe = pq.ParquetFile(_stream(source))
        strings = [
            column.path
            for column in map(probe.schema.column, range(len(probe.schema)))
            if column.physical_type == "BYTE_ARRAY"
        ]
        return pq.ParquetFile(_stream(source), read_dictionary=strings, pre_buffer=False)
    except (pa.ArrowException, OSError) as error:
        problem = f"not a Parquet file ({str(error).splitlines()[0][:200]})"
        raise InvalidInput(name, problem, "Write it with pyarrow or pandas.") from error


def _stream(source: bytes | Path) -> pa.NativeFile | io.BytesIO:
    return pa.BufferReader(source) if isinstance(source, bytes) else pa.OSFile(str(source))


def _selected(schema: pa.Schema, columns: Sequence[str] | None, name: str) -> pa.Schema:
    if columns is None:
        return schema
    if missing := [column for column in columns if column not in schema.names]:
        problem = f"no column {', '.join(missing)}"
        raise InvalidInput(name, problem, f"It has: {', '.join(schema.names)[:300]}.")
    return pa.schema([schema.field(column) for column in columns], schema.metadata)


def _decoded(
    file: pq.ParquetFile, schema: pa.Schema, name: str, max_bytes: int, rows: int = _ROWS
) -> Iterator[pa.RecordBatch]:
    problem = f"unfolds to more than {max_bytes >> 20} MiB ({max_bytes:,} bytes)"
    too_large = InvalidInput(name, problem, "Give a smaller file.")
    read = 0
    try:
        groups = map(file.metadata.row_group, range(file.metadata.num_row_groups))
        if sum(_promised(group, name) for group in groups) > max_bytes:
            raise too_large
        # One thread: a reader of Arrow's pool that outlives an error aborts the whole process at its exit
        # (apache/arrow #34314), seen here in 3 of 12 runs.
        for batch in file.iter_batches(batch_size=_ROWS, columns=schema.names, use_threads=False):
            read += sum(map(_size, batch.columns))
            if read > max_bytes:
                raise too_large
            for start in range(0, batch.num_rows, rows):
                columns = zip(batch.slice(start, rows).columns, schema, strict=True)
                arrays = [column.cast(field.type) for column, field in columns]
                yield pa.RecordBatch.from_arrays(arrays, schema=schema)
    except (pa.ArrowException, OSError) as error:
        problem = f"a broken Parquet file ({str(error).splitlines()[0][:200]})"
        raise InvalidInput(name, problem, "Copy it again.") from error


def _promised(group: pq.RowGroupMetaData, name: str) -> int:
    """The least that a row group unfolds to, by its own metadata."""
    size = 0
    for column in map(group.column, range(group.num_columns)):
        if _UNBOUNDED in column.encodings:
            problem = f"column {column.path_in_schema} is encoded as {_UNBOUNDED}, whose size nothing bounds"
            raise InvalidInput(name, problem, "Write it with pyarrow's default encodings.")
        size += max(column.total_uncompressed_size, _OFFSET * column.num_values)
    return size


def _size(array: pa.Array) -> int:
    """Bytes of an array once its dictionaries are decoded."""
    if pa.types.is_dictionary(array.type):
        if len(array) == 0:
            return 0
        if not (pa.types.is_string(array.type.value_type) or pa.types.is_binary(array.type.value_type)):
            return int(array.nbytes)
        lengths = pc.binary_length(array.dictionary).cast(pa.int64())
        return int(pc.sum(lengths.take(array.indices)).as_py() or 0) + _OFFSET * len(array)
    if pa.types.is_list(array.type) or pa.types.is_large_list(array.type):
        return _OFFSET * len(array) + _size(array.flatten())
    if pa.types.is_struct(array.type):
        return sum(map(_size, array.flatten()))
    return int(array.nbytes)


def _plain(schema: pa.Schema) -> pa.Schema:
    return pa.schema([field.with_type(_plain_type(field.type)) for field in schema], schema.metadata)


def _plain_type(of: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(of):
        return of.value_type
    if pa.types.is_list(of):
        return pa.list_(of.value_field.with_type(_plain_type(of.value_type)))
    if pa.types.is_large_list(of):
        return pa.large_list(of.value_field.with_type(_plain_type(of.value_type)))
    if pa.types.is_struct(of):
        return pa.struct([field.with_type(_plain_type(field.type)) for field in of])
    return of
