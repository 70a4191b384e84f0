"""CKA against another implementation (`make_cka.py`) and against what it must be."""

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from isogloss.metrics.engine.linguistic_gap import Sentences, linguistic_gap
from tests.golden.metrics.make_cka import LANGUAGES, SHAPES, features

GOLDEN = json.loads((Path(__file__).parent / "cka.json").read_text())


@pytest.mark.parametrize("name", SHAPES)
def test_equals_ckatorch(name: str) -> None:
    gap = linguistic_gap(LANGUAGES, [Sentences(x) for x in features(name)])
    for a, b in combinations(range(len(LANGUAGES)), 2):
        golden = GOLDEN[name][f"{LANGUAGES[a]}-{LANGUAGES[b]}"]
        assert gap.plain.biased.values[a, b] == pytest.approx(golden["biased"], abs=2e-6)
        assert gap.plain.debiased.values[a, b] == pytest.approx(golden["debiased"], abs=2e-6)


@pytest.mark.parametrize("name", SHAPES)
def test_uncentered_is_equation_2_as_printed(name: str) -> None:
    x, y, _ = features(name)
    printed = np.linalg.norm(x.T @ y) ** 2 / (np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y))
    gap = linguistic_gap(LANGUAGES, [Sentences(item) for item in features(name)])
    assert gap.plain.uncentered.values[0, 1] == pytest.approx(printed, abs=2e-6)


def test_independent_noise_at_the_papers_size() -> None:
    """n = 1012, d = 768: the biased CKA that the paper prints starts at 0.43, not at 0."""
    rng = np.random.default_rng(0)
    noise = [Sentences(rng.normal(size=(1012, 768)).astype(np.float32)) for _ in range(2)]
    gap = linguistic_gap(("eng", "kor"), noise)
    assert gap.plain.biased.mean == pytest.approx(0.431, abs=0.003)
    assert gap.plain.debiased.mean == pytest.approx(0, abs=0.003)
