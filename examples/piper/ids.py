"""Ids for a voice of Piper instead of espeak-ng's: by the `phoneme_id_map` that each voice has in its config.

    pip install 'isogloss[g2p]'
    python examples/piper/ids.py examples/piper/voice.json fra text.txt          # ids, line by line
    python examples/piper/ids.py examples/piper/voice.json fra text.txt --check  # what the voice lacks

Piper reads code points: an affricate is two (no tie bar), a long vowel is a vowel and `ː`. `voice.json` here
is the map that Piper's voices share; take your voice's own, `<voice>.onnx.json`.
"""

import json
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from isogloss import phonemize

PAD, START, END = "_", "^", "$"
# What a voice was trained on in place of our symbol: espeak-ng writes the French r so; tie bars are left out.
HEARD_AS = {"ʀ": "ʁ", "ɝ": "ɜ˞", "\u0361": "", "\u035c": ""}


def symbols(text: str, language: str) -> Iterator[str]:
    """A text's code points as Piper has them: IPA, spaces, punctuation."""
    for point in unicodedata.normalize("NFD", phonemize(text, language, speech_ready=True)):
        yield from HEARD_AS.get(point, point)


def ids(points: list[str], known: dict[str, list[int]]) -> list[int]:
    """As Piper's own: start, each symbol and a pad, end. Symbols that the voice has not are left out."""
    found = [*known[START], *known[PAD]]
    for point in points:
        found += [*known[point], *known[PAD]] if point in known else []
    return found + known[END]


def main(config: str, language: str, text: str, check: str = "") -> None:
    """Print the ids of each line, or what is missing."""
    known = json.loads(Path(config).read_text(encoding="utf-8"))["phoneme_id_map"]
    missing: Counter[str] = Counter()
    total = 0
    for line in Path(text).read_text(encoding="utf-8").splitlines():
        points = list(symbols(line, language))
        total += len(points)
        missing.update(point for point in points if point not in known)
        if not check:
            print(*ids(points, known))
    share = 100 * missing.total() / max(total, 1)
    named = ", ".join(f"{point} (U+{ord(point):04X}) {count}" for point, count in missing.most_common())
    print(
        f"{language}: {share:.2f} % of {total} symbols are not in the voice: {named or 'none'}",
        file=sys.stderr,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
