"""English equals a `lex_lookup` built from flite's source, which is what Epitran starts for every word."""

from pathlib import Path

import pytest

from isogloss.g2p.engine.english import English
from isogloss.g2p.engine.epitran_data import read_arpabet
from isogloss.g2p.engine.flite import BackendMissingError, find

_SAMPLE = Path(__file__).parent / "english.tsv"


@pytest.fixture(scope="module")
def flite() -> English:
    """English through the library."""
    try:
        find("flite")
    except BackendMissingError as error:
        pytest.skip(str(error))
    return English("flite")


def test_golden_sample(flite: English) -> None:
    """Every word of the sample: frequent ones, rare ones, names, misspellings."""
    ipa = read_arpabet()
    sample = dict(line.split("\t") for line in _SAMPLE.read_text(encoding="utf-8").splitlines())
    expected = {
        word: "".join(ipa[phone.rstrip("012")] for phone in phones.split()) for word, phones in sample.items()
    }
    assert len(sample) > 900
    assert {word: flite.ipa(word) for word in sample} == expected


def test_what_is_no_word_passes(flite: English) -> None:
    """As in Epitran: text is composed, runs of A to Z and apostrophes are words, everything else stays."""
    assert flite.ipa("(Hello, 42!)") == "(həlow, 42!)"
    assert flite.ipa("don’t") == flite.ipa("dont") == flite.ipa("DONT")
    assert flite.ipa("cafe\u0301") == "kæfé"


def test_apostrophes_alone_are_silent(flite: English) -> None:
    """Epitran raises KeyError: 'null' on these."""
    assert flite.ipa("'") == flite.ipa("’") == ""
