"""A file's bytes to rows, whatever its format: the one way in for mirrors, own files and the hub."""

import json
from collections.abc import Mapping, Sequence
from typing import Literal, get_args

import pyarrow as pa
import pyarrow.compute as pc

from isogloss.errors import InvalidInput
from isogloss.languages import Language
from isogloss.parquet import read_table
from sources.columns import Columns, check_columns
from sources.conllu import COLUMNS, parse_conllu
from sources.corpus import Corpus
from sources.dataset import Parsed, token_table
from sources.decode import MAX_TEXT_BYTES, decode
from sources.errors import MalformedFile, SourceError
from sources.records import parse_delimited, parse_jsonl, parse_table
from sources.tagged import parse_columns, parse_tagged
from sources.texts import parse_parallel, parse_texts

Format = Literal["conllu", "conll", "tsv", "csv", "jsonl", "parquet", "lines"]
"""conll: columns that white space separates, as in CoNLL-2003; lines: parallel text, one sentence a line."""

_BY_ENDING = {"txt": "lines", "json": "jsonl", "conll2003": "conll", "bio": "tsv", "iob2": "tsv"}
_TEXT_SEPARATORS = {"tsv": "\t", "csv": ",", "conll": ""}


def format_of(path: str, field: str = "format") -> Format:
    """By the ending of a name, less `.gz`."""
    ending = path.removesuffix(".gz").rpartition(".")[2].lower()
    kind = _BY_ENDING.get(ending, ending)
    if kind not in get_args(Format):
        fix = f"Say which with `format`: {', '.join(get_args(Format))}."
        raise SourceError(field, f"the name of {path} does not tell its format", fix)
    return kind  # type: ignore[return-value]


def parse(
    corpus: Corpus,
    data: bytes,
    path: str,
    language: Language,
    file_format: Format | None = None,
    columns: Columns | None = None,
    field: str = "data",
) -> Parsed:
    """The rows of a file, checked: labels are the corpus's, words and texts have a length that can be read.

    `path` names the file in errors and tells the format where none is given. `columns` are needed where the
    file is not in the layout of a mirror; without them named formats have the names that datasets have.
    Raises `SourceError` (`MalformedFile` with file and line) on anything else.
    """
    kind = file_format or format_of(path)
    if kind == "parquet":
        parsed = _parse_parquet(corpus, data, path, columns or {}, field)
    else:
        lines, notes = decode(data, path)
        rows = _parse_lines(corpus, lines, path, kind, columns or {}, field)
        parsed = Parsed(rows.table, rows.lines, (*notes, *rows.notes))
    return stripped(parsed, path, language) if corpus.kind == "tokens" else parsed


def _parse_lines(
    corpus: Corpus, lines: Sequence[str], path: str, kind: Format, columns: Columns, field: str
) -> Parsed:
    if kind == "jsonl":
        return parse_jsonl(lines, path, corpus, check_columns(columns, corpus.kind, field))
    if corpus.kind == "parallel" and (kind == "lines" or not columns):
        return parse_parallel(lines, path)
    if kind == "lines" or (kind in ("conllu", "conll") and corpus.kind != "tokens"):
        fix = "Use tsv, csv, jsonl or parquet." if corpus.kind != "tokens" else "Use conllu, conll or tsv."
        raise SourceError(f"{field}.format", f"{kind} has no {corpus.kind} with labels", fix)
    if corpus.kind != "tokens":
        if kind == "tsv" and not columns:
            return parse_texts(lines, path, corpus.kind, corpus.labels, corpus.name)
        wanted = check_columns(columns, corpus.kind, field)
        return parse_delimited(lines, path, corpus, wanted, _TEXT_SEPARATORS[kind])
    if kind == "conllu":
        column = str(columns.get("labels", "UPOS"))
        if column not in COLUMNS[2:] or set(columns) - {"labels"}:
            fix = f"Give `labels` alone, one of: {', '.join(COLUMNS[2:])}."
            raise SourceError(field, f"columns of CoNLL-U: {dict(columns)}", fix)
        return parse_conllu(lines, path, corpus.labels, corpus.name, column)
    if kind == "tsv" and not columns:
        return parse_tagged(lines, path, corpus.labels, corpus.name)
    by_default: Columns = {"tokens": 1, "labels": -1} if kind == "conll" else {}
    wanted = check_columns({**by_default, **columns}, corpus.kind, field)
    return parse_columns(lines, path, corpus.labels, corpus.name, _TEXT_SEPARATORS[kind], wanted)


def _parse_parquet(corpus: Corpus, data: bytes, path: str, columns: Columns, field: str) -> Parsed:
    wanted = check_columns(columns, corpus.kind, field)
    names = list(dict.fromkeys(map(str, wanted.values())))
    try:
        table = read_table(data, path, max_bytes=MAX_TEXT_BYTES, columns=names)
    except InvalidInput as error:
        raise MalformedFile(path, None, error.problem, error.fix) from error
    return parse_table(table, path, corpus, wanted, class_names(table.schema))


def class_names(schema: pa.Schema) -> Mapping[str, Sequence[str]]:
    """The names of classes that `datasets` writes into a Parquet file's own metadata, by column."""
    try:
        features = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
        nested = {name: feature.get("feature", feature) for name, feature in features.items()}
        return {name: list(map(str, item["names"])) for name, item in nested.items() if "names" in item}
    except (KeyError, ValueError, TypeError, AttributeError):
        return {}


def stripped(parsed: Parsed, path: str, language: Language) -> Parsed:
    """Without the `fr:` that old copies of WikiAnn have before each word.

    Where every word has it, it is taken off and noted. `MalformedFile` where only some have: joined files.
    """
    tokens = parsed.table["tokens"].combine_chunks().flatten()
    for code in dict.fromkeys(filter(None, (language.wikiann, language.iso639_3))):
        has = pc.starts_with(tokens, f"{code}:")
        marked = pc.sum(has).as_py()
        if not marked:
            continue
        if marked < len(tokens):
            first = pc.index(has, marked * 2 < len(tokens)).as_py()
            line = parsed.lines[first] if parsed.lines else None
            word, without = tokens[first].as_py()[:40], len(tokens) - marked
            problem = f"{marked:,} words begin with '{code}:' and {without:,} do not, such as {word!r} here"
            raise MalformedFile(path, line, problem, f"Take '{code}:' off all of them, or off none.")
        bare = pc.utf8_slice_codeunits(tokens, len(code) + 1)
        if pc.any(pc.equal(pc.utf8_length(pc.utf8_trim_whitespace(bare)), 0)).as_py():
            first = pc.index(pc.utf8_length(pc.utf8_trim_whitespace(bare)), 0).as_py()
            line = parsed.lines[first] if parsed.lines else None
            raise MalformedFile(path, line, f"nothing follows '{code}:'", "Give each word a form.")
        labels = parsed.table["labels"].combine_chunks()
        offsets = [0, *pc.cumulative_sum(labels.value_lengths()).to_pylist()]
        note = f"{path}: '{code}:' taken off each of {marked:,} words."
        return Parsed(token_table(offsets, bare, labels.flatten()), parsed.lines, (*parsed.notes, note))
    return parsed
