"""Entropic optimal transport between two clouds of class probabilities (Cuturi 2013), to a stated accuracy.

Squared Euclidean cost, each point with weight 1/n, plan P = diag(u) K diag(v) with K = exp(-cost / reg).

Sinkhorn's iteration alone is not enough here. A fine-tuned classifier's probabilities sit in the corners of
the simplex; mass that must change corners does so by exp(-2 / reg) per iteration, and 10,000 iterations leave
a marginal error of 3e-5 at reg 0.1. So a few iterations are followed by Newton's method on the concave dual,
with conjugate gradients inside: the corners are its few slow directions, and it converges in some 10 steps.
Every product with the kernel goes through `gauss_kernel`. Plain float64 scalings: above `MIN_REGULARIZATION`
no kernel entry underflows.
"""

from dataclasses import dataclass

import numpy as np

from isogloss.errors import Failed, InvalidInput
from isogloss.metrics.engine.checks import Floats
from isogloss.metrics.engine.gauss_kernel import Kernel, gauss_kernel

MIN_REGULARIZATION = 0.005
"""exp(-cost / reg) nears the end of float64 below; exact transport is the better answer there."""

TOLERANCE = 1e-7
"""L1 error of the marginals at which a plan has converged. Cost is at most 2, so values err by some 2e-7."""

MAX_ROUNDS = 20
_SWEEPS = 50  # Sinkhorn iterations per round
_NEWTON_STEPS = 30  # at most, per round


@dataclass(frozen=True)
class Plan:
    """A solved problem: each point's potential, both values, and how far it converged.

    `entropic` is the regularized optimum <P, C> + reg KL(P | a b'), `transport_cost` its first part alone.
    """

    left_potential: Floats
    right_potential: Floats
    entropic: float
    transport_cost: float
    marginal_error: float


def check_regularization(regularization: float) -> None:
    """In units of the cost: squared distance of probabilities, at most 2."""
    if not MIN_REGULARIZATION <= regularization <= 10:
        fix = f"Send {MIN_REGULARIZATION} to 10; for less, read the exact value."
        raise InvalidInput("regularization", f"{regularization:g}", fix)


def solve(left: Floats, right: Floats, regularization: float) -> Plan:
    """The plan between [n, k] and [m, k] points; `Failed` when a marginal error stays above `TOLERANCE`."""
    kernel = gauss_kernel(left, right, regularization)
    dual = _Dual(kernel, len(left), len(right))
    v = np.ones(len(right))
    for _ in range(MAX_ROUNDS):
        u, v, error = _sweeps(dual, v)
        if error <= TOLERANCE:
            return _plan(kernel, left, right, u, v, regularization, error)
        if not np.isfinite(error):
            break
        v = dual.climb(u)
    raise _not_converged(regularization, error)


def solve_symmetric(cloud: Floats, regularization: float) -> Plan:
    """A cloud to itself: one scaling, averaged with its update in logs, converges in tens of steps."""
    kernel = gauss_kernel(cloud, cloud, regularization)
    a = 1 / len(cloud)
    u = np.ones(len(cloud))
    error = np.inf
    for _ in range(MAX_ROUNDS * _SWEEPS):
        rows = kernel.apply(u)
        error = float(np.abs(u * rows - a).sum())
        if error <= TOLERANCE:
            return _plan(kernel, cloud, cloud, u, u, regularization, error)
        u = np.sqrt(u * a / rows)
    raise _not_converged(regularization, error)


def _sweeps(dual: "_Dual", v: Floats) -> tuple[Floats, Floats, float]:
    """Sinkhorn's iteration: u, v and the columns' error. The rows hold exactly after the update of u."""
    u, error = v, np.inf
    for _ in range(_SWEEPS):
        u = dual.a / dual.kernel.apply(v)
        columns = dual.kernel.apply_transposed(u)
        error = float(np.abs(v * columns - dual.b).sum())
        if error <= TOLERANCE:
            break
        v = dual.b / columns
    return u, v, error


class _Dual:
    """The dual as a function of φ = log u alone, with v at its best: convex when negated.

    Its gradient is the rows' error of the plan, its Hessian diag(rows) - P diag(1/b) P'. All times n, so that
    entries are of order 1.
    """

    def __init__(self, kernel: Kernel, rows: int, columns: int) -> None:
        self.kernel, self.rows = kernel, rows
        self.a, self.b = 1 / rows, 1 / columns
        self._at: tuple[Floats, Floats, Floats, Floats] | None = None

    def climb(self, u: Floats) -> Floats:
        """Newton's method within a trust region from u; returns v."""
        from scipy.optimize import minimize

        radius = float(np.sqrt(self.rows))  # a step that moves each φ by 1
        options = {
            "gtol": TOLERANCE / 10,
            "maxiter": _NEWTON_STEPS,
            "initial_trust_radius": radius,
            "max_trust_radius": 1e4 * radius,
        }
        start = np.log(u)
        found = minimize(
            self._value, start, jac=True, hessp=self._hessian, method="trust-ncg", options=options
        )
        return np.asarray(self.b / self.kernel.apply_transposed(np.exp(found.x)))

    def _value(self, phi: Floats) -> tuple[float, Floats]:
        _, _, columns, rows = self._state(phi)
        value = self.b * np.log(columns).sum() - self.a * phi.sum()
        return self.rows * float(value), self.rows * (rows - self.a)

    def _hessian(self, phi: Floats, direction: Floats) -> Floats:
        _, u, columns, rows = self._state(phi)
        moved = self.kernel.apply(self.b / columns**2 * self.kernel.apply_transposed(u * direction))
        return np.asarray(self.rows * (rows * direction - u * moved))

    def _state(self, phi: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """φ, u, K'u, and the plan's row sums; kept, since value and Hessian ask for the same φ in turn."""
        if self._at is None or self._at[0] is not phi:
            u = np.exp(phi)
            columns = self.kernel.apply_transposed(u)
            self._at = (phi, u, columns, u * self.kernel.apply(self.b / columns))
        return self._at


def _plan(
    kernel: Kernel,
    left: Floats,
    right: Floats,
    u: Floats,
    v: Floats,
    regularization: float,
    error: float,
) -> Plan:
    f = regularization * np.log(u * len(left))
    g = regularization * np.log(v * len(right))
    products = sum(
        float(np.sum(u * x * kernel.apply(v * y))) for x, y in zip(left.T, right.T, strict=True)
    )  # Σ P x·y
    cost = float(np.mean(np.sum(left**2, axis=1)) + np.mean(np.sum(right**2, axis=1)) - 2 * products)
    return Plan(f, g, float(f.mean() + g.mean()), cost, error)


def _not_converged(regularization: float, error: float) -> Failed:
    return Failed(
        f"Sinkhorn did not converge at regularization {regularization:g}: marginals are off by {error:.2g},"
        f" more than {TOLERANCE:g}. Raise `regularization`, or read the exact value.",
        marginal_error=f"{error:.3g}",
        converged="false",
    )
