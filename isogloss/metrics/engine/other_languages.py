"""Would an input narrow the gap over *other* languages, too? The ratio of two spreads, from paired languages.

Languages are taken as drawn from many. A score on the logit scale is

    input + language by input + seed by input + seed by language by input + noise of items

with bivariate normal effects of language (one a input, correlated). The endpoint is log(σ of the first / σ of
the second), of the effects of language alone: the noise of items is known (the bootstrap's covariance), that
of seeds is estimated where there are several, a seed's common shift falls out. The interval is the profile
likelihood's, cut where it is exact without noise: there it is Pitman's and Morgan's test (1939) turned
around, which stands beside it. Unlike the exchange of inputs within languages these can reject with few
languages, and a difference in level between the inputs costs them no power.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.linalg import solve_triangular
from scipy.optimize import brentq, minimize

from isogloss.errors import InvalidInput
from isogloss.metrics.engine.checks import Floats, check_scores
from isogloss.metrics.engine.intervals import Interval
from isogloss.metrics.engine.spread_design import MATTERS, detectable_ratio, spread_power

LIMIT = 3.0
"""Log ratio at which an interval ends that has no end: 20 times as far apart."""


@dataclass(frozen=True)
class SpreadRatio:
    """`log_ratio` > 0: the first input's languages lie further apart. `p_value` two-sided.

    `noise_first`, `noise_second`: the share of what is seen of a spread (its variance) that is noise of items
    and seeds; `correlation` of the inputs' effects of language. `power` to find a ratio of `MATTERS` at level
    .05, and `detectable_ratio`, below 1: what so many languages show with a power of .8. Both for what was
    seen of correlation and noise. `pitman_morgan_…`: of the scores as they are, in points, noise and all.
    """

    languages: int
    seeds: int
    log_ratio: float
    interval: Interval
    p_value: float
    correlation: float
    noise_first: float
    noise_second: float
    power: float
    detectable_ratio: float
    pitman_morgan_log_ratio: float
    pitman_morgan_p_value: float


def spread_ratio(
    languages: Sequence[str],
    first: Sequence[float] | Floats,
    second: Sequence[float] | Floats,
    level: float,
    noise: Floats | None = None,
) -> SpreadRatio | None:
    """Of percentages [L], or [L, seeds]; None below four languages, and where no spread is left to compare.

    `noise` [2 L, 2 L]: covariance over items of the logits (`logit_noise`), the first input's before the
    second's.
    """
    sides = [_logits(languages, scores, name) for scores, name in ((first, "first"), (second, "second"))]
    if sides[0].shape != sides[1].shape:
        raise InvalidInput(
            "second", f"{sides[1].shape[1]} seeds, but {sides[0].shape[1]} in first", "As many."
        )
    n, seeds = sides[0].shape
    a, b = (side.mean(axis=1) for side in sides)
    if n < 4 or np.ptp(a) == 0 or np.ptp(b) == 0 or abs(np.corrcoef(a, b)[0, 1]) > 1 - 1e-9:
        return None
    known = np.zeros((2 * n, 2 * n)) if noise is None else noise.copy()
    known[np.diag_indices(2 * n)] += np.repeat([_noise_of_seeds(side) / seeds for side in sides], n)
    shares = [float(np.diag(k).mean() / side.var(ddof=1)) for k, side in _blocks(known, a, b)]
    if max(shares) >= 1:
        return None
    model = _Likelihood(a, b, known)
    ratio, correlation = model.best
    low, high = (model.end(sign, _cut(n, level)) for sign in (-1, 1))
    alone, p = pitman_morgan(*(_means(scores) for scores in (first, second)))
    mean_share = float(np.mean(shares))
    excess = mean_share / (1 - mean_share)
    return SpreadRatio(
        languages=n,
        seeds=seeds,
        log_ratio=ratio,
        interval=Interval(low, high, level, "profile likelihood over languages"),
        p_value=_p_value(model.rise(0.0), n),
        correlation=correlation,
        noise_first=shares[0],
        noise_second=shares[1],
        power=spread_power(MATTERS, n, correlation, excess),
        detectable_ratio=detectable_ratio(n, correlation, excess),
        pitman_morgan_log_ratio=alone,
        pitman_morgan_p_value=p,
    )


def pitman_morgan(a: Floats, b: Floats) -> tuple[float, float]:
    """Log ratio of two paired series' standard deviations [n], and its two-sided p-value, exact for normal
    ones: two variances are equal when sum and difference do not correlate."""
    n = len(a)
    alike = float(np.corrcoef(a + b, a - b)[0, 1])
    p = 2 * stats.t.sf(abs(alike) * np.sqrt((n - 2) / max(1e-300, 1 - alike**2)), n - 2)
    return float(np.log(a.std() / b.std())), float(p)


def logit_noise(drawn: Floats) -> Floats:
    """Covariance [2 L, 2 L] of the logits of scores that were drawn anew: [draws, 2 L] percentages."""
    return np.asarray(np.cov(_logit(drawn[np.isfinite(drawn).all(axis=1)]), rowvar=False))


class _Likelihood:
    """Of the log ratio of the spreads of two inputs' effects of language, all else at its best."""

    def __init__(self, a: Floats, b: Floats, known: Floats) -> None:
        self._n, self._known = len(a), known
        self._columns = np.column_stack([np.concatenate([a, b]), np.repeat(np.eye(2), len(a), axis=0)])
        spreads = [
            np.sqrt(max(side.var() - np.diag(k).mean(), 0.05 * side.var()))
            for k, side in _blocks(known, a, b)
        ]
        rho = np.clip(np.corrcoef(a, b)[0, 1], -0.95, 0.95)
        start = [np.log(spreads[0] / spreads[1]), np.log(spreads[0] * spreads[1]) / 2, np.arctanh(rho)]
        options = {"xatol": 1e-4, "fatol": 1e-6, "maxiter": 600}
        found = minimize(lambda x: self._deviance(*x), start, method="Nelder-Mead", options=options)
        self._least, self._at = float(found.fun), found.x[1:]
        self.best = float(np.clip(found.x[0], -LIMIT, LIMIT)), float(np.tanh(found.x[2]))

    def rise(self, ratio: float) -> float:
        """How much less likely a log ratio is than the best: twice the difference of log likelihoods."""
        options = {"xatol": 1e-3, "fatol": 1e-5, "maxiter": 300}
        found = minimize(lambda x: self._deviance(ratio, *x), self._at, method="Nelder-Mead", options=options)
        return max(0.0, float(found.fun) - self._least)

    def end(self, sign: int, cut: float) -> float:
        """Where the rise reaches the cut, above (1) or below (-1) the best."""
        over: Callable[[float], float] = lambda ratio: self.rise(ratio) - cut  # noqa: E731
        step, near = 0.25, self.best[0]
        while abs(far := near + sign * step) < LIMIT:
            if over(far) > 0:
                return float(brentq(over, *sorted((near, far)), xtol=1e-3))
            near, step = far, 2 * step
        limit = sign * LIMIT
        return (
            float(brentq(over, *sorted((near, limit)), xtol=1e-3)) if over(limit) > 0 > over(near) else limit
        )

    def _deviance(self, ratio: float, middle: float, z: float) -> float:
        """-2 log likelihood less a constant, the inputs' levels at their best."""
        first, second = np.exp(np.clip([middle + ratio / 2, middle - ratio / 2], -12, 12))
        between = np.tanh(z) * first * second
        covariance = np.kron([[first**2, between], [between, second**2]], np.eye(self._n)) + self._known
        try:
            root = np.linalg.cholesky(covariance + 1e-12 * np.eye(2 * self._n))
        except np.linalg.LinAlgError:
            return 1e12
        whitened = solve_triangular(root, self._columns, lower=True, check_finite=False)
        y, x = whitened[:, 0], whitened[:, 1:]
        rest = y - x @ np.linalg.solve(x.T @ x, x.T @ y)
        return float(rest @ rest + 2 * np.log(np.diag(root)).sum())


