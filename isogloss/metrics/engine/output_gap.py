"""Output gap: how far apart two languages' class probabilities lie (sections 4.3 and 4.4, Figure 3, Table 3).

Three values, since the paper names neither its regularization nor which of them it prints:
- `raw`: <P, C> of the entropic plan, what `ot.sinkhorn2` returns. At reg 0.1 it is mostly bias: two equal
  clouds of XNLI probabilities get 0.040.
- `debiased`: the Sinkhorn divergence OT(a, b) - OT(a, a)/2 - OT(b, b)/2 of entropic values (Feydy et al.
  2019, equation 3): 0 for equal clouds, never negative.
- `exact`: the unregularized cost.

Each comes with its influence function, what every item contributes to its error, and so with an interval by
the delta method. The potentials of optimal transport are that function: of OT directly, of the divergence by
subtraction, and of <P, C> = OT - reg dOT/dreg through the potentials at two neighboring regularizations.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from isogloss.errors import InvalidInput
from isogloss.metrics.engine.checks import Floats, check_languages, check_probabilities
from isogloss.metrics.engine.exact_transport import MAX_ROWS, exact_transport
from isogloss.metrics.engine.intervals import Interval, normal_interval
from isogloss.metrics.engine.sinkhorn import Plan, check_regularization, solve, solve_symmetric

DENSE_MAX_ROWS = 4_096
"""More than 3 classes need the n × n kernel: 134 MB here."""

_STEP = 0.02  # relative step in the regularization for its derivative


@dataclass(frozen=True)
class Estimate:
    """A value and its influence function [n]: how far each item moves it, times n."""

    value: float
    influence: Floats

    def interval(self, level: float) -> Interval:
        """Delta method; the two members of an item vary together."""
        error = float(self.influence.std(ddof=1)) / np.sqrt(len(self.influence))
        return normal_interval(self.value, error, level, "delta method over items")


@dataclass(frozen=True)
class PairDistance:
    """Two languages. `exact` is None where it was not asked for or there are too many items."""

    first: str
    second: str
    raw: Estimate
    debiased: Estimate
    exact: Estimate | None
    marginal_error: float
    converged: bool


def output_gap(
    languages: Sequence[str], probabilities: Sequence[Floats], regularization: float, *, exact: bool = True
) -> list[PairDistance]:
    """The gaps of all pairs of languages.

    `probabilities[l]` is [n, k], row i the same item and column j the same class everywhere. `regularization`
    is in units of the cost (squared distance, at most 2). Raises `Failed` where a plan does not converge:
    `converged` is always true in what is returned.
    """
    clouds = _check_clouds(languages, probabilities)
    check_regularization(regularization)
    own = [solve_symmetric(cloud, regularization) for cloud in clouds]
    found = []
    for i, j in combinations(range(len(clouds)), 2):
        cross = solve(clouds[i], clouds[j], regularization)
        found.append(
            PairDistance(
                languages[i],
                languages[j],
                raw=_raw(cross, clouds[i], clouds[j], regularization),
                debiased=_debiased(cross, own[i], own[j]),
                exact=_exact(clouds[i], clouds[j]) if exact and len(clouds[i]) <= MAX_ROWS else None,
                marginal_error=max(plan.marginal_error for plan in (cross, own[i], own[j])),
                converged=True,
            )
        )
    return found


def mean_estimate(estimates: Sequence[Estimate]) -> Estimate:
    """Over pairs of the same items."""
    value = float(np.mean([estimate.value for estimate in estimates]))
    return Estimate(value, np.mean([estimate.influence for estimate in estimates], axis=0))


def _debiased(cross: Plan, first: Plan, second: Plan) -> Estimate:
    influence = cross.left_potential - first.left_potential + cross.right_potential - second.right_potential
    return Estimate(cross.entropic - (first.entropic + second.entropic) / 2, influence)


def _raw(cross: Plan, left: Floats, right: Floats, regularization: float) -> Estimate:
    above = solve(left, right, regularization * (1 + _STEP))
    below = solve(left, right, regularization * (1 - _STEP))
    slope = (_potentials(above) - _potentials(below)) / (2 * _STEP)
    return Estimate(cross.transport_cost, _potentials(cross) - slope)


def _potentials(plan: Plan) -> Floats:
    return plan.left_potential + plan.right_potential


def _exact(left: Floats, right: Floats) -> Estimate:
    value, potentials = exact_transport(left, right)
    return Estimate(value, potentials)


def _check_clouds(languages: Sequence[str], probabilities: Sequence[Floats]) -> list[Floats]:
    check_languages(languages, "languages")
    clouds: list[Floats] = []
    for language, p in zip(languages, probabilities, strict=True):
        field = f"languages[{language}].predictions"
        cloud = check_probabilities(p, field)
        if clouds and cloud.shape != clouds[0].shape:
            problem = f"shape {cloud.shape}, but {clouds[0].shape} in {languages[0]}"
            fix = "Row i must be the same item and column j the same class everywhere."
            raise InvalidInput(field, problem, fix)
        if cloud.shape[1] > 3 and len(cloud) > DENSE_MAX_ROWS:
            problem = f"{cloud.shape[1]} classes and {len(cloud)} rows"
            raise InvalidInput(
                field, problem, f"With more than 3 classes send at most {DENSE_MAX_ROWS} rows."
            )
        clouds.append(cloud)
    return clouds
