"""`isogloss g2p FILE`: text to IPA, line by line, with the service or without one."""

import csv
import dataclasses
import io
import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from itertools import tee
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from isogloss.clients.g2p import G2PClient
from isogloss.clients.g2p_types import Conversion, Options, Quality
from isogloss.errors import InvalidInput, Unavailable

err = Console(stderr=True, highlight=False)


class Normalization(StrEnum):
    """See docs/g2p.md."""

    STANDARD = "standard"
    NONE = "none"


class Format(StrEnum):
    """What a line of output is."""

    IPA = "ipa"
    SEQUENCE = "sequence"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"


class Unmapped(StrEnum):
    """What becomes of letters that no rule maps."""

    PASS = "pass"
    DROP = "drop"
    MARK = "mark"
    ERROR = "error"


class Mode(StrEnum):
    """What is handed to the rules at a time."""

    WORDS = "words"
    WHOLE_STRING = "whole_string"


class Segmentation(StrEnum):
    """How IPA is cut into phonemes."""

    IPA = "ipa"
    PLAIN = "plain"


class Notation(StrEnum):
    """How phonemes are spelled."""

    IPA = "ipa"
    X_SAMPA = "x-sampa"
    ARPABET = "arpabet"


def convert(
    lang: Annotated[
        str, typer.Option("--lang", "-l", help="fra, fr, fr-FR, French, or Epitran's fra-Latn-p")
    ],
    file: Annotated[Path | None, typer.Argument(help="text, UTF-8; default: stdin")] = None,
    format: Annotated[
        Format, typer.Option("--format", "-f", help="what a line of output is; jsonl and csv read a column")
    ] = Format.IPA,
    column: Annotated[str, typer.Option(help="with jsonl and csv: the column that is read")] = "text",
    normalization: Annotated[
        Normalization, typer.Option(help="standard: all layers; none: Epitran as it is")
    ] = Normalization.STANDARD,
    layers: Annotated[str, typer.Option(help="of own,lexicon,mended,folds,epitran; default: all")] = "",
    lexicon: Annotated[Path | None, typer.Option(help="own words: lines of word <TAB> pronunciation")] = None,
    lexicon_notation: Annotated[Notation, typer.Option(help="how the lexicon is spelled")] = Notation.IPA,
    notation: Annotated[Notation, typer.Option(help="how sequences are spelled")] = Notation.IPA,
    mode: Annotated[Mode, typer.Option(help="word by word, or whole lines for parity")] = Mode.WORDS,
    segmentation: Annotated[
        Segmentation, typer.Option(help="marks with their letter, or grapheme clusters")
    ] = Segmentation.IPA,
    punctuation: Annotated[bool, typer.Option(help="keep punctuation")] = True,
    unmapped: Annotated[Unmapped, typer.Option(help="letters that no rule maps")] = Unmapped.PASS,
    stress: Annotated[bool, typer.Option(help="keep stress, where a backend has it")] = True,
    tones: Annotated[bool, typer.Option("--tones", help="keep the tones of Epitran's map")] = False,
    spell_digits: Annotated[
        bool, typer.Option("--spell-digits", help="numbers, dates, times, currency, per cent as words first")
    ] = False,
    speech_ready: Annotated[
        bool, typer.Option("--speech-ready", help="the same, with abbreviations and acronyms")
    ] = False,
    phoneme_separator: Annotated[str, typer.Option(help="in sequences; default: one space")] = "",
    word_separator: Annotated[str, typer.Option(help="in sequences; default: ' ▁ '")] = "",
    backend: Annotated[str, typer.Option(help="flite, lex_lookup, cmudict, espeak-ng")] = "",
    route: Annotated[
        list[str] | None, typer.Option(help="who reads another script: Latn=eng; may come several times")
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="with json: the rules and entries of a word")
    ] = False,
    align: Annotated[
        bool, typer.Option("--align", help="with json: which letters made which phonemes")
    ] = False,
    partial: Annotated[
        bool, typer.Option("--partial", help="with json, jsonl, csv: errors beside the rest")
    ] = False,
    local: Annotated[bool, typer.Option("--local", help="convert in this process, without a server")] = False,
    quality: Annotated[
        bool, typer.Option("--quality", help="print what could not be converted instead of the conversion")
    ] = False,
    vocabulary: Annotated[
        Path | None, typer.Option(help="with --quality: tokenizer.json or JSON list of a model's phonemes")
    ] = None,
    target: Annotated[str, typer.Option(help="host:port of the service; default: ISOGLOSS_G2P_TARGET")] = "",
) -> None:
    """Convert text to IPA: one line out for each line in.

    echo "Bonjour le monde" | isogloss g2p --lang fra --local
    """
    options = Options(
        normalization=normalization.value,
        mode=mode.value,
        segmentation=segmentation.value,
        punctuation="keep" if punctuation else "drop",
        unmapped=unmapped.value,
        stress="keep" if stress else "drop",
        phoneme_separator=phoneme_separator,
        word_separator=word_separator,
        spell_digits=spell_digits,
        speech_ready=speech_ready,
        backend=backend,
        layers=tuple(filter(None, layers.split(","))),
        lexicon=_read_lexicon(lexicon, lexicon_notation.value),
        tones=tones,
        routes=_routes(route or []),
        notation=notation.value,
    )
    stream = _open(file)
    with _client(local, target) as client, _piped(), _lines(stream, file) as lines:
        if quality:
            _print_quality(client.quality(lines, lang, options, vocabulary=_read_vocabulary(vocabulary)))
            return
        if format is Format.SEQUENCE:
            written: Iterator[str] = client.sequences(lines, lang, options)
        elif format in (Format.JSONL, Format.CSV):
            rows = _rows(lines, format, column)
            written = _tables(client, rows, lang, options, format, column, partial)
        else:
            as_json = format is Format.JSON
            items = client.convert_all(
                lines,
                lang,
                options,
                words=as_json,
                explain=explain and as_json,
                align=align and as_json,
                partial=partial and as_json,
            )
            written = (_as_json(item) if as_json else item.ipa for item in items)
        for line in written:
            sys.stdout.write(line + "\n")


