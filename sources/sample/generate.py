"""Write the sample corpus: `python -m sources.sample.generate [directory]` (default: this folder).

Same code, same CLDR (Babel's version in constraints.txt), same bytes: nothing here depends on the clock,
the hash seed or the order of a set. The layout is that of a mirror directory, so the mirror reader reads
it as it reads real data.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from . import devtest, english, hindi, korean, nli, russian
from .nli_frames import LANGUAGES
from .template import Grammar, Word, capitalize, classes, expand, familiar

SEED = 20261123
HELD_OUT = 0.1  # share of each open word list that train never shows
TOKEN_SPLITS = {"train": 300, "dev": 80, "test": 80}  # sentences, per language, for POS and again for NER
NLI_SPLITS = {"train": 120, "dev": 40, "test": 40}  # premises; each has three hypotheses
DEVTEST_SENTENCES = 120
GRAMMARS = {"eng": english.grammar, "rus": russian.grammar, "kor": korean.grammar, "hin": hindi.grammar}

Sentence = list[Word]


def tagged(grammar: Grammar, templates: list[str], rng: random.Random) -> dict[str, list[Sentence]]:
    """Three splits that share no sentence; names and words held out of train appear in dev and test only."""
    seen: set[tuple[str, ...]] = set()
    known = familiar(grammar.lexicon, rng, HELD_OUT, built={"org", "team"})
    splits: dict[str, list[Sentence]] = {}
    for split, size in TOKEN_SPLITS.items():
        lexicon = known if split == "train" else grammar.lexicon
        splits[split] = []
        while len(splits[split]) < size:
            sentence = capitalize(expand(rng.choice(templates), lexicon, rng))
            forms = tuple(word.form.lower() for word in sentence)
            if forms not in seen:
                seen.add(forms)
                splits[split].append(sentence)
    return splits


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def _columns(sentences: list[Sentence], column: str) -> str:
    return "".join(
        "".join(f"{w.form}\t{getattr(w, column)}\n" for w in sentence) + "\n" for sentence in sentences
    )


def _has_entity(template: str, grammar: Grammar) -> bool:
    return any("/B-" in form for cls in classes(template) for form in grammar.lexicon[cls][0].values())


def write_tagged(root: Path) -> None:
    """`ud/pos/<lang>/<split>.tsv` from all templates; `wikiann/<lang>/<split>.tsv` from those that name
    someone or somewhere."""
    for lang, build in GRAMMARS.items():
        grammar = build()
        named = [t for t in grammar.templates if _has_entity(t, grammar)]
        for folder, column, templates in (
            ("ud/pos", "upos", list(grammar.templates)),
            ("wikiann", "bio", named),
        ):
            splits = tagged(grammar, templates, random.Random(f"{SEED} {folder} {lang}"))
            for split, sentences in splits.items():
                _write(root / folder / lang / f"{split}.tsv", _columns(sentences, column))


def write_pairs(root: Path) -> None:
    """`xnli/<lang>.<split>.tsv`: rows parallel across languages, no premise in two splits."""
    groups = nli.pairs(sum(NLI_SPLITS.values()), random.Random(f"{SEED} xnli"))
    start = 0
    for split, size in NLI_SPLITS.items():
        rows = [pair for group in groups[start : start + size] for pair in group]
        start += size
        for i, lang in enumerate(LANGUAGES):
            lines = (f"{pair.premise[i]}\t{pair.hypothesis[i]}\t{pair.label}\n" for pair in rows)
            _write(root / "xnli" / f"{lang}.{split}.tsv", "".join(lines))


def write_devtest(root: Path) -> None:
    """`flores/<lang>_<Script>.devtest`: one sentence a line, parallel in all files."""
    rows = devtest.sentences(DEVTEST_SENTENCES, random.Random(f"{SEED} devtest"))
    for column, lang in zip(zip(*rows, strict=True), devtest.LANGUAGES, strict=True):
        _write(root / "flores" / f"{devtest.FILES[lang]}.devtest", "".join(f"{text}\n" for text in column))


def generate(root: Path) -> None:
    """Write every file of the corpus under `root`."""
    write_tagged(root)
    write_pairs(root)
    write_devtest(root)


if __name__ == "__main__":
    generate(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
