"""The tables in the terminal."""

import re

import pytest

from report import RunRecord, console_tables


@pytest.mark.parametrize("width", [100, 110, 120])
def test_no_line_is_wider_than_asked_and_no_figure_is_cut(full: RunRecord, width: int) -> None:
    text = console_tables(full, width, color=False)
    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text


def test_ours_stands_above_the_papers(full: RunRecord) -> None:
    (number,) = full.select("score", task="ner", input="character", languages=("eng",))
    lines = console_tables(full, color=False).splitlines()
    ours = next(i for i, line in enumerate(lines) if line.strip().startswith("Characters"))
    assert f"{number.value:.2f}" in lines[ours]
    assert lines[ours + 1].strip().startswith(f"SD of seeds  {number.seed_std:.2f}")
    assert re.match(r"\s+paper\s+87\.13", lines[ours + 2])
    assert "difference" in lines[ours + 3]


def test_languages_that_were_not_run_are_left_out(sample: RunRecord) -> None:
    text = console_tables(sample, color=False)
    assert " kor " in text
    assert " ukr " not in text


def test_a_run_that_measured_nothing_says_so(empty: RunRecord) -> None:
    assert "nothing was measured" in console_tables(empty, color=False)


def test_what_failed_comes_first_and_a_missing_figure_says_why(others: RunRecord) -> None:
    text = console_tables(others, color=False)
    assert text.startswith("failed: train topics/romanized/tam seed 0: loss is not finite at step 12")
    assert "not run because of it: embed topics/romanized/tam seed 0" in text
    assert "Std. ↓: n/a: scores: two scores are 0" in text
    assert "paper" not in text
    assert "ukr" not in text


def test_the_banner_comes_first(sample: RunRecord) -> None:
    text = " ".join(console_tables(sample, color=False).split())
    assert text.startswith(sample.banner)


def test_colors_can_be_left_out(sample: RunRecord) -> None:
    assert "\x1b[" in console_tables(sample)
    assert "\x1b[" not in console_tables(sample, color=False)
