"""Quality counts, on texts small enough to count by hand."""

from panphon import FeatureTable

from isogloss.g2p.engine.converter import load
from isogloss.g2p.engine.options import Options
from isogloss.g2p.engine.panphon import known_segments
from isogloss.g2p.engine.quality import Quality, QualityCounter


def _quality(language: str, words: list[str], vocabulary: tuple[str, ...] = ()) -> Quality:
    counter = QualityCounter(load(language, Options("none")), vocabulary)
    counter.add(words)
    return counter.result()


def test_leaks_are_letters_of_the_source_script() -> None:
    quality = _quality("urd", ["کل", "کل", "سب", "abc"])
    assert (quality.tokens, quality.types) == (4, 3)
    assert (quality.leaked_tokens, quality.worst_words) == (2, ("کل",))
    assert quality.foreign_tokens == 1


def test_latin_leaks_are_letters_without_an_entry() -> None:
    """IPA is Latin: only the map can tell a leaked <w> from a phoneme."""
    assert _quality("ita", ["web", "uomo"]).worst_words == ("web",)
    assert _quality("eng", ["café", "cafe"]).worst_words == ("café",)


def test_vocabulary() -> None:
    quality = _quality("tur", ["baba"], ("b", "t"))
    assert (quality.vocabulary_segments, quality.vocabulary_unknown) == (4, 2)
    assert _quality("tur", ["baba"]).vocabulary_segments == 0


def test_digits_are_counted_apart() -> None:
    quality = _quality("tur", ["1984", "baba"])
    assert (quality.tokens_with_digits, quality.leaked_tokens, quality.phonemes) == (1, 0, 4)


def test_known_segments_are_those_of_panphon() -> None:
    table = FeatureTable()
    assert known_segments() == set(table.seg_dict)
