"""How right G2P is: phone error rate and words right, beside espeak-ng, Epitran and g2p2 where installed.

    python bench/g2p_accuracy.py [--languages fra,ita] [--tools standard,espeak-ng] [--write]
    python bench/g2p_accuracy.py --half seen --worst 20 --languages fra
    python bench/g2p_accuracy.py --languages fra --half all --gold my-words.tsv --text my-corpus.txt

Gold is WikiPron's dev half in the shared data, or `word <TAB> IPA` lines of your own; running words are those
of FLORES, or of a text of your own. Figures are of the half of the words that is held out
(isogloss/g2p/board/gold.py says which); `--half seen` is the one that rules may be written from, and the only
one whose costliest words are shown. `withheld` is `standard` without its exceptions for held-out words.
Intervals are of 95 %. A star marks a tool that was made of the gold it is measured on. What the folding of
notation cannot see is said in isogloss/g2p/board/folding.py. Without --languages: the paper's, then every
other language that has gold and text. `--write` keeps the figures for GetLanguage and ListLanguages.
`isogloss g2p bench` is the same for one language. The last line is one JSON object.
"""

import argparse
import gzip
import json
import logging
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from isogloss.g2p.board import board, figures, gold  # noqa: E402
from isogloss.g2p.board.tools import TOOLS  # noqa: E402
from isogloss.g2p.engine import catalog  # noqa: E402  # the checkout is not installed where benches run

# FLORES calls some languages by another of their codes.
_FLORES = {"swa": "swh", "ara": "arb", "fas": "pes", "aze": "azj", "lav": "lvs", "sqi": "als", "msa": "zsm"}


def main() -> None:
    """Measure, print a block a language and, last, one JSON object."""
    arguments = _arguments()
    logging.disable(logging.CRITICAL)  # Epitran sets the root logger to debug
    print(board.HEADER)
    result: dict[str, object] = {}
    tools = [TOOLS[name] for name in arguments.tools]
    for code in arguments.languages or _measurable(arguments.data):
        entry = catalog.resolve(code)
        iso = entry.code.partition("-")[0]
        found = (
            gold.read(arguments.gold, iso)
            if arguments.gold
            else gold.wikipron(arguments.data / "wikipron", iso, entry.script)
        )
        if found is None:
            print(f"{entry.code:12}no gold")
            result[entry.code] = None
            continue
        found = found.half(arguments.half)
        text = arguments.text or _flores(arguments.data, iso, entry.script)
        running = gold.running_words(_lines(text)) if text else {}
        measured = board.measure(entry, found, running, tools, arguments.types)
        print("\n".join(board.lines(measured)), flush=True)
        for row in measured.rows:
            scored = row.by_tokens or row.by_types
            for word, given, wanted in scored.costliest[: arguments.worst] if scored else ():
                print(f"      {row.tool:10} {word:20} {given:30} {wanted}")
        result[entry.code] = {
            "coverage": round(measured.coverage, 1),
            **{row.tool: board.figures(row) for row in measured.rows},
        }
    if arguments.write:
        figures.write(
            result, f"python bench/g2p_accuracy.py --half {arguments.half} --types {arguments.types}"
        )
    print(json.dumps(result))


def _measurable(data: Path) -> list[str]:
    """The languages with corpora here, which are the paper's, then every other code that has gold."""
    listed = [
        entry.code
        for entry in catalog.entries().values()
        if entry.iso639_3 and gold.path(data / "wikipron", entry.iso639_3, entry.script)
    ]
    return sorted(listed, key=lambda code: not (data / "wikiann" / code[:3]).is_dir())


def _flores(data: Path, iso: str, script: str) -> Path | None:
    name = f"{_FLORES.get(iso, iso)}_{script}.devtest"
    return next(
        (path for path in (data / "flores" / name, data / "flores" / f"{name}.gz") if path.is_file()), None
    )


def _lines(path: Path) -> list[str]:
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return raw.decode("utf-8").splitlines()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    data = Path(os.environ.get("ISOGLOSS_SHARED_DATA", ROOT.parent / "shared" / "data"))
    parser.add_argument("--languages", type=lambda text: text.split(","), default=[])
    parser.add_argument(
        "--tools",
        type=lambda text: text.split(","),
        default=["standard", "withheld", "none", "espeak-ng", "g2p2"],
    )
    parser.add_argument("--half", choices=["held-out", "seen", "all"], default="held-out")
    parser.add_argument("--write", action="store_true", help=f"keep the figures in {figures.PATH.name}")
    parser.add_argument("--types", type=int, default=board.MOST_TYPES, help="words of gold; 0: all")
    parser.add_argument("--worst", type=int, default=0, help="print so many of each tool's costliest words")
    parser.add_argument("--gold", type=Path, help="word <TAB> IPA lines instead of WikiPron's")
    parser.add_argument("--text", type=Path, help="running words of this file instead of FLORES")
    parser.add_argument("--data", type=Path, default=data, help="mirror directory")
    arguments = parser.parse_args()
    if arguments.half != "seen" and arguments.worst and not arguments.gold:
        parser.error(
            "--worst shows words: with --half seen, which rules may be written from, or your own --gold"
        )
    unknown = [name for name in arguments.tools if name not in TOOLS]
    if unknown:
        parser.error(f"no tool {unknown[0]!r}: use {', '.join(TOOLS)}")
    return arguments


if __name__ == "__main__":
    main()
