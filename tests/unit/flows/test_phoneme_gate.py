"""The gate: letters left in the phonemes stop a run, unless the profile says that this is known."""

import pytest

from flows.load import load
from flows.phoneme_gate import PhonemeGate
from isogloss.errors import InvalidInput
from isogloss.g2p.v1 import g2p_pb2


def _result(leaked: int, characters: int, *worst: str) -> g2p_pb2.ConvertCorpusResult:
    quality = g2p_pb2.Quality(characters=characters, leaked_characters=leaked, worst_words=worst)
    return g2p_pb2.ConvertCorpusResult(quality=quality)


def test_what_leaks_more_than_the_threshold_stops_the_run_with_its_worst_words() -> None:
    results = {"fra": [_result(1, 100)], "urd": [_result(0, 100, "a"), _result(40, 100, "\u06cc\u06c1")]}
    with pytest.raises(InvalidInput, match=r"20\.0% of the letters of Urdu \(urd\) .*\u06cc\u06c1") as caught:
        PhonemeGate().check(results)
    assert caught.value.field == "phoneme_gate.max_leak_rate"
    assert "fra" not in caught.value.problem


def test_told_otherwise_it_goes_on_and_says_so() -> None:
    results = {"urd": [_result(40, 100, "\u06cc\u06c1")]}
    (note,) = PhonemeGate(tolerated=["urd"]).check(results)
    assert "40.0%" in note
    assert PhonemeGate(max_leak_rate=0.4).check(results) == []


def test_a_language_without_a_letter_passes() -> None:
    assert PhonemeGate(max_leak_rate=0).check({"kor": [_result(0, 0)]}) == []


def test_options_tell_it_otherwise() -> None:
    chosen = load("paper", options={"phoneme_gate.tolerated": [], "phoneme_gate.max_leak_rate": 0.3})
    assert chosen.phoneme_gate == PhonemeGate(max_leak_rate=0.3)
