"""The board: notation is folded, sounds are not, and figures are those that one counts by hand."""

import json
from pathlib import Path

import pytest

from isogloss.cli import main
from isogloss.errors import InvalidInput
from isogloss.g2p import convert
from isogloss.g2p.board import figures, gold
from isogloss.g2p.board.folding import fold
from isogloss.g2p.board.score import distance, score
from isogloss.g2p.board.tools import TOOLS
from isogloss.g2p.engine import catalog, rule_data


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


def test_the_half_that_is_held_out_is_told_by_a_hash(tmp_path: Path) -> None:
    file = tmp_path / "gold.tsv"
    file.write_text("".join(f"word{n}\ta\n" for n in range(400)), encoding="utf-8")
    words = gold.read(file, "fra")
    held, seen = words.half("held-out").words, words.half("seen").words
    assert held.keys() | seen.keys() == words.words.keys()
    assert not held.keys() & seen.keys()
    assert 150 < len(held) < 250
    assert all(map(gold.held_out, held))


def test_exceptions_for_held_out_words_are_withheld_and_the_rest_stays() -> None:
    entry = catalog.resolve("fra")
    standard, withheld = (TOOLS[name].make(entry) for name in ("standard", "withheld"))
    assert standard is not None
    assert withheld is not None
    exceptions = rule_data.words("fra-Latn")
    assert all(withheld(word) == standard(word) for word in exceptions if not gold.held_out(word))
    assert any(withheld(word) != standard(word) for word in exceptions if gold.held_out(word))


def test_a_weak_form_is_right_too(tmp_path: Path) -> None:
    file = tmp_path / "gold.tsv"
    file.write_text("to\ttu\n", encoding="utf-8")
    assert gold.read(file, "eng").words["to"] == {("t", "u"), ("t", "ə")}


def test_a_language_says_how_right_it_is_and_by_which_measure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = {
        "gold": "fra-Latn-broad.tsv.gz",
        "tokens": {"per": 1.5, "per_half_width": 0.2, "right": 97.0},
        "types": {"per": 2.5},
    }
    monkeypatch.setattr(figures, "PATH", tmp_path / "figures.json")
    figures.of.cache_clear()
    figures.write(
        {"fra-Latn": {"coverage": 40.0, "standard": row, "g2p2": {"missing": "?"}}, "x": None}, "bench"
    )
    (found,) = convert.language(catalog.resolve("fra")).accuracy
    assert (found.tool, found.per, found.types_per, found.coverage) == ("standard", 1.5, 2.5, 40.0)
    assert found.source == "fra-Latn-broad.tsv.gz: bench"
    assert not convert.language(catalog.resolve("swa")).accuracy
    figures.write({"ita-Latn": {"coverage": 9.0, "standard": row}}, "another run")
    figures.of.cache_clear()
    sources = [figures.of(code)[0].source.rpartition(": ")[2] for code in ("fra-Latn", "ita-Latn")]
    assert sources == ["bench", "another run"]  # a run of one language leaves the others' figures alone
    figures.of.cache_clear()
