"""Our output is Epitran's, string for string: every map language, as words and as whole strings."""

import pytest

from isogloss.g2p.engine import rule_data
from isogloss.g2p.engine.map_rules import MapRules
from tests.golden.g2p.epitran_oracle import invented_words, map_languages, oracle

_WORDS, _PER_STRING = 160, 12


@pytest.mark.parametrize("code", map_languages())
def test_words_and_whole_strings(code: str) -> None:
    """160 invented words of each of the 159 languages, then the same words twelve at a time."""
    ours, theirs = MapRules(rule_data.epitran(code)), oracle(code)
    words = invented_words(code, _WORDS)
    strings = [" ".join(words[i : i + _PER_STRING]) for i in range(0, len(words), _PER_STRING)]
    different = {
        text: (ours.ipa(text), expected)
        for text in [*words, *strings]
        if ours.ipa(text) != (expected := theirs.transliterate(text))
    }
    assert different == {}
