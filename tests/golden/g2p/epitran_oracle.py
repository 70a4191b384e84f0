"""Epitran itself, as the oracle: what it answers is right by definition."""

import random
from functools import cache

import epitran.simple
import panphon
from epitran.simple import SimpleEpitran

from isogloss.g2p.engine import epitran_data

_PUNCTUATION = list(".,;:!?'’\"()-–%&0123456789")


@cache
def oracle(code: str) -> SimpleEpitran:
    """Epitran for one language; its feature tables, which take seconds to read, are shared."""
    epitran.simple.panphon.FeatureTable = _features  # type: ignore[attr-defined,misc]
    return SimpleEpitran(code)


@cache
def _features() -> object:
    return _FEATURE_TABLE()


_FEATURE_TABLE = panphon.FeatureTable


def map_languages() -> list[str]:
    """Every language that Epitran has a map for."""
    return list(epitran_data.codes())


def invented_words(code: str, count: int) -> list[str]:
    """Words of a language's letters and of those its rules speak of, with capitals and punctuation."""
    choose = random.Random(code)
    rules = [*epitran_data.read_rules(code, "pre"), *epitran_data.read_rules(code, "post")]
    letters = [
        *epitran_data.read_map(code),
        *{letter for line in rules for letter in line if letter.isalpha()},
    ]
    words = []
    for _ in range(count):
        word = "".join(choose.choices(letters, k=choose.randint(1, 9)))
        if choose.random() < 0.2:
            word = word.title()
        if choose.random() < 0.2:
            word += choose.choice(_PUNCTUATION)
        words += word.split() or [word]
    return words
