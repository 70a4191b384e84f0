"""Stand-ins for the files of a language that no resource has: here Esperanto, beside Italian to compare with.

python examples/own_language/make_data.py data
isogloss profile check examples/own_language/esperanto.yaml --data data
isogloss replicate --profile examples/own_language/esperanto.yaml --data data

The layout is what matters; put your own files there: `pos/<language>.<split>.tsv` has a word and its label a
line, and an empty line after each sentence; line i of `text/<language>.txt` is one sentence in all.
"""

import random
import sys
from itertools import product
from pathlib import Path

WORDS = {
    "epo": (["hundo", "kato", "birdo", "amiko"], ["granda", "bela", "juna"], ["kuras", "dormas", "kantas"]),
    "ita": (
        ["cane", "gatto", "uccello", "amico"],
        ["grande", "bello", "giovane"],
        ["corre", "dorme", "canta"],
    ),
}
THE = {"epo": "la", "ita": "il"}
SPLITS = {"train": 120, "dev": 40, "test": 40}


def main(folder: Path) -> None:
    """Write the same sentences in both languages."""
    shapes = list(product(range(4), range(3), range(3), range(4)))  # noun, adjective, verb, second noun
    random.Random(0).shuffle(shapes)
    for part in ("pos", "text"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for language in WORDS:
        sentences = [labeled(language, *shape) for shape in shapes]
        start = 0
        for split, count in SPLITS.items():
            rows = sentences[start % len(shapes) :][:count]
            text = "\n".join("".join(f"{word}\t{label}\n" for word, label in row) for row in rows)
            (folder / "pos" / f"{language}.{split}.tsv").write_text(text)
            start += count if split != "dev" else 0
        lines = "".join(" ".join(word for word, _ in row) + "\n" for row in sentences)
        (folder / "text" / f"{language}.txt").write_text(lines)


def labeled(language: str, noun: int, adjective: int, verb: int, other: int) -> list[tuple[str, str]]:
    """One sentence as (word, label); the languages put the adjective on different sides of the noun."""
    nouns, adjectives, verbs = WORDS[language]
    named = [(adjectives[adjective], "ADJ"), (nouns[noun], "NOUN")]
    if language == "ita":
        named.reverse()
    the = (THE[language], "DET")
    return [the, *named, (verbs[verb], "VERB"), the, (nouns[other], "NOUN"), (".", "PUNCT")]


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "data"))
