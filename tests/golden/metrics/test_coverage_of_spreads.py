"""Do intervals of a spread (Std., mean RPD) cover, and does the comparison of two inputs find what is there?

1,000 worlds a row, each of its own items; docs/metrics.md shows the table, and the rule is from before it was
first run: every interval covers its truth in 93 to 97 % of worlds, and a difference is found as often as by a
normal test that is calibrated with knowledge of the truth, within 5 points. What is right and wrong is a
latent normal, correlated over languages (and inputs) by `alike`; the items of a premise share half of that.

`pytest -m slow -s tests/golden/metrics/test_coverage_of_spreads.py`: a minute on an idle core.
"""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import norm

from isogloss.metrics.engine.bootstrap import resampled_scores
from isogloss.metrics.engine.gap import relative_differences, standard_deviation
from isogloss.metrics.engine.items import Items
from isogloss.metrics.engine.spread import Measure, Spread, difference_interval

pytestmark = pytest.mark.slow
WORLDS, BATCH, DRAWS = 1000, 20, 1000
Array = NDArray[np.float64]
MEASURES: dict[str, Measure] = {
    "std": lambda scores: standard_deviation(scores, 1),
    "mean_rpd": lambda scores: np.asarray(relative_differences(scores).mean(axis=-1)),
}


@dataclass(frozen=True)
class World:
    """Percent right of each language, by one input or two; items, their correlation and their premises."""

    right: tuple[tuple[float, ...], ...]
    items: int
    alike: float = 0.0
    of_a_premise: int = 1

    @property
    def truth(self) -> Array:
        """[inputs, languages]."""
        return np.array(self.right)

    def gained(self, rng: np.random.Generator) -> Array:
        """Right answers of each premise: [premises, inputs · languages]."""
        shape = self.items // self.of_a_premise, self.of_a_premise
        common = rng.standard_normal(shape, dtype=np.float32)
        if self.of_a_premise > 1:
            common = np.sqrt(0.5) * common + np.sqrt(0.5) * rng.standard_normal(
                (shape[0], 1), dtype=np.float32
            )
        own = rng.standard_normal((*shape, self.truth.size), dtype=np.float32)
        latent = np.sqrt(self.alike) * common[..., None] + np.sqrt(1 - self.alike) * own
        return np.asarray((latent < norm.ppf(self.truth.ravel() / 100)).sum(axis=1), dtype=np.float64)

    def score(self, gained: Array) -> Array:
        """Percent, [inputs, languages]."""
        return np.asarray(100 * gained.sum(axis=0) / (len(gained) * self.of_a_premise)).reshape(
            self.truth.shape
        )

    def samples(self) -> list[tuple[Array, Array]]:
        """Of each world its scores [inputs, languages] and the bootstrap's noise [draws, …]."""
        rng, made = np.random.default_rng(1), []
        for start in range(0, WORLDS, BATCH):
            worlds = [self.gained(rng) for _ in range(BATCH)]
            possible = np.full(len(worlds[0]), float(self.of_a_premise))
            one = np.zeros(len(possible), dtype=np.int64)
            models = [Items(column, possible, one) for gained in worlds for column in gained.T]
            drawn = resampled_scores(models, DRAWS, np.random.default_rng(start))
            noise = (drawn - drawn.mean(axis=0)).reshape(DRAWS, BATCH, *self.truth.shape)
            made += [(self.score(gained), noise[:, index]) for index, gained in enumerate(worlds)]
        return made


def around(middle: float, apart: float, languages: int) -> tuple[tuple[float, ...]]:
    return (tuple(np.linspace(middle - apart / 2, middle + apart / 2, languages).tolist()),)


