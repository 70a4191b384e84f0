"""How often each verdict is given, in worlds whose truth is known; docs/metrics.md shows the table.

The paper scored n items with one model. We score the same items with models whose expected score lies `shift`
points lower. An item's difficulty is shared by all models; a seed moves a model's ability, and each answer is
drawn given both.
"""

import math
from dataclasses import replace

import numpy as np
import pytest

from report import RunRecord
from report.record import MEASURES, Cells, Interval, Number, Rules
from report.tables import Column, Entry, Row
from report.verdicts import judge

WORLDS = 400
SHIFTS, SEEDS, ITEMS = (0.0, 1.0, 2.0, 5.0), (1, 3, 5), (60, 500, 2490, 10_000)
LEVEL = 90.0  # points, of the paper's models
SEED_STD = 0.3  # points, of what a seed moves: FACTS, .28
SCORE = Column(MEASURES["score"], "eng", "English", "eng", "Score, %")
ROW = Row("pos", "phoneme", "Phonemes", "Part-of-speech tagging")


def scores(chance: np.random.Generator, level: float, items: int, seeds: int, ease: np.ndarray) -> np.ndarray:
    """Percent right of each seed: answers [seeds, items] given how easy the items are, N(0, 1)."""
    ability = level + chance.normal(0, SEED_STD, (seeds, 1))
    right = np.clip(ability / 100 + 0.08 * ease * (1 - level / 100) / 0.1, 0, 1)
    answers: np.ndarray = chance.random((seeds, items)) < right
    percent: np.ndarray = 100 * answers.mean(axis=1)
    return percent


def rates(run: RunRecord, shift: float, seeds: int, items: int) -> dict[str, float]:
    """The share of worlds with each verdict."""
    chance = np.random.default_rng([int(shift), seeds, items])
    counts: dict[str, int] = {}
    for _ in range(WORLDS):
        ease = chance.normal(0, 1, items)
        (paper,) = scores(chance, LEVEL, items, 1, ease)
        ours = scores(chance, LEVEL - shift, items, seeds, ease)
        mean = float(ours.mean())
        half = 1.96 * math.sqrt(mean * (100 - mean) / items)
        number = Number(
            "score",
            mean,
            "s3://b/m",
            "table1",
            "pos",
            "phoneme",
            ("eng",),
            interval=Interval(mean - half, mean + half),
            seeds=seeds,
            seed_std=float(ours.std(ddof=1)) if seeds > 1 else None,
        )
        verdict = judge(run, ROW, SCORE, Entry(number, round(float(paper), 2)))
        counts[str(verdict)] = counts.get(str(verdict), 0) + 1
    return {verdict: count / WORLDS for verdict, count in counts.items()}


@pytest.mark.slow
def test_how_often_each_verdict_is_given(empty: RunRecord, capsys: pytest.CaptureFixture[str]) -> None:
    run = replace(empty, profile="paper", evaluation="paper", rules=Rules(cells=Cells(2.0)))
    lines = [
        "| items | seeds | shift | reproduced | not reproduced | uninformative |",
        "|---|---|---|---|---|---|",
    ]
    table = {
        (items, seeds, shift): rates(run, shift, seeds, items)
        for items in ITEMS
        for seeds in SEEDS
        for shift in SHIFTS
    }
    for (items, seeds, shift), rate in table.items():
        shown = (f"{rate.get(v, 0):.3f}" for v in ("reproduced", "not reproduced", "uninformative"))
        lines.append(f"| {items:,} | {seeds} | {shift:g} | {' | '.join(shown)} |")
    with capsys.disabled():
        print("\n" + "\n".join(lines))
    for (items, seeds, shift), rate in table.items():
        where = (items, seeds, shift)
        if shift == 5:
            assert rate.get("reproduced", 0) < 0.05, where
            power = table[items, seeds, 5.0].get("not reproduced", 0)
            if power < 0.5:
                least = 0.5 - 3 * math.sqrt(0.25 / WORLDS)
                assert all(table[items, seeds, s].get("uninformative", 0) > least for s in SHIFTS), where
        if shift == 0:
            assert rate.get("not reproduced", 0) <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / WORLDS), where
