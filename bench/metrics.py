"""Metrics against the obvious use of the libraries: `python -m bench.metrics`. One run, a few minutes.

CKA of all pairs of 12 languages (n = 1012, d = 768), Sinkhorn at XNLI's test size (n = 5,010, 3 classes),
what regularization and cost change, 10,000 bootstrap replicates of Table 1's figures, and the memory of 200
languages. The last line is one JSON object: how many times faster (`cka_vs_pairwise`, `cka_vs_hkh`,
`sinkhorn_vs_pot_reg0.1`, `sinkhorn_vs_pot_reg0.01`) and how far off (`sinkhorn_max_rel_error`).
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any, TypeVar

os.environ["POT_BACKEND_DISABLE_PYTORCH"] = "1"

import numpy as np
import ot
from numpy.typing import NDArray

from isogloss.metrics.engine.cka import Features, biased_cka, gram_sums
from isogloss.metrics.engine.gap import relative_differences
from isogloss.metrics.engine.gap_intervals import item_intervals, language_spread
from isogloss.metrics.engine.items import Items
from isogloss.metrics.engine.linguistic_gap import Sentences, linguistic_gap
from isogloss.metrics.engine.output_gap import output_gap
from isogloss.metrics.engine.sinkhorn import solve

T = TypeVar("T")
Matrix = NDArray[Any]
Points = NDArray[np.float64]

LANGUAGES, SENTENCES, WIDTH = 12, 1012, 768
PAIRS, CLASSES = 5_010, 3


def timed(work: Callable[[], T], repeat: int = 1) -> tuple[float, T]:
    """Seconds of the fastest of `repeat` runs, and the last result."""
    best = float("inf")
    for _ in range(repeat):
        start = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - start)
    return best, result


def feature_form(x: Matrix, y: Matrix) -> float:
    """Linear CKA as papers write it: three products of features per pair."""
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    cross = np.linalg.norm(x.T @ y) ** 2
    return float(cross / (np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y)))


def hkh_form(x: Matrix, y: Matrix) -> float:
    """Linear CKA by HSIC with centering matrices, H K H."""
    n = len(x)
    h = np.eye(n, dtype=x.dtype) - np.ones((n, n), dtype=x.dtype) / n
    a, b = h @ (x @ x.T) @ h, h @ (y @ y.T) @ h
    return float(np.sum(a * b) / np.sqrt(np.sum(a * a) * np.sum(b * b)))


def bench_cka() -> dict[str, float]:
    """All 66 pairs, float32 input for everyone."""
    rng = np.random.default_rng(0)
    shared = rng.normal(size=(SENTENCES, WIDTH))
    vectors = [
        (0.4 * shared + rng.normal(size=(SENTENCES, WIDTH)) + 0.5).astype(np.float32)
        for _ in range(LANGUAGES)
    ]
    names = [f"l{index}" for index in range(LANGUAGES)]
    pairs = list(combinations(range(LANGUAGES), 2))

    def ours() -> Matrix:
        return biased_cka(gram_sums([Features.of(x) for x in vectors]))

    # In turns, so that a machine that is busy for a while is so for everyone; the fastest of three each.
    runs = [
        (
            timed(ours),
            timed(lambda: linguistic_gap(names, [Sentences(x) for x in vectors])),
            timed(lambda: [feature_form(vectors[a], vectors[b]) for a, b in pairs]),
            timed(lambda: [hkh_form(vectors[a], vectors[b]) for a, b in pairs]),
        )
        for _ in range(3)
    ]
    ours_s, whole_s, pairwise_s, hkh_s = (min(run[side][0] for run in runs) for side in range(4))
    matrix, pairwise, hkh = runs[0][0][1], runs[0][2][1], runs[0][3][1]
    print(f"CKA, {len(pairs)} pairs of {LANGUAGES} languages, n = {SENTENCES}, d = {WIDTH}")
    for name, seconds, values in (
        ("feature form per pair", pairwise_s, pairwise),
        ("H K H per pair", hkh_s, hkh),
    ):
        error = max(abs(matrix[a, b] - value) for (a, b), value in zip(pairs, values, strict=True))
        print(
            f"  {name:40}{seconds:9.3f} s   {seconds / ours_s:6.1f} × ours   differs by {error:.1e} at most"
        )
    print(f"  {'ours: one product of stacked Grams':40}{ours_s:9.3f} s")
    print(f"  {'ours with debiased, jackknife, checks':40}{whole_s:9.3f} s")
    return {"cka_vs_pairwise": pairwise_s / ours_s, "cka_vs_hkh": hkh_s / ours_s}


def clouds(temperature: float) -> tuple[Points, Points]:
    """Two languages' probabilities; the colder, the more confident the classifier."""
    rng = np.random.default_rng(1)
    made = []
    for bias in ([0.0, 0.0, 0.0], [0.8, 0.0, -0.3]):
        logits = (2 * rng.normal(size=(PAIRS, CLASSES)) + bias) / temperature
        p = np.exp(logits - logits.max(axis=1, keepdims=True))
        made.append(p / p.sum(axis=1, keepdims=True))
    return made[0], made[1]


