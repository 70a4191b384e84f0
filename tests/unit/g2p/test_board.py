"""The board: notation is folded, sounds are not, and figures are those that one counts by hand."""

import json
from pathlib import Path

import pytest

from isogloss.cli import main
from isogloss.errors import InvalidInput
from isogloss.g2p.board import gold
from isogloss.g2p.board.folding import fold
from isogloss.g2p.board.score import distance, score


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("fra", "ʀaʀ", "ʁ a ʁ"),
        ("eng", "ˈhəloʊ", "həlow"),
        ("eng", "bɝd", "bɹ̩d"),
        ("ita", "at͡sːjone", "a t t͡s j o n e"),
        ("ita", "ʧenˈto", "t͡ʃento"),
        ("hin", "bʱɑːrət", "b̤aːrət"),
        ("kor", "k͈a̠da̠", "k͈ata"),
        ("fra", "œ̃", "ɛ̃"),
        ("ces", "t͡ʃaːra", "tʃaːra"),
    ],
)
def test_the_same_sounds_in_two_notations_are_equal(language: str, one: str, other: str) -> None:
    assert fold(one, language) == fold(other, language)


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("fra", "bɔ̃", "bɔ"),
        ("fra", "ɡaʀsɔ̃", "ɡaʀs"),
        ("fin", "tuːli", "tuli"),
        ("ita", "pala", "palːa"),
        ("kor", "k͈a", "ka"),
        ("hin", "kʰə", "kə"),
        ("eng", "ʃip", "ʃɪp"),
        ("fra", "sa", "ça"),
    ],
)
def test_different_sounds_stay_different(language: str, one: str, other: str) -> None:
    assert fold(one, language) != fold(other, language)


def test_distance_counts_edits() -> None:
    assert distance("kitten", "sitting") == 3
    assert distance("", "abc") == 3
    assert distance("abc", "abc") == 0


def test_rates_are_weighted_by_how_often_words_come_and_take_the_best_variant(tmp_path: Path) -> None:
    file = tmp_path / "gold.tsv"
    file.write_text("aa\ta a\naa\ta b\nbb\tb b b b\n", encoding="utf-8")
    words = gold.read(file, "fra")
    result = score({"aa": "ab", "bb": "bb"}.__getitem__, words, "fra", {"aa": 3, "bb": 1})
    assert result.right.value == 75.0  # three tokens of four
    assert result.per.value == pytest.approx(100 * 2 / (3 * 2 + 4))  # two phones missing of ten
    assert result.per.half_width > 0


def test_a_line_that_is_no_gold_is_named(tmp_path: Path) -> None:
    file = tmp_path / "gold.tsv"
    file.write_text("mot\tm o\nseul\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"line 2 of gold\.tsv"):
        gold.read(file, "fra")


def test_running_words_lose_their_punctuation_and_case() -> None:
    assert gold.running_words(["« L’eau, l'eau ! »"]) == {"l'eau": 2}


def test_the_command_measures_ones_own_gold(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words, text = tmp_path / "own.tsv", tmp_path / "text.txt"
    words.write_text("kissa\tkisːa\ntalo\ttalo\n", encoding="utf-8")
    text.write_text("Kissa, kissa ja talo.\n", encoding="utf-8")
    options = ["--lang", "fin", "--gold", str(words), "--text", str(text), "--tools", "standard", "--json"]
    with pytest.raises(SystemExit) as exit_:
        main(["g2p", "bench", *options])
    assert exit_.value.code == 0
    figures = json.loads(capsys.readouterr().out)["standard"]
    assert figures["tokens"]["types"] == 2
    assert figures["tokens"]["per"] == 0.0
    assert not figures["in_sample"]
