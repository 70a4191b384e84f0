"""Make english.tsv anew: `python -m tests.golden.g2p.make_english_sample LEX_LOOKUP WORDS`.

LEX_LOOKUP is the program of that name, built from flite's source (`testsuite/lex_lookup_main.c`; Debian does
not ship it), and WORDS a file with one word a line. The answer is what Epitran's `FliteLexLookup` reads: the
first line that the program prints.
"""

import subprocess
import sys
from pathlib import Path

SAMPLE = Path(__file__).parent / "english.tsv"


def main(program: str, words: str) -> None:
    """Write a line per word: the word, a tab, its phones by spaces."""
    with SAMPLE.open("w", encoding="utf-8") as sample:
        for word in Path(words).read_text(encoding="utf-8").split():
            answer = subprocess.run([program, word], capture_output=True, text=True, check=True).stdout
            sample.write(f"{word}\t{answer.splitlines()[0].strip('()')}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
