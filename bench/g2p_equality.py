"""Our G2P against Epitran: every token type of real corpora, and invented words of every map of Epitran.

    PATH=/folder/of/lex_lookup:$PATH python bench/g2p_equality.py [--languages fra,rus] [--types 0]

Each type of the UD and WikiAnn files, of XNLI and of FLORES is converted by both, as a word; then strings of
twelve of those words as whole strings. English is compared with the program `lex_lookup`, as Epitran calls
it, and skipped where the PATH has none: build it from Debian's source of flite
(`testsuite/lex_lookup_main.c`). What differs is printed. Takes about ten minutes. The last line is one JSON
object: types compared and differences.
"""

import argparse
import csv
import gzip
import json
import logging
import os
import random
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from isogloss.g2p.engine import epitran_data  # noqa: E402
from isogloss.g2p.engine.converter import Converter, load  # noqa: E402
from isogloss.g2p.engine.options import Options  # noqa: E402
from isogloss.languages import LANGUAGES  # noqa: E402  # the checkout is not installed where benches run

_WORDS_PER_STRING = 12
_STRINGS = 2_000  # whole strings per language
_SHOWN = 5

Transliterate = Callable[[str], str]


def main() -> None:
    """Compare, print a line a language and, last, one JSON object."""
    arguments = _arguments()
    logging.disable(logging.CRITICAL)  # Epitran sets the root logger to debug
    result: dict[str, object] = {}
    types = strings = differences = 0
    for code in arguments.languages or _with_text(arguments.data):
        if code == "eng" and shutil.which("lex_lookup") is None:
            print("eng     skipped: no lex_lookup on the PATH", flush=True)
            result[code] = None
            continue
        words = _sample(sorted(set(tokens(arguments.data, code))), arguments.types)
        found = _compare(code, LANGUAGES[code].epitran, words, _STRINGS if code != "eng" else _STRINGS // 10)
        result[code] = found
        types, strings = types + found["types"], strings + found["strings"]
        differences += found["differences"]
    maps = {code: _compare(code, code, _invented(code, arguments.maps)) for code in epitran_data.codes()}
    result["maps"] = {
        "languages": len(maps),
        "types": sum(found["types"] for found in maps.values()),
        "strings": sum(found["strings"] for found in maps.values()),
        "differences": sum(found["differences"] for found in maps.values()),
    }
    print(
        f"{types} types and {strings} strings of real text, {differences} differences; maps: {result['maps']}"
    )
    print(json.dumps(result))


def _compare(language: str, code: str, words: list[str], most_strings: int = _STRINGS) -> dict[str, int]:
    start = time.monotonic()
    theirs = _epitran(code)
    word_mode = load(language, Options(normalization="none"))
    different = _differences(words, word_mode.ipa_of, theirs)
    mixed = random.Random(code).sample(words, len(words))
    groups = range(0, min(len(mixed), most_strings * _WORDS_PER_STRING), _WORDS_PER_STRING)
    strings = [" ".join(mixed[at : at + _WORDS_PER_STRING]) for at in groups]
    different += _differences(strings, _whole(load(language, Options("none", mode="whole"))), theirs)
    seconds = time.monotonic() - start
    if code != language or different:
        counts = f"{len(words):>8} types {len(strings):>6} strings {len(different):>4} differ"
        print(f"{language:8}{counts}  {seconds:.0f} s", flush=True)
    for text, ours, expected in different[:_SHOWN]:
        print(f"    {text!r}: ours {ours!r}, Epitran {expected!r}")
    return {"types": len(words), "strings": len(strings), "differences": len(different)}


def _differences(
    texts: Iterable[str], ours: Transliterate, theirs: Transliterate
) -> list[tuple[str, str, str]]:
    pairs = ((text, ours(text), theirs(text)) for text in texts)
    return [(text, a, b) for text, a, b in pairs if a != b]


def _whole(converter: Converter) -> Transliterate:
    return lambda text: converter.sentence(text).ipa


def _epitran(code: str) -> Transliterate:
    import epitran.flite
    import epitran.simple
    import panphon

    table = panphon.FeatureTable()  # takes seconds to read, and no part in this: read once
    for module in (epitran.simple, epitran.flite):
        module.panphon.FeatureTable = lambda: table
    if code == "eng-Latn":
        return epitran.flite.FliteLexLookup().transliterate
    return epitran.simple.SimpleEpitran(code).transliterate


def tokens(data: Path, code: str) -> Iterator[str]:
    """White-space tokens of the corpora of a language; a UD or WikiAnn token may hold a space itself."""
    for path in sorted([*data.glob(f"ud/pos/{code}/*.tsv.gz"), *data.glob(f"wikiann/{code}/*.tsv.gz")]):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield from line.rstrip("\n").split("\t")[0].split()
    for path in sorted(data.glob(f"xnli/{code}.*.tsv.gz")):
        with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
            for row in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
                yield from " ".join(row[:2]).split()
    for path in data.glob(f"flores/{LANGUAGES[code].flores}.devtest*"):
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        yield from raw.decode().split()


def _with_text(data: Path) -> list[str]:
    """Languages that Epitran converts by rules or flite and whose text is here, those with corpora first."""
    maps = {*epitran_data.codes(), "eng-Latn"}
    known = [code for code, language in LANGUAGES.items() if language.epitran in maps]
    here = [code for code in known if any(data.glob(f"flores/{LANGUAGES[code].flores}.devtest*"))]
    return sorted(here, key=lambda code: not any(data.glob(f"wikiann/{code}/*")))


def _invented(code: str, count: int) -> list[str]:
    """Words of a map's graphemes and of the letters of its rules, some with capitals or punctuation."""
    choose = random.Random(code)
    rules = [*epitran_data.read_rules(code, "pre"), *epitran_data.read_rules(code, "post")]
    letters = [*epitran_data.read_map(code), *sorted({c for line in rules for c in line if c.isalpha()})]
    words = []
    for _ in range(count):
        word = "".join(choose.choices(letters, k=choose.randint(1, 9)))
        word = word.title() if choose.random() < 0.2 else word
        words.append(word + choose.choice(".,;:!?'’\")-–%0123456789") if choose.random() < 0.2 else word)
    return [part for word in words for part in word.split()]


def _sample(words: list[str], count: int) -> list[str]:
    return random.Random(0).sample(words, count) if 0 < count < len(words) else words


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    data = Path(os.environ.get("ISOGLOSS_SHARED_DATA", ROOT.parent / "shared" / "data"))
    parser.add_argument("--languages", type=lambda text: text.split(","), default=[])
    parser.add_argument("--types", type=int, default=0, help="types per language; 0: all")
    parser.add_argument("--maps", type=int, default=200, help="invented words per map")
    parser.add_argument("--data", type=Path, default=data, help="mirror directory")
    arguments = parser.parse_args()
    if not (arguments.data / "flores").is_dir():
        parser.error(
            f"no flores/ in {arguments.data}: give --data or ISOGLOSS_SHARED_DATA a mirror directory"
        )
    return arguments


if __name__ == "__main__":
    main()
