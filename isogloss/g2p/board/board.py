"""The board: tools on one language's gold, by running words of a text and by the words of the gold."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from isogloss.g2p.board.gold import Gold
from isogloss.g2p.board.score import Score, score
from isogloss.g2p.board.tools import Tool
from isogloss.g2p.engine.catalog import Entry
from isogloss.g2p.engine.flite import BackendMissingError

MOST_TYPES = 3_000  # of gold, drawn by a fixed seed, that the type-weighted figures are of
_SHOWN = 25


@dataclass(frozen=True)
class Row:
    """One tool on one language. `missing` says why there are no scores; `in_sample` that the tool was made
    of what it is measured on.
    """

    language: str
    tool: str
    gold: str
    in_sample: bool
    by_tokens: Score | None
    by_types: Score | None
    missing: str = ""


@dataclass(frozen=True)
class Board:
    """A language's rows; `coverage` is the share of running words, in per cent, whose gold is known."""

    language: str
    coverage: float
    rows: tuple[Row, ...]


def measure(
    entry: Entry, gold: Gold, running: Mapping[str, int], tools: Iterable[Tool], most_types: int = MOST_TYPES
) -> Board:
    """`running` counts the words of a text, as `gold.running_words` gives them; it may be empty."""
    known = {word: count for word, count in running.items() if word in gold.words}
    types = dict.fromkeys(_sample(sorted(gold.words), most_types), 1)
    rows = [_row(entry, gold, known, types, tool) for tool in tools]
    total = sum(running.values())
    return Board(entry.code, 100 * sum(known.values()) / total if total else 0.0, tuple(rows))


def _row(entry: Entry, gold: Gold, known: Mapping[str, int], types: Mapping[str, int], tool: Tool) -> Row:
    language = entry.code.partition("-")[0]
    in_sample = bool(gold.family) and tool.made_from == gold.family
    try:
        convert = tool.make(entry)
        missing = "" if convert else "has not this language"
    except (ImportError, BackendMissingError, OSError) as error:
        convert, missing = None, f"not installed: {str(error)[:80]}"
    if convert is None:
        return Row(entry.code, tool.name, gold.name, in_sample, None, None, missing)
    by_tokens = score(convert, gold, language, known, _SHOWN) if known else None
    by_types = score(convert, gold, language, types, _SHOWN)
    return Row(entry.code, tool.name, gold.name, in_sample, by_tokens, by_types)


def _sample(words: Sequence[str], most: int) -> list[str]:
    return random.Random(0).sample(words, most) if 0 < most < len(words) else list(words)


HEADER = (
    f"{'':12}{'covered':>8}{'':2}{'PER, running words':>20}{'words right':>15}"
    f"{'PER, types':>16}{'types right':>15}"
)


def lines(board: Board) -> list[str]:
    """A board as people read it."""
    out = []
    for row in board.rows:
        mark = "*" if row.in_sample else ""
        if row.missing:
            out.append(f"  {row.tool + mark:18}{row.missing}")
            continue
        figures = [
            (row.by_tokens, "per", 20), (row.by_tokens, "right", 15), (row.by_types, "per", 16),
            (row.by_types, "right", 15),
        ]  # fmt: skip
        out.append(
            f"  {row.tool + mark:18}  "
            + "".join(_figure(score, name, width) for score, name, width in figures)
        )
    return [f"{board.language:12}{board.coverage:7.1f}%", *out]


def _figure(score: Score | None, name: str, width: int) -> str:
    if score is None:
        return f"{'-':>{width}}"
    share = getattr(score, name)
    return f"{f'{share.value:.1f} ± {share.half_width:.1f}':>{width}}"


def figures(row: Row) -> dict[str, object]:
    """A row for programs."""
    found: dict[str, object] = {"gold": row.gold, "in_sample": row.in_sample}
    if row.missing:
        return {**found, "missing": row.missing}
    for name, scored in (("tokens", row.by_tokens), ("types", row.by_types)):
        if scored is not None:
            found[name] = {
                "per": round(scored.per.value, 2), "per_half_width": round(scored.per.half_width, 2),
                "right": round(scored.right.value, 2), "right_half_width": round(scored.right.half_width, 2),
                "types": scored.words,
            }  # fmt: skip
    return found