def bench_sinkhorn() -> dict[str, float]:
    """Against `ot.sinkhorn2`, to the same marginal error; and exact transport for scale."""
    left, right = clouds(1.0)
    figures: dict[str, float] = {}
    worst = 0.0
    print(f"\nSinkhorn <P, C>, n = {PAIRS}, {CLASSES} classes, squared Euclidean")
    for regularization in (0.1, 0.01):
        ours_s, plan = timed(lambda reg=regularization: solve(left, right, reg), 3)  # type: ignore[misc]

        def pot(reg: float = regularization) -> tuple[float, dict[str, object]]:
            costs = ot.dist(left, right)
            value, log = ot.sinkhorn2([], [], costs, reg, numItermax=10_000, stopThr=1e-9, log=True)
            return float(value), log

        pot_s, (value, log) = timed(pot)
        error = abs(plan.transport_cost / value - 1)
        worst = max(worst, error)
        print(
            f"  reg {regularization:<5g} POT {pot_s:7.2f} s ({log['niter']} iterations)"
            f"   ours {ours_s:6.3f} s   {pot_s / ours_s:5.0f} ×\n"
            f"            {value:.6f} against {plan.transport_cost:.6f}: {error:.1e} relative,"
            f" marginal error {plan.marginal_error:.0e}"
        )
        figures[f"sinkhorn_vs_pot_reg{regularization:g}"] = pot_s / ours_s
    exact_s, (pair,) = timed(lambda: output_gap(["eng", "swa"], [left, right], 0.01))
    assert pair.exact is not None
    print(
        f"  exact {pair.exact.value:.6f}, debiased at 0.01 {pair.debiased.value:.6f}: all in {exact_s:.1f} s"
    )
    sharp = clouds(0.2)
    sharp_s, plan = timed(lambda: solve(*sharp, 0.1))
    value = float(ot.sinkhorn2([], [], ot.dist(*sharp), 0.1, numItermax=1000, warn=False))
    print(
        f"  confident outputs, reg 0.1: ours {plan.transport_cost:.6f} in {sharp_s:.3f} s, marginal error"
        f" {plan.marginal_error:.0e}; POT after its 1,000 iterations {value:.6f}"
    )
    return {**figures, "sinkhorn_max_rel_error": worst}


