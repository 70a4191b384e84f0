"""`isogloss g2p`: text to IPA, line by line, with the service or without one."""

import dataclasses
import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from typer.core import TyperGroup

from isogloss.cli.g2p_bench import bench
from isogloss.clients.g2p import G2PClient
from isogloss.clients.g2p_types import Options, Quality
from isogloss.errors import InvalidInput, Unavailable


class _Commands(TyperGroup):
    """`isogloss g2p FILE` is `isogloss g2p convert FILE`: converting needs no name."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        if not args or (args[0] not in self.commands and args[0] not in ("-h", "--help")):
            args = ["convert", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(cls=_Commands, no_args_is_help=False)
app.command("bench")(bench)

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


@app.command("convert")
def convert(
    lang: Annotated[str, typer.Option("--lang", "-l", help="ISO 639-3 (fra) or Epitran code (fra-Latn-p)")],
    file: Annotated[Path | None, typer.Argument(help="text, UTF-8; default: stdin")] = None,
    format: Annotated[Format, typer.Option("--format", "-f", help="what a line of output is")] = Format.IPA,
    normalization: Annotated[
        Normalization, typer.Option(help="standard: mend what Epitran's maps lack; none: Epitran as it is")
    ] = Normalization.STANDARD,
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
    options = Options(normalization=normalization.value)
    stream = _open(file)
    with _client(local, target) as client, _piped(), _lines(stream, file) as lines:
        if quality:
            _print_quality(client.quality(lines, lang, options, vocabulary=_read_vocabulary(vocabulary)))
        else:
            for line in _converted(client, lines, lang, options, format):
                sys.stdout.write(line + "\n")


def _converted(
    client: G2PClient, lines: Iterable[str], lang: str, options: Options, format: Format
) -> Iterator[str]:
    if format is Format.SEQUENCE:
        yield from client.sequences(lines, lang, options)
        return
    for item in client.convert_all(lines, lang, options, words=format is Format.JSON):
        yield item.ipa if format is Format.IPA else json.dumps(dataclasses.asdict(item), ensure_ascii=False)


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
