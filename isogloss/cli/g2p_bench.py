"""`isogloss g2p bench`: how right the conversion is on gold, beside other tools."""

import json
import logging
from pathlib import Path
from typing import Annotated

import typer

from isogloss.errors import InvalidInput


def bench(
    lang: Annotated[str, typer.Option("--lang", "-l", help="ISO 639-3 (fra) or Epitran code (fra-Latn-p)")],
    gold_file: Annotated[
        Path, typer.Option("--gold", help="lines of word <TAB> IPA, such as WikiPron's; may be .gz")
    ],
    text: Annotated[
        Path | None, typer.Option(help="text whose running words weigh the figures, UTF-8")
    ] = None,
    tools: Annotated[str, typer.Option(help="which to compare, by commas")] = "standard,none,espeak-ng,g2p2",
    types: Annotated[int, typer.Option(help="words of gold to draw; 0: all")] = 3_000,
    worst: Annotated[int, typer.Option(help="print so many of each tool's costliest words")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object instead of a table")] = False,
) -> None:
    """Measure phone error rate and words right on gold, with intervals of 95 %.

    isogloss g2p bench --lang fra --gold fra-Latn-broad.tsv.gz --text corpus.txt
    """
    from isogloss.g2p.board import board, gold
    from isogloss.g2p.board.tools import TOOLS
    from isogloss.g2p.engine import catalog

    names = tools.split(",")
    for name in names:
        if name not in TOOLS:
            raise InvalidInput("--tools", f"no tool {name!r}", f"Use {', '.join(TOOLS)}.")
    logging.disable(logging.CRITICAL)  # Epitran sets the root logger to debug
    entry = catalog.resolve(lang, "--lang")
    family = "wikipron" if gold_file.name.startswith(f"{entry.code[:3]}-{entry.script}-") else ""
    try:
        found = gold.read(gold_file, entry.code.partition("-")[0], family)
        running = gold.running_words(text.read_text(encoding="utf-8").splitlines()) if text else {}
    except OSError as error:
        raise InvalidInput("--gold or --text", f"cannot read {error.filename}", "Give a file.") from None
    measured = board.measure(entry, found, running, [TOOLS[name] for name in names], types)
    if as_json:
        typer.echo(json.dumps({row.tool: board.figures(row) for row in measured.rows}))
        return
    typer.echo("\n".join([board.HEADER, *board.lines(measured)]))
    for row in measured.rows:
        scored = row.by_tokens or row.by_types
        for word, given, wanted in scored.costliest[:worst] if scored else ():
            typer.echo(f"  {row.tool:12}{word:20} {given:30} {wanted}")