SPREADS = {
    "row 2: 81, 85, 79, 89 % of 400": World(((81, 85, 79, 89),), 400),
    "row 3: 53, 78, 76, 74 % of 80": World(((53, 78, 76, 74),), 80),
    "row 3, alike .8": World(((53, 78, 76, 74),), 80, 0.8),
    "4 within .6 of 60, n = 400": World(around(60, 0.6, 4), 400),
    "3 equal at 70, n = 2,490, alike .3, premises": World(around(70, 0, 3), 2490, 0.3, 3),
    "70, 71, 72, n = 2,490, alike .3, premises": World(((70, 71, 72),), 2490, 0.3, 3),
    "72, 61, 56, n = 5,010, alike .8, premises": World(((72, 61, 56),), 5010, 0.8, 3),
    "5 within 18 of 74, n = 399, alike .3, premises": World(around(74, 18, 5), 399, 0.3, 3),
    "5 within 1 of 80, n = 5,010, alike .8": World(around(80, 1, 5), 5010, 0.8),
    "10 within 7 of 88, n = 80, alike .8": World(around(88, 7, 10), 80, 0.8),
    "10 within 2 of 90, n = 1,000, alike .3": World(around(90, 2, 10), 1000, 0.3),
    "10 within 20 of 85, n = 400, alike .3": World(around(85, 20, 10), 400, 0.3),
}

DIFFERENCES = {
    "5 languages, n = 1,500, alike .3": World(((85, 70, 62, 75, 80), (80, 72, 68, 74, 77)), 1500, 0.3),
    "the same, alike .8": World(((85, 70, 62, 75, 80), (80, 72, 68, 74, 77)), 1500, 0.8),
    "3 languages near ties, n = 2,490, premises": World(((74, 71, 70), (71, 71, 70)), 2490, 0.3, 3),
    "4 languages, n = 400": World(((81, 85, 79, 89), (83, 85, 83, 87)), 400, 0.3),
    "10 languages, n = 400, alike .3": World((*around(85, 16, 10), *around(86, 10, 10)), 400, 0.3),
}


FEW_PREMISES = "5 within 18 of 74, n = 399, alike .3, premises"
"""133 premises: mean RPD was covered in 92.7 % when this was first run."""

FEW_ITEMS = "4 languages, n = 400"
"""The difference of mean RPD was covered in 91 to 93 %."""


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.xfail(strict=True)] if name == FEW_PREMISES else [])
        for name in SPREADS
    ],
)
def test_a_spread_is_covered(name: str) -> None:
    world = SPREADS[name]
    covers = {}
    samples = world.samples()
    for measure, spread in MEASURES.items():
        truth = float(spread(world.truth[0]))
        made = [Spread(scores[0], noise[:, 0], spread).interval(0.95, "") for scores, noise in samples]
        covers[measure] = np.mean([item.low - 1e-12 <= truth <= item.high for item in made])
    print(f"| {name} | {covers['std']:.1%} | {covers['mean_rpd']:.1%} |")
    assert all(0.93 <= share <= 0.97 for share in covers.values()), covers


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.xfail(strict=True)] if name == FEW_ITEMS else [])
        for name in DIFFERENCES
    ],
)
def test_a_difference_of_two_inputs_is_covered_and_found(name: str) -> None:
    world = DIFFERENCES[name]
    samples = world.samples()
    same = World((world.right[0], world.right[0]), world.items, world.alike, world.of_a_premise)
    rng, line, wrong = np.random.default_rng(2), f"| {name} |", []
    equal = np.array([same.score(same.gained(rng)) for _ in range(WORLDS)])
    for measure, spread in MEASURES.items():
        truth = float(-np.diff(spread(world.truth))[0])
        made = [
            difference_interval(
                Spread(scores[0], noise[:, 0], spread), Spread(scores[1], noise[:, 1], spread), 0.95, ""
            )
            for scores, noise in samples
        ]
        covers = np.mean([item.low <= truth <= item.high for item in made])
        power = np.mean([not item.low <= 0 <= item.high for item in made])
        # A normal test with the true noise: of size .05 where both inputs are like the first.
        critical = np.quantile(np.abs(np.diff(spread(equal), axis=1)), 0.95)
        best = np.mean([abs(np.diff(spread(scores))[0]) > critical for scores, _ in samples])
        line += f" {covers:.1%} | {power:.2f} ({best:.2f}) |"
        if not (0.93 <= covers <= 0.97 and power > best - 0.05):
            wrong.append((measure, covers, power, best))
    print(line)
    assert not wrong