def show_choices() -> None:
    """What the regularization and the cost of transport change: one pair of languages, XNLI's dev size."""
    left, right = (cloud[:2490] for cloud in clouds(1.0))
    print("\nOne pair of languages by regularization, n = 2,490")
    for regularization in (0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 10.0):
        (pair,) = output_gap(["eng", "swa"], [left, right], regularization, exact=False)
        (same,) = output_gap(["eng", "swa"], [left, left], regularization, exact=False)
        print(
            f"  {regularization:<6g} raw {pair.raw.value:.4f}   of a cloud and itself {same.raw.value:.4f}"
            f"   debiased {pair.debiased.value:.4f}"
        )
    (pair,) = output_gap(["eng", "swa"], [left, right], 0.1)
    assert pair.exact is not None
    print(
        f"  exact  {pair.exact.value:.4f}   with Euclidean cost, not squared: {_euclidean(left, right):.4f}"
    )


def _euclidean(left: Points, right: Points) -> float:
    n = len(left)
    weights = np.full(n, 1 / n)
    return float(ot.emd2(weights, weights, ot.dist(left, right, metric="euclidean"), numItermax=10_000_000))


def bench_bootstrap() -> dict[str, float]:
    """Table 1: 4 rows of 10 languages, std and mean RPD, languages drawn anew; and items drawn anew."""
    rng = np.random.default_rng(2)
    rows = 85 + 10 * rng.random((4, 10))
    language_s, _ = timed(lambda: [language_spread(row, 1, 10_000, 0, 0.95) for row in rows])

    def table(words: tuple[int, int], sentences: int) -> list[Items]:
        made = []
        for _ in range(10):
            possible = rng.integers(*words, size=sentences)
            right = rng.binomial(possible, 0.9)
            made.append(
                Items(right.astype(float), possible.astype(float), np.zeros(sentences, dtype=np.int64))
            )
        return made

    ner, pos = table((1, 4), 10_000), table((3, 35), 1_500)
    assert relative_differences(rows).shape == (4, 45)
    ner_s, _ = timed(lambda: item_intervals(ner, 1, 10_000, 0, 0.95))
    pos_s, _ = timed(lambda: item_intervals(pos, 1, 10_000, 0, 0.95))
    print("\n10,000 bootstrap replicates of Table 1's figures")
    print(f"  languages drawn anew, 4 rows             {language_s:9.2f} s")
    print(f"  items drawn anew, a row of NER           {ner_s:9.2f} s   10 × 10,000 sentences")
    print(f"  items drawn anew, a row of POS           {pos_s:9.2f} s   10 × 1,500 sentences")
    return {"bootstrap_languages_s": language_s, "bootstrap_ner_row_s": ner_s, "bootstrap_pos_row_s": pos_s}


def bench_memory() -> dict[str, float]:
    """200 languages in a process of their own, one after another as they come from storage."""
    command = [sys.executable, "-m", "bench.metrics", "--two-hundred-languages"]
    report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    print(
        f"\n200 languages of [{SENTENCES}, {WIDTH}]: {report['seconds']:.0f} s, {report['mb']:.0f} MB at most"
    )
    return {"languages_200_mb": report["mb"], "languages_200_s": report["seconds"]}


def two_hundred_languages() -> None:
    """All 19,900 pairs with jackknife; prints seconds and peak memory of this process."""
    rng = np.random.default_rng(3)

    def arriving() -> Sentences:
        return Sentences(rng.standard_normal((SENTENCES, WIDTH), dtype=np.float32))

    names = [f"l{index}" for index in range(200)]
    seconds, _ = timed(lambda: linguistic_gap(names, (arriving() for _ in names)))
    print(json.dumps({"seconds": seconds, "mb": peak_mb()}))


def peak_mb() -> float:
    """Peak memory of this process. Not getrusage's: that one counts the parent's before exec."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def main() -> None:
    """Run all and print the figures."""
    if "--two-hundred-languages" in sys.argv:
        two_hundred_languages()
        return
    figures = bench_cka() | bench_sinkhorn()
    show_choices()
    figures |= bench_bootstrap() | bench_memory()
    print(json.dumps({name: float(f"{value:.4g}") for name, value in figures.items()}))


if __name__ == "__main__":
    main()
