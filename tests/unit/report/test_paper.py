"""The printed figures: found by name, and consistent with each other as far as the paper is."""

import itertools
import statistics

import pytest

from report.paper import LANGUAGES, discrepancies, printed, printed_hyperparameters, printed_sizes


def scores(row: str) -> list[float]:
    task, model_input = row.split("/")
    printed_scores = [printed(task, model_input, "score", code) for code in LANGUAGES["table1"]]
    return [score for score in printed_scores if score is not None]


def of_row(row: str, measure: str) -> float | None:
    task, model_input = row.split("/")
    return printed(task, model_input, measure)


def rpd(first: float, second: float) -> float:
    """Relative percent difference, section 3.3 of the paper."""
    return abs(first - second) / ((first + second) / 2) * 100


@pytest.mark.parametrize("row", ["ner/phoneme", "pos/character", "pos/phoneme"])
def test_the_printed_mean_rpd_follows_from_the_printed_scores(row: str) -> None:
    mean = statistics.mean(rpd(*pair) for pair in itertools.combinations(scores(row), 2))
    assert mean == pytest.approx(of_row(row, "mean_rpd"), abs=0.011)


@pytest.mark.parametrize("row", ["ner/character", "pos/character", "pos/phoneme"])
def test_the_printed_std_is_the_sample_figure(row: str) -> None:
    assert statistics.stdev(scores(row)) / 100 == pytest.approx(of_row(row, "std"), abs=6e-5)


def test_one_printed_std_is_the_population_figure() -> None:
    assert statistics.pstdev(scores("ner/phoneme")) / 100 == pytest.approx(0.0259, abs=6e-5)
    assert any("ddof 0" in item.text for item in discrepancies("table1"))


@pytest.mark.parametrize("model_input", ["subword", "character", "phoneme"])
@pytest.mark.parametrize("code", ["swa", "urd"])
def test_the_printed_gaps_follow_from_the_printed_accuracies(model_input: str, code: str) -> None:
    first, second = (printed("xnli", model_input, "score", column) for column in ("eng", code))
    assert first
    assert second
    assert first - second == pytest.approx(printed("xnli", model_input, "absolute", code), abs=0.011)
    assert rpd(first, second) == pytest.approx(printed("xnli", model_input, "rpd", code), abs=0.011)


def test_what_the_paper_does_not_print_is_none() -> None:
    assert printed("ner", "phoneme", "score", "swa") is None
    assert printed("ner", "phoneme", "mean_cka_debiased") is None
    assert printed("xnli", "phoneme", "spearman", against="cka") is not None
    assert printed("xnli", "character", "spearman", against="cka") is None, "Table 3 is of phonemes"
    assert printed("topics", "phoneme", "score", "eng") is None
    assert printed_sizes("topics", "eng") is None
    assert printed_sizes("xnli", "kor") is None
    assert printed_hyperparameters("pos", "subword", "eng") is None


def test_table_4_and_5_are_found() -> None:
    sizes = printed_sizes("wikiann", "hin")
    assert sizes
    assert (sizes.train, sizes.dev, sizes.test) == (5000, 1000, 1000)
    selected = printed_hyperparameters("xnli", "phoneme", "swa")
    assert selected
    assert selected["learning_rate"] == 3e-6
    assert selected["schedule"] == "constant"
    missing = printed_hyperparameters("pos", "character", "eng")
    assert missing
    assert missing["weight_decay"] is None
