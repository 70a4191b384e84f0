"""Bytes to lines of text: gunzip, decode, split, each with a bound and an error that says where.

Lines end at line feeds only. `str.splitlines` would also break at U+2028, U+0085 and others, which stand
inside tokens of real corpora.
"""

import gzip
import io
import zlib

from sources.errors import MalformedFile

MAX_STORED_BYTES = 256 * 2**20  # of one file as it lies there; the largest real one, an XNLI train, has 75 MB
MAX_TEXT_BYTES = 512 * 2**20  # of one file after gunzip
MAX_LINE_CHARS = 65_536  # CoNLL-U comments are the longest lines of real data, a few thousand characters
MAX_SENTENCE_WORDS = 4_096  # the longest sentence of UD 2.13 has some 700
MAX_WORD_CHARS = 1_000  # what G2P converts as one word; the longest of UD 2.13 has 96

_BOM = "\ufeff"
_BINARY = (
    (b"PAR1", "a Parquet file", "Give `format: parquet`, or the ending .parquet."),
    (b"\x1f\x8b", "gzipped", "Give the name the ending .gz."),
    (b"PK\x03\x04", "a zip archive, as .xlsx files are", "Unpack it, or save the sheet as CSV."),
    (b"BZh", "compressed by bzip2", "Unpack it, or compress it by gzip."),
    (b"\xfd7zXZ", "compressed by xz", "Unpack it, or compress it by gzip."),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd", "Unpack it, or compress it by gzip."),
    (b"ARROW1", "an Arrow file", "Save it as Parquet."),
    (b"%PDF", "a PDF", "Save it as plain text."),
    (b"version https://git-lfs", "a pointer of Git LFS instead of the file", "Run git lfs pull."),
)
"""What files begin with that are none of text."""


def decode_lines(data: bytes, path: str) -> list[str]:
    """The lines of a plain or gzipped UTF-8 file, without line ends; a last line without a line feed counts.

    Raises `MalformedFile` on an empty file, one that is too large once unpacked, broken gzip, bytes that are
    no UTF-8, NUL characters (binary data), and lines over `MAX_LINE_CHARS`.
    """
    return decode(data, path)[0]


def decode(data: bytes, path: str) -> tuple[list[str], tuple[str, ...]]:
    """The same, and a note where byte order marks were stripped from within: files that were joined have one
    before each part's first word, where it would be read as a letter.
    """
    plain = _gunzip(data, path) if path.endswith(".gz") else data
    for magic, what, fix in _BINARY:
        if plain.startswith(magic):
            raise MalformedFile(path, None, f"{what}, and no text", fix)
    try:
        text = plain.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = plain.count(b"\n", 0, error.start) + 1
        encoding = "UTF-16" if plain[:2] in (b"\xff\xfe", b"\xfe\xff") else f"not UTF-8 (byte {error.start})"
        raise MalformedFile(path, line, encoding, "Save the file as UTF-8.") from None
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise MalformedFile(path, line, "holds a NUL character", "Give a text file.")
    notes: tuple[str, ...] = ()
    if _BOM in text:
        line = text.count("\n", 0, text.index(_BOM)) + 1
        notes = (
            f"{path}: {text.count(_BOM)} byte order mark(s) (U+FEFF) left out, the first of line {line}.",
        )
        text = text.replace(_BOM, "")
    if not text.strip():
        raise MalformedFile(path, None, "the file is empty", "Give a file with at least one sentence.")
    lines = text.replace("\r\n", "\n").split("\n")
    if lines[-1] == "":
        lines.pop()
    if len(lines) == 1 and "\r" in text:
        raise MalformedFile(path, 1, "lines end with CR alone", "Save the file with line feeds (LF).")
    if max(map(len, lines)) > MAX_LINE_CHARS:
        line = next(number for number, line in enumerate(lines, 1) if len(line) > MAX_LINE_CHARS)
        problem = f"longer than {MAX_LINE_CHARS} characters"
        raise MalformedFile(path, line, problem, "Split the line or leave it out.")
    return lines, notes


def _gunzip(data: bytes, path: str) -> bytes:
    try:
        # One byte more than allowed tells a file that is too large from one that just fits, and a bomb never
        # unfolds.
        with gzip.open(io.BytesIO(data)) as stream:
            plain = stream.read(MAX_TEXT_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise MalformedFile(path, None, f"broken gzip ({error})", "Copy the file again.") from None
    if len(plain) > MAX_TEXT_BYTES:
        raise MalformedFile(
            path, None, f"unpacks to more than {MAX_TEXT_BYTES >> 20} MiB", "Give a smaller file."
        )
    return plain