def _cut(n: int, level: float) -> float:
    """Of the rise: what Student's t of Pitman and Morgan is on its scale."""
    return float(n * np.log1p(stats.t.ppf((1 + level) / 2, n - 2) ** 2 / (n - 2)))


def _p_value(rise: float, n: int) -> float:
    return float(2 * stats.t.sf(np.sqrt(np.expm1(rise / n) * (n - 2)), n - 2))


def _noise_of_seeds(logits: Floats) -> float:
    """Variance of one seed's deviation in one language, beside its common shift: of [L, seeds]."""
    n, seeds = logits.shape
    if seeds < 2:
        return 0.0
    rest = logits - logits.mean(axis=1, keepdims=True) - logits.mean(axis=0) + logits.mean()
    return float(np.sum(rest**2) / ((n - 1) * (seeds - 1)))


def _blocks(known: Floats, a: Floats, b: Floats) -> list[tuple[Floats, Floats]]:
    """Each input's own noise [L, L] with its scores [L]."""
    n = len(a)
    return [(known[:n, :n], a), (known[n:, n:], b)]


def _logits(languages: Sequence[str], scores: Sequence[float] | Floats, field: str) -> Floats:
    """[L, seeds]."""
    values = np.asarray(scores, dtype=np.float64)
    columns = values[:, None] if values.ndim == 1 else values
    return np.stack([_logit(check_scores(languages, column, field)) for column in columns.T], axis=1)


def _means(scores: Sequence[float] | Floats) -> Floats:
    """Over seeds: [L]."""
    values = np.asarray(scores, dtype=np.float64)
    return values if values.ndim == 1 else np.asarray(values.mean(axis=1))


def _logit(scores: Floats) -> Floats:
    """Of percentages; 0 and 100 count as .05 and 99.95."""
    share = np.clip(scores / 100, 5e-4, 1 - 5e-4)
    return np.asarray(np.log(share / (1 - share)))