def _as_json(item: Conversion) -> str:
    return json.dumps(dataclasses.asdict(item), ensure_ascii=False)


def _rows(lines: Iterator[str], format: Format, column: str) -> Iterator[dict[str, Any]]:
    """Rows of JSONL or CSV with a column of text; `InvalidInput` names the line without one."""
    if format is Format.CSV:
        rows: Iterable[Any] = csv.DictReader(line + "\n" for line in lines)
    else:
        rows = (_object(line, number) for number, line in enumerate(lines, start=1) if line.strip())
    for number, row in enumerate(rows, start=1):
        if not isinstance(row.get(column), str):
            fix = f"Name the column of text with --column; there are: {', '.join(map(str, row))[:200]}."
            raise InvalidInput("FILE", f"row {number} has no text in a column {column!r}", fix)
        yield row


def _object(line: str, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError:
        row = None
    if not isinstance(row, dict):
        raise InvalidInput("FILE", f"line {number} is no JSON object", "Write one a line.")
    return row


def _tables(
    client: G2PClient,
    rows: Iterator[dict[str, Any]],
    lang: str,
    options: Options,
    format: Format,
    column: str,
    partial: bool,
) -> Iterator[str]:
    """The same rows with `<column>_ipa` and `<column>_phonemes`, and `<column>_error` where asked for."""
    read, kept = tee(rows)
    items = client.convert_all((row[column] for row in read), lang, options, partial=partial)
    out = io.StringIO()
    writer: Any = None
    for row, item in zip(kept, items, strict=True):
        row |= {f"{column}_ipa": item.ipa, f"{column}_phonemes": item.sequence}
        if partial:
            row[f"{column}_error"] = item.failure
        if format is Format.JSONL:
            yield json.dumps(row, ensure_ascii=False)
            continue
        if writer is None:
            writer = csv.DictWriter(out, list(row), lineterminator="\n")
            writer.writeheader()
        writer.writerow(row)
        yield out.getvalue().rstrip("\n")
        out.seek(0)
        out.truncate()


def _read_lexicon(path: Path | None, notation: str) -> dict[str, str]:
    """In IPA: what is wrong with it is told by its line, before anything is sent."""
    if path is None:
        return {}
    from isogloss.g2p.engine.lexicon import read

    return dict(read(path, notation, "--lexicon").words)


def _routes(routes: list[str]) -> dict[str, str]:
    found = dict(route.partition("=")[::2] for route in routes)
    for script, language in found.items():
        if not language:
            raise InvalidInput("--route", f"{script!r} routes to no language", "Write Latn=eng.")
    return found


@contextmanager
def _client(local: bool, target: str) -> Iterator[G2PClient]:
    with G2PClient(target or None, patience_s=0) if not local else G2PClient(stub=_InProcess()) as client:
        try:
            yield client
        except Unavailable as error:
            fix = "start it with `isogloss up` or `python -m services.g2p`, or add --local"
            raise Unavailable(f"{error.message}\n{fix}") from None


class _InProcess:
    """The service's calls without a server."""

    def __init__(self) -> None:
        from isogloss.g2p import convert

        self._convert = convert

    def Convert(self, request: Any, timeout: float | None = None) -> Any:  # noqa: N802  # as the stub has it
        """See g2p.proto."""
        return self._convert.respond(request, lambda: None)

    def MeasureQuality(self, requests: Iterable[Any], timeout: float | None = None) -> Any:  # noqa: N802
        """See g2p.proto."""
        return self._convert.measure(requests, lambda: None)


def _open(file: Path | None) -> BinaryIO:
    if file is None:
        return sys.stdin.buffer
    try:
        return file.open("rb")
    except OSError as error:
        raise InvalidInput(
            "FILE", f"cannot read {file}: {error.strerror}", "Give a text file, or use stdin."
        ) from None


@contextmanager
def _lines(stream: BinaryIO, file: Path | None) -> Iterator[Iterator[str]]:
    """The lines, with a bar while they are read: on a terminal, and only when the output goes elsewhere."""
    size = file.stat().st_size if file else None
    bar = Progress(
        BarColumn(),
        TextColumn("{task.fields[lines]} lines"),
        TimeRemainingColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal or sys.stdout.isatty(),
    )
    with bar, stream:
        task = bar.add_task("", total=size, lines=0)

        def lines() -> Iterator[str]:
            for number, raw in enumerate(stream, start=1):
                try:
                    yield raw.decode("utf-8").rstrip("\r\n")
                except UnicodeDecodeError:
                    raise InvalidInput(
                        "FILE", f"line {number} is not UTF-8", "Convert it, e.g. with iconv."
                    ) from None
                bar.update(task, advance=len(raw), lines=number)

        yield lines()


@contextmanager
def _piped() -> Iterator[None]:
    """`isogloss g2p … | head` ends quietly, as a filter should."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains at its exit


def _read_vocabulary(path: Path | None) -> list[str]:
    """Phonemes of a JSON list, a JSON object by phoneme, or a `tokenizer.json`."""
    if path is None:
        return []
    fix = "Give a JSON list of phonemes or a model's tokenizer.json."
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInput("--vocabulary", f"cannot read {path}: {error}", fix) from None
    if isinstance(content, dict):
        content = content.get("model", {}).get("vocab", content)
    phonemes = list(content)
    if not all(isinstance(phoneme, str) for phoneme in phonemes):
        raise InvalidInput("--vocabulary", f"{path} holds something else than phonemes", fix)
    return phonemes


def _print_quality(quality: Quality) -> None:
    rates = quality.rates
    rows = {
        "words": f"{quality.tokens:,} ({quality.types:,} different)",
        "letters left unconverted": _percent(rates["leak_rate"]),
        "words with such letters": _percent(rates["leaked_tokens"]),
        "words without any sound": f"{quality.empty_tokens:,}",
        "words with digits": f"{quality.tokens_with_digits:,}",
        "segments unknown to PanPhon": _percent(rates["unknown_to_panphon"]),
        "segments unknown to the vocabulary": _percent(rates["unknown_to_vocabulary"]),
    }
    for title, value in rows.items():
        typer.echo(f"{title:36}{value}")
    if quality.worst_words:
        typer.echo(f"{'worst words':36}{' '.join(quality.worst_words)}")


def _percent(share: float | None) -> str:
    return "not measured" if share is None else f"{share:.2%}"
